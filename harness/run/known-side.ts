import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { parseFragment } from '../kernel/fragment.js';
import type { Fragment } from '../kernel/kconfig.js';
import { stackOf } from '../series/prefix.js';
import { readJson, writeAtomically } from '../store/atomic.js';
import { digestFile, digestOf, keyOf } from '../store/digest.js';
import { configurationSchema, diagnosticSchema, digestSchema } from '../store/schemas.js';
import type { KnownSide, SideRequest } from './side.js';

const guestProgramSchema = z.object({
  ...{ name: z.string(), path: z.string(), timeoutMs: z.number(), judge: z.enum(['exit', 'ktap']) },
  ...{ tests: z.array(z.string()), env: z.array(z.string()) },
});

const recordSchema = z.object({
  configuration: configurationSchema,
  build: z.object({
    kind: z.literal('built'),
    image: z.object({ path: z.string(), digest: digestSchema, bytes: z.number() }),
    diagnostics: z.array(diagnosticSchema),
    objects: z.number(),
    ms: z.number(),
    argv: z.array(z.string()),
    log: z.string(),
  }),
  guest: z.object({
    path: z.string(),
    digest: digestSchema,
    programs: z.array(guestProgramSchema),
    absent: z.array(guestProgramSchema),
  }),
});

/** The files that go into a guest beside what the tree gives: init, runner, probes, busybox. */
async function guestInputs(ctx: Context, request: SideRequest): Promise<readonly string[]> {
  const { files } = ctx.effects;
  const folders = ['rootfs/guest', 'rootfs/probes'].map((name) => join(request.packageRoot, name));
  const names = await Promise.all(
    folders.map(async (folder) => {
      const entries = await files.readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  const own = request.suite.programs.flatMap(({ from }) => (from.kind === 'source' ? [from.path] : []));
  const paths = [...new Set([...names.flat(), ...own])].sort();
  const digests = await Promise.all(paths.map((path) => digestFile(ctx.effects, path).catch(() => 'absent')));
  const busybox = await files.stat('/bin/busybox').catch(() => undefined);
  return [...digests, `busybox ${busybox?.size ?? 0} ${busybox?.mtimeMs ?? 0}`];
}

/** Named by everything that goes into a side. */
async function recordPath(ctx: Context, request: SideRequest, fragments: readonly Fragment[]): Promise<string> {
  const { tree, series, suite, environment } = request;
  const key = keyOf({
    tree: tree.source.digest,
    patches: stackOf(series).map((patch) => patch.digest),
    options: [...parseFragment(fragments.map(({ text }) => text).join('\n'))],
    toolchain: environment.toolchain.digest,
    sandbox: environment.sandbox.kind,
    variables: request.profile.makeVariables,
    programs: suite.programs,
    inputs: await guestInputs(ctx, request),
  });
  return join(ctx.cache.builds, `${key}.json`);
}

async function isIntact(ctx: Context, path: string, expected: string): Promise<boolean> {
  return (await digestFile(ctx.effects, path).catch(() => undefined)) === expected;
}

/** What the same side was made to before, when kernel and initramfs are still there, byte for byte. */
export async function knownSide(ctx: Context, request: SideRequest, fragments: readonly Fragment[]): Promise<KnownSide | undefined> {
  const record = await readJson(ctx, await recordPath(ctx, request, fragments), recordSchema);
  if (!record) return undefined;
  const { build, guest, configuration } = record;
  const intact =
    digestOf(configuration.text) === configuration.digest &&
    (await isIntact(ctx, build.image.path, build.image.digest)) &&
    (await isIntact(ctx, guest.path, guest.digest));
  return intact ? { configuration, guest, build: { ...build, reused: true } } : undefined;
}

export async function rememberSide(ctx: Context, request: SideRequest, fragments: readonly Fragment[], side: KnownSide): Promise<void> {
  const { reused, ...build } = side.build;
  await writeAtomically(ctx, await recordPath(ctx, request, fragments), JSON.stringify({ ...side, build }));
}
