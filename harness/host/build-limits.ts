import type { Context } from '../context.js';
import type { Command, Completed, Effects } from '../effects.js';
import { hostError, usageError, type HarnessError } from '../errors.js';
import { interruption } from './interruption.js';

/** What one call of make, or of a compiler, may take of this host. */
export interface BuildLimits {
  readonly timeMs: number;
  /** Of the folder that it writes to. */
  readonly folderBytes: number;
  /** Of text, on both streams. */
  readonly outputBytes: number;
}

/** Why a program was ended. */
export type Exceeded =
  | { readonly what: 'time'; readonly limit: number }
  | { readonly what: 'space'; readonly limit: number }
  | { readonly what: 'files'; readonly limit: number }
  | { readonly what: 'output'; readonly limit: number };

export interface Watched extends Completed {
  /** Undefined when it ended by itself. */
  readonly exceeded: Exceeded | undefined;
}

const GIB = 1024 ** 3;
/** A build of everything with all warnings prints a tenth. */
const MOST_OUTPUT_BYTES = 32 * 1024 * 1024;
/** A build of everything leaves 100,000. */
const MOST_FILES = 1_000_000;
/** Below this a limit by what the disk has would be in the way of an honest build: that one fails when the disk is full. */
const LEAST_FOLDER_BYTES = 512 * 1024 * 1024;
const LOOK_MS = 500;
/** A folder that takes longer to be measured has more than any build leaves. */
const DU_MS = 120_000;

function positive(env: Effects['env'], name: string, unit: string, otherwise: number): number {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const value = /^\d{1,9}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw usageError('limit.invalid', `${name} is "${text.slice(0, 80)}", and should be a number of ${unit} such as ${otherwise}`);
}

/**
 * The limits of this host: `RESPIN_BUILD_MINUTES`, 120 without it, and `RESPIN_BUILD_GIB`, 16.
 * @throws HarnessError `usage` `limit.invalid`
 */
export function readBuildLimits(env: Effects['env']): BuildLimits {
  return {
    timeMs: positive(env, 'RESPIN_BUILD_MINUTES', 'minutes', 120) * 60_000,
    folderBytes: positive(env, 'RESPIN_BUILD_GIB', 'GiB', 16) * GIB,
    outputBytes: MOST_OUTPUT_BYTES,
  };
}

/** What a file system has in use, of its bytes and of its files. */
interface InUse {
  readonly bytes: number;
  readonly files: number;
  readonly freeBytes: number;
}

async function inUse(ctx: Pick<Context, 'effects'>, folder: string): Promise<InUse> {
  const { blocks, bfree, bavail, bsize, files, ffree } = await ctx.effects.files.statfs(folder);
  return { bytes: (blocks - bfree) * bsize, files: files - ffree, freeBytes: bavail * bsize };
}

async function measure(ctx: Pick<Context, 'effects'>, folder: string, args: readonly string[]): Promise<number> {
  // What comes and goes while du looks is no fault.
  const done = await ctx.effects.processes.run({ file: 'du', args: ['-s', '-x', ...args, '--', folder], timeoutMs: DU_MS });
  if (done.timedOut) return Infinity;
  return Number(/^\d+/.exec(done.stdout)?.[0] ?? 0);
}

/**
 * Looks whether a folder grew beyond its limits. To ask the file system as a whole costs nothing: the folder is only measured when
 * that has grown by so much that it may be the folder's doing.
 */
async function openFolderWatch(ctx: Pick<Context, 'effects'>, folder: string, { folderBytes }: BuildLimits): Promise<() => Promise<Exceeded | undefined>> {
  const start = await inUse(ctx, folder);
  const limit = Math.min(folderBytes, Math.max(start.freeBytes / 2, LEAST_FOLDER_BYTES));
  let { bytes, files } = start;
  return async () => {
    const now = await inUse(ctx, folder);
    if (now.bytes - bytes > limit / 8) {
      ({ bytes } = now);
      if ((await measure(ctx, folder, ['--block-size=1'])) > limit) return { what: 'space', limit };
    }
    if (now.files - files > MOST_FILES / 8) {
      ({ files } = now);
      if ((await measure(ctx, folder, ['--inodes'])) > MOST_FILES) return { what: 'files', limit: MOST_FILES };
    }
    return undefined;
  };
}

/**
 * Runs a program that may be hostile to its end, or to that of what it is given.
 * @param folder what it writes to, and exists
 * @throws HarnessError as `Processes.start`; Interrupted
 */
export async function runWatched(ctx: Pick<Context, 'effects'>, command: Command, { folder, limits }: { readonly folder: string; readonly limits: BuildLimits }): Promise<Watched> {
  const { clock, processes, interrupted } = ctx.effects;
  const look = await openFolderWatch(ctx, folder, limits);
  const running = await processes.start({ ...command, timeoutMs: limits.timeMs, mostOutputBytes: limits.outputBytes }, 0);
  let exceeded: Exceeded | undefined;
  let done: Completed | undefined;
  try {
    do {
      done = await Promise.race([running.ended, clock.sleep(LOOK_MS).then(() => undefined)]);
      exceeded = interrupted.aborted ? undefined : await look();
    } while (done === undefined && exceeded === undefined);
  } finally {
    running.kill();
  }
  done ??= await running.ended;
  if (interrupted.aborted) throw interruption();
  if (done.flooded === true) exceeded ??= { what: 'output', limit: limits.outputBytes };
  if (done.timedOut) exceeded ??= { what: 'time', limit: limits.timeMs };
  return { ...done, exceeded };
}

function words({ what, limit }: Exceeded): string {
  switch (what) {
    case 'time':
      return `it took longer than ${Math.round(limit / 6000) / 10} minutes`;
    case 'space':
      return `its folder grew beyond ${(limit / GIB).toFixed(1)} GiB`;
    case 'files':
      return `it made more than ${limit} files`;
    case 'output':
      return `it printed more than ${limit / 1024 / 1024} MiB`;
  }
}

const HINTS: Readonly<Record<Exceeded['what'], string>> = {
  time: 'a build that is meant to take longer: export RESPIN_BUILD_MINUTES=600',
  space: 'a build that is meant to be larger, on a disk that has the space: export RESPIN_BUILD_GIB=50',
  files: 'look at what the series changes in Makefiles and scripts',
  output: 'look at what the series changes in Makefiles and scripts',
};

/** The error for a build that was ended because of a limit. It is nobody's verdict: a slow host is as good a reason as a bad patch. */
export function limitExceeded(what: string, exceeded: Exceeded): HarnessError {
  return hostError(`build.limit-${exceeded.what}`, `${what} was ended: ${words(exceeded)}; this says nothing about the series`, { hint: HINTS[exceeded.what] });
}

/** The error for a build, or a part of one, that failed for no fault of what it builds. */
export function cutShort(code: string, what: string, fault: string, output: string): HarnessError {
  return hostError(code, `${what} was cut short by the host: ${fault}`, {
    output,
    hint: 'this says nothing about the series; see that there is memory and disk space, then run again',
  });
}
