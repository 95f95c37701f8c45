import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import { writeError } from '../store/atomic.js';

/** A lock that is held. */
export interface Lock {
  /**
   * Given to `Command.holds`, it keeps the lock until that program and its descendants are dead as well. A program that does not
   * want to can let go of it, and gains nothing as long as respin lives.
   */
  readonly fd: number;
}

export interface LockOptions {
  /** `shared` goes with other shared holders and keeps exclusive ones out. Default: `exclusive`. */
  readonly mode?: 'exclusive' | 'shared';
}

/** Exit code of flock(1) for a lock that another holds, as asked for with `-E`. */
const HELD_BY_ANOTHER = 75;

/**
 * Runs `body` while it holds the lock of this name, on which all runs with one cache agree. The kernel holds the lock
 * (flock(2) on an open file description), so that it is free at once when its holders are dead, however they ended.
 * @throws HarnessError `host` `lock.failed` when the file system has no locks; `disk.full`, `file.write`
 */
export async function withLock<T>(
  ctx: Context,
  name: string,
  body: (lock: Lock) => Promise<T>,
  { mode = 'exclusive' }: LockOptions = {},
): Promise<T> {
  const held = await hold(ctx, name, mode, true, body);
  if (held === undefined) throw hostError('lock.failed', `the lock of ${name} was not given`);
  return held.value;
}

/**
 * The same for a lock that nobody holds.
 * @returns undefined, without having done anything, when somebody does
 * @throws HarnessError as `withLock`
 */
export async function withFreeLock<T>(ctx: Context, name: string, body: (lock: Lock) => Promise<T>): Promise<T | undefined> {
  return (await hold(ctx, name, 'exclusive', false, body))?.value;
}

async function hold<T>(ctx: Context, name: string, mode: 'exclusive' | 'shared', waits: boolean, body: (lock: Lock) => Promise<T>): Promise<{ readonly value: T } | undefined> {
  const { files } = ctx.effects;
  const path = join(ctx.cache.locks, `${name.replace(/[^\w.-]/g, '_')}.lock`);
  const how = mode === 'shared' ? '-s' : '-x';
  const take = async (handle: FileHandle, at: string): Promise<boolean> => {
    if (await flock(ctx, handle.fd, at, [how, '-n', '-E', String(HELD_BY_ANOTHER)])) return true;
    if (!waits) return false;
    const holder = (await files.readFile(path, 'utf8')).trim();
    ctx.progress({ type: 'waiting', what: `${name} is in use by ${holder || 'another run'}` });
    return flock(ctx, handle.fd, at, [how]);
  };
  const own = await openLock(ctx, path);
  let lent: FileHandle | undefined;
  try {
    if (!(await take(own, path))) return undefined;
    if (mode === 'exclusive') {
      await own.truncate(0);
      await own.write(`process ${process.pid}`);
    }
    // Whoever has a descriptor can unlock it for all that share it, a hostile build too: that one gets a lock of its own.
    const lentPath = `${path}.lent`;
    lent = await files.open(lentPath, constants.O_RDONLY | constants.O_CREAT);
    if (!(await take(lent, lentPath))) return undefined;
    return { value: await body({ fd: lent.fd }) };
  } finally {
    await lent?.close();
    await own.close();
  }
}

async function openLock({ effects: { files }, cache }: Context, path: string): Promise<FileHandle> {
  try {
    await files.mkdir(cache.locks, { recursive: true });
    return await files.open(path, 'a+');
  } catch (error) {
    throw writeError(path, error);
  }
}

/** flock(1) on an inherited descriptor locks the description that it shares with us, and the lock stays when it exits. */
async function flock(ctx: Context, fd: number, path: string, options: readonly string[]): Promise<boolean> {
  const done = await ctx.effects.processes.run({ file: 'flock', args: [...options, '4'], holds: [fd] });
  if (done.exitCode === 0) return true;
  if (done.exitCode === HELD_BY_ANOTHER) return false;
  throw hostError('lock.failed', `cannot lock ${path}: flock ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, {
    output: done.stderr,
    hint: 'the cache must be on a local file system with flock(2); set RESPIN_CACHE to a folder on one',
  });
}
