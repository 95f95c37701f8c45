import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { errnoOf, HarnessError, hostError } from '../errors.js';
import type { Diagnostic, SeenFile } from '../model.js';
import { readJson, writeAtomically } from '../store/atomic.js';
import { diagnosticSchema } from '../store/schemas.js';
import { removeTree } from '../store/remove-tree.js';

/**
 * A build folder. Base and every series have their own, on one source tree, so that each is built further from where
 * it was left. Make goes by times: a file must look newer than the objects of this folder when its content is not what
 * they were made of, and must not when it is. The slot keeps what they were made of.
 */
export interface Slot {
  readonly home: string;
  /** `home/objects`: all that a build sees of it, and writes to. The state lies beside, out of its reach. */
  readonly objects: string;
  readonly state: SlotState;
}

/** The part of a slot's folder that a build writes to. */
export function objectsIn(home: string): string {
  return join(home, 'objects');
}

const stateSchema = z.object({
  /** Milliseconds since 1970, the latest that the clock showed when something here was made: one that is behind it cannot be used for times. */
  savedAt: z.number(),
  /** What `pushSeries` told of the files that are or were not the base's when this was built. */
  seen: z.array(z.object({ path: z.string(), digest: z.string().optional(), mtimeMs: z.number().optional() })),
  /** The warnings of each object, since a build that does not compile it again does not repeat them. */
  diagnostics: z.record(z.string(), z.array(diagnosticSchema)),
  /** Objects that a build from nothing compiled. */
  objects: z.number(),
});

export type SlotDiagnostics = Readonly<Record<string, readonly Diagnostic[]>>;

export interface SlotState {
  readonly savedAt: number;
  readonly seen: readonly SeenFile[];
  readonly diagnostics: SlotDiagnostics;
  readonly objects: number;
}

const STATE = 'state.json';
const EMPTY: SlotState = { savedAt: 0, seen: [], diagnostics: {}, objects: 0 };

/** @param latest what the clock showed before, and may not any more: it was put back while make was at work */
export async function saveState(ctx: Context, { home }: Pick<Slot, 'home'>, state: Omit<SlotState, 'savedAt'>, latest = 0): Promise<void> {
  const savedAt = Math.max(ctx.effects.clock.date().getTime(), latest);
  await writeAtomically(ctx, join(home, STATE), JSON.stringify({ ...state, savedAt }));
}

/** How far the times that a file system gives may be behind the clock: a tick of a slow kernel, twice. */
const TICKS_MS = 20;

/**
 * Whether a file that was changed just now looks older than what a slot holds: the clock was put back, and make would not see
 * the change.
 * @param seen what the push told
 */
export function looksOld({ state }: Pick<Slot, 'state'>, seen: readonly SeenFile[]): boolean {
  const known = new Map(state.seen.map(({ path, mtimeMs }) => [path, mtimeMs]));
  return seen.some(({ path, mtimeMs }) => mtimeMs !== undefined && mtimeMs < state.savedAt - TICKS_MS && known.get(path) !== mtimeMs);
}

/** Moves a folder aside before it is removed, so that nobody ever finds half of it. */
async function discard(ctx: Context, folder: string): Promise<void> {
  const { files } = ctx.effects;
  const aside = join(ctx.cache.tmp, `discard-${randomUUID()}`);
  await files.mkdir(ctx.cache.tmp, { recursive: true });
  try {
    await files.rename(folder, aside);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return;
    throw thrown;
  }
  // What a build left may have modes, and names of a length, that a plain removal stumbles over.
  await removeTree(ctx, aside);
}

/** What tells that a build left something in its folder that does not belong there, or too much. */
const SPOILT: ReadonlySet<string> = new Set(['build.limit-space', 'build.limit-files', 'file.not-plain', 'file.too-large', 'image.not-plain']);

/** Lets `body` work in a slot, and throws the slot away when that ends with an error that tells that it is spoilt. */
export async function unlessSpoilt<T>(ctx: Context, { home }: Pick<Slot, 'home'>, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (thrown) {
    if (thrown instanceof HarnessError && SPOILT.has(thrown.code)) await discard(ctx, home);
    throw thrown;
  }
}

async function copyFolder(ctx: Context, from: string, to: string): Promise<void> {
  const { files, processes } = ctx.effects;
  const temporary = join(ctx.cache.tmp, `slot-${randomUUID()}`);
  const done = await processes.run({ file: 'cp', args: ['-a', '--reflink=auto', '--', from, temporary] });
  if (done.exitCode !== 0) {
    await files.rm(temporary, { recursive: true, force: true });
    throw hostError('slot.copy', `cannot copy the build folder ${from}`, {
      output: done.stderr,
      hint: 'free some space, or put the cache elsewhere with RESPIN_CACHE',
    });
  }
  await files.rename(temporary, to);
}

/**
 * Opens the build folder `name` of a tree and configuration. One that is not there is copied from the one named `seed`
 * where that is complete, else made empty; one whose state cannot be trusted is made anew.
 * @param anew throws away what there is and does not copy
 */
export async function openSlot(
  ctx: Context,
  folder: string,
  name: string,
  options: { readonly seed?: string | undefined; readonly anew: boolean },
): Promise<Slot> {
  const { files, clock } = ctx.effects;
  const home = join(folder, name);
  const objects = objectsIn(home);
  const readState = async (of: string): Promise<SlotState | undefined> => {
    const state = await readJson(ctx, join(of, STATE), stateSchema);
    return state !== undefined && state.savedAt <= clock.date().getTime() ? state : undefined;
  };
  await files.mkdir(folder, { recursive: true });
  // A build may leave programs with set-id modes in it, owned by whoever runs respin: nobody else gets to them.
  await files.chmod(folder, 0o700);
  const known = options.anew ? undefined : await readState(home);
  if (known !== undefined) return { home, objects, state: known };
  await discard(ctx, home);
  await files.mkdir(ctx.cache.tmp, { recursive: true });
  const seed = options.seed === undefined || options.anew ? undefined : join(folder, options.seed);
  const seedState = seed === undefined ? undefined : await readState(seed);
  if (seed !== undefined && seedState !== undefined) {
    await copyFolder(ctx, seed, home);
    return { home, objects, state: seedState };
  }
  await files.mkdir(objects, { recursive: true });
  await saveState(ctx, { home }, EMPTY);
  return { home, objects, state: EMPTY };
}
