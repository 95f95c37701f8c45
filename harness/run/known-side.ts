import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { isUnchanged } from '../guest/compile.js';
import { parseFragment } from '../kernel/fragment.js';
import type { Fragment } from '../kernel/kconfig.js';
import { stackOf } from '../series/prefix.js';
import { digestFile, digestOf, keyOf } from '../store/digest.js';
import { readSealed, writeSealed } from '../store/sealed.js';
import { configurationSchema, diagnosticSchema, digestSchema } from '../store/schemas.js';
import type { KnownImage, KnownSide, SideRequest } from './side.js';

const guestProgramSchema = z.object({
  ...{ name: z.string(), path: z.string(), timeoutMs: z.number(), judge: z.enum(['exit', 'ktap', 'auto']) },
  ...{ tests: z.array(z.string()), env: z.array(z.string()), args: z.array(z.string()).optional(), cwd: z.string().optional() },
});

const imageSchema = z.object({
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
  /** Null for a base; a record of before this was kept has none, and is made again. */
  coverage: z.object({ compiled: z.array(z.string()), unbuilt: z.array(z.object({ path: z.string(), needs: z.string() })) }).nullable(),
});

const guestSchema = z.object({
  path: z.string(),
  digest: digestSchema,
  programs: z.array(guestProgramSchema),
  leftOut: z.array(z.object({ program: guestProgramSchema, status: z.enum(['missing', 'skip', 'fail']), reason: z.string() })),
  /** What the compiler read of the user's own folders. */
  reads: z.array(z.object({ path: z.string(), digest: digestSchema })),
});

/** The files that go into a guest beside what the tree gives: init, runner, probes, busybox. */
export async function guestInputs(ctx: Context, request: Pick<SideRequest, 'packageRoot' | 'suite'>): Promise<readonly string[]> {
  const { files } = ctx.effects;
  const folders = ['rootfs/guest', 'rootfs/probes'].map((name) => join(request.packageRoot, name));
  const names = await Promise.all(
    folders.map(async (folder) => {
      const entries = await files.readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  const own = request.suite.programs.flatMap(({ from, files: extra }) => [...('path' in from ? [from.path] : []), ...extra.map(({ path }) => path)]);
  const paths = [...new Set([...names.flat(), ...own])].sort();
  const digests = await Promise.all(
    paths.map(async (path) => {
      const digest = await digestFile(ctx.effects, path).catch(() => 'absent');
      const mode = (await files.stat(path).catch(() => undefined))?.mode ?? 0;
      return `${digest} ${(mode & 0o111) === 0 ? 'data' : 'program'}`;
    }),
  );
  const busybox = await files.stat('/bin/busybox').catch(() => undefined);
  return [...digests, `busybox ${busybox?.size ?? 0} ${busybox?.mtimeMs ?? 0}`];
}

/** Named by everything that goes into a kernel. */
function imageKey({ tree, series, environment, profile }: SideRequest, fragments: readonly Fragment[]): string {
  return keyOf({
    tree: tree.source.digest,
    patches: stackOf(series).map((patch) => patch.digest),
    // The same patches as a base and as a series: what was compiled of them is only asked of a series.
    prerequisites: series.prerequisites.length,
    options: [...parseFragment(fragments.map(({ text }) => text).join('\n'))],
    toolchain: environment.toolchain.digest,
    sandbox: environment.sandbox.kind,
    variables: profile.makeVariables,
  });
}

function imagePath(ctx: Context, request: SideRequest, fragments: readonly Fragment[]): string {
  return join(ctx.cache.builds, `${imageKey(request, fragments)}.json`);
}

/** Named by everything that goes into a guest: its programs are compiled against the tree with the series on it. */
async function guestPath(ctx: Context, request: SideRequest, fragments: readonly Fragment[]): Promise<string> {
  const { programs } = request.suite;
  const key = keyOf({ image: imageKey(request, fragments), slowness: request.profile.slowness, programs, inputs: await guestInputs(ctx, request) });
  return join(ctx.cache.builds, `guest-${key}.json`);
}

async function isIntact(ctx: Context, path: string, expected: string): Promise<boolean> {
  return (await digestFile(ctx.effects, path).catch(() => undefined)) === expected;
}

/** What the same kernel was built to before, when it is still there, byte for byte. Other programs for the guest make no other kernel. */
export async function knownImage(ctx: Context, request: SideRequest, fragments: readonly Fragment[]): Promise<KnownImage | undefined> {
  const record = await readSealed(ctx, imagePath(ctx, request, fragments), imageSchema);
  if (!record) return undefined;
  const { build, configuration, coverage } = record;
  const intact = digestOf(configuration.text) === configuration.digest && (await isIntact(ctx, build.image.path, build.image.digest));
  return intact ? { configuration, build: { ...build, reused: true }, coverage: coverage ?? undefined } : undefined;
}

/** What goes with a known kernel: the guest that was packed for it before, when it is still there, byte for byte. */
export async function knownSide(ctx: Context, request: SideRequest, fragments: readonly Fragment[], image: KnownImage): Promise<KnownSide | undefined> {
  const record = await readSealed(ctx, await guestPath(ctx, request, fragments), guestSchema);
  if (!record) return undefined;
  const { reads, ...guest } = record;
  const intact = (await isIntact(ctx, guest.path, guest.digest)) && (await isUnchanged(ctx, reads));
  return intact ? { ...image, guest, reads } : undefined;
}

export async function rememberImage(ctx: Context, request: SideRequest, fragments: readonly Fragment[], { configuration, build, coverage }: KnownImage): Promise<void> {
  const { reused, ...rest } = build;
  await writeSealed(ctx, imagePath(ctx, request, fragments), { configuration, build: rest, coverage: coverage ?? null });
}

export async function rememberGuest(ctx: Context, request: SideRequest, fragments: readonly Fragment[], { guest, reads }: Pick<KnownSide, 'guest' | 'reads'>): Promise<void> {
  await writeSealed(ctx, await guestPath(ctx, request, fragments), { ...guest, reads });
}
