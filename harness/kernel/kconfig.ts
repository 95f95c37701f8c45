import { join } from 'node:path';
import type { Context } from '../context.js';
import type { Command } from '../effects.js';
import { cutShort, limitExceeded, runWatched, type BuildLimits, type Watched } from '../host/build-limits.js';
import type { Room } from '../host/sandbox.js';
import type { ConfigMiss, Configuration, KernelTree, Toolchain, TouchedFile } from '../model.js';
import { writeAtomically } from '../store/atomic.js';
import { digestOf, keyOf } from '../store/digest.js';
import { readPlainFile } from '../store/plain-file.js';
import { configurationSchema } from '../store/schemas.js';
import { readSealed, writeSealed } from '../store/sealed.js';
import { hostFaultOf } from './diagnostics.js';
import { dependenciesIn, parseFragment } from './fragment.js';
import { buildEnv, makeVariables, type MakeSettings } from './make.js';

/** A named piece of configuration; later ones override earlier ones. */
export interface Fragment {
  readonly name: string;
  readonly text: string;
  /** An option that the tree does not have at all is left out: a later patch may bring it, or an old selftest ask for it. */
  readonly optional?: boolean | undefined;
  /** An option of it that does not come out is not missed. */
  readonly wish?: boolean | undefined;
}

export interface ConfigRequest {
  readonly tree: KernelTree;
  readonly objects: string;
  readonly room: Room;
  readonly fragments: readonly Fragment[];
  readonly toolchain: Toolchain;
  readonly settings: MakeSettings;
  /** Whose code makes it, as a name: programs of the kernel's Kconfig are built in the folder. Undefined for the kernel's alone. */
  readonly author: string | undefined;
  readonly limits: BuildLimits;
  /** Kconfig's own programs are compiled first. */
  readonly jobs: number;
  /** What the pushed series changed. */
  readonly touched: readonly TouchedFile[];
  /** Descriptor of the tree's lock. */
  readonly holds: readonly number[];
}

/** The tree refused: Kconfig does not parse, or the compiler cannot be asked. A fault of the tree or its patches. */
export interface ConfigFailed {
  readonly kind: 'config-failed';
  readonly detail: string;
}

/** The largest there is has 300 kB. */
const MOST_CONFIG_BYTES = 16 * 1024 * 1024;

/** What a series may change so that the same fragments give another configuration. */
const SHAPES_CONFIG = /(?:^|\/)Kconfig[^/]*$|^scripts\/|^Makefile$|^arch\/[^/]+\/Makefile|(?:^|\/)configs\//;

/** Where `make tinyconfig` takes its values from (scripts/kconfig/Makefile); merged here in one go with ours. */
const TINY = ['kernel/configs/tiny-base.config', 'kernel/configs/tiny.config', 'arch/x86/configs/tiny.config'];

async function existing(ctx: Context, folder: string, names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      try {
        await ctx.effects.files.access(join(folder, name));
        return [join(folder, name)];
      } catch {
        return [];
      }
    }),
  );
  return found.flat();
}

async function missesOf(ctx: Context, request: ConfigRequest, result: string): Promise<readonly ConfigMiss[]> {
  const got = parseFragment(result);
  const wanted = parseFragment(request.fragments.flatMap(({ wish, text }) => (wish === true ? [] : [text])).join('\n'));
  const missed = [...wanted].filter(([option, value]) => (got.get(option) ?? 'n') !== value);
  const optional = optionalOptions(request.fragments);
  const misses = await Promise.all(
    missed.map(async ([option, value]) => {
      const grep = await ctx.effects.processes.run({
        file: 'grep',
        args: ['-rhE', '--include=Kconfig*', '-A40', `^[[:space:]]*(menu)?config ${option.slice('CONFIG_'.length)}$`, request.tree.src],
      });
      const miss: ConfigMiss = { option, wanted: value, got: got.get(option) ?? 'n', dependsOn: dependenciesIn(grep.stdout, option) };
      return grep.stdout === '' && optional.has(option) ? [] : [miss];
    }),
  );
  return misses.flat();
}

/** The options that only optional fragments ask for. */
function optionalOptions(fragments: readonly Fragment[]): ReadonlySet<string> {
  const textOf = (optional: boolean): string => fragments.filter((fragment) => (fragment.optional === true) === optional).map(({ text }) => text).join('\n');
  const needed = parseFragment(textOf(false));
  return new Set([...parseFragment(textOf(true)).keys()].filter((option) => !needed.has(option)));
}

/** tinyconfig and the fragments, merged by the tree's own tools; every requested option is checked in the result. */
async function merge(ctx: Context, request: ConfigRequest): Promise<Configuration | ConfigFailed> {
  const { files } = ctx.effects;
  const { tree, objects, room } = request;
  const run = async (command: Command): Promise<Watched> => runWatched(ctx, room.command(command), { folder: objects, limits: request.limits });
  const parts = request.fragments.map((fragment, index) => ({ ...fragment, path: join(objects, `.respin-${index}.config`) }));
  for (const part of parts) await writeAtomically(ctx, part.path, part.text);
  const tiny = await existing(ctx, tree.src, TINY);
  const inputs = [...tiny, ...parts.map((part) => part.path)].map(room.path);
  const merged = await run({
    file: 'sh',
    args: [room.path(join(tree.src, 'scripts/kconfig/merge_config.sh')), '-m', '-O', room.path(objects), ...inputs],
    cwd: objects,
    holds: request.holds,
  });
  const all = join(objects, '.respin-all.config');
  if (merged.exitCode === 0) await files.rename(join(objects, '.config'), all);
  const done =
    merged.exitCode === 0
      ? await run({
          file: 'make',
          args: ['-s', `-j${request.jobs}`, '-C', room.path(tree.src), `O=${room.path(objects)}`, ...makeVariables(request.settings), 'allnoconfig'],
          env: { ...buildEnv(room, undefined), KCONFIG_ALLCONFIG: room.path(all) },
          cwd: objects,
          holds: request.holds,
        })
      : merged;
  const { exceeded } = done;
  if (exceeded !== undefined) throw limitExceeded('configuring the kernel', exceeded);
  if (done.exitCode !== 0) {
    const fault = hostFaultOf(done, `${done.stdout}\n${done.stderr}`.split('\n'));
    if (fault !== undefined) throw cutShort('build.host', 'configuring the kernel', fault, done.stderr);
    return { kind: 'config-failed', detail: `${done.stderr}${done.stdout}`.trim().split('\n').slice(-12).join('\n') };
  }
  const text = (await readPlainFile(ctx.effects, join(objects, '.config'), MOST_CONFIG_BYTES)).toString('utf8');
  return { text, digest: digestOf(text), misses: await missesOf(ctx, request, text) };
}

/**
 * The configuration of a tree as it is now, left as `.config` in its build folder. The same tree, fragments and
 * toolchain give the same configuration, which is then taken from the cache: what the kernel's own code made, or the same author's.
 */
export async function configureKernel(ctx: Context, request: ConfigRequest): Promise<Configuration | ConfigFailed> {
  const optional = [...optionalOptions(request.fragments)].sort();
  const inputs = {
    tree: request.tree.source.digest,
    shaped: request.touched.filter((file) => SHAPES_CONFIG.test(file.path)).map((file) => [file.path, file.now ?? null]),
    options: [...parseFragment(request.fragments.map((fragment) => fragment.text).join('\n'))],
    optional: optional.length === 0 ? undefined : optional,
    wishes: request.fragments.flatMap(({ wish, text }) => (wish === true ? [text] : [])).join('\n') || undefined,
    toolchain: request.toolchain.digest,
    settings: request.settings,
  };
  const recordOf = (author: string | undefined): string => join(ctx.cache.configs, `${keyOf({ ...inputs, author })}.json`);
  const read = async (author: string | undefined): Promise<Configuration | undefined> => readSealed(ctx, recordOf(author), configurationSchema);
  const known = (await read(undefined)) ?? (await read(request.author));
  const configuration = known ?? (await merge(ctx, request));
  if ('kind' in configuration) return configuration;
  if (known === undefined) await writeSealed(ctx, recordOf(request.author), configuration);
  await placeConfig(ctx, join(request.objects, '.config'), configuration.text);
  return configuration;
}

/** An unchanged `.config` keeps its time, so that make has nothing to do. */
async function placeConfig(ctx: Context, path: string, text: string): Promise<void> {
  const current = await readPlainFile(ctx.effects, path, MOST_CONFIG_BYTES).catch(() => undefined);
  if (current?.toString('utf8') !== text) await writeAtomically(ctx, path, text);
}
