import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import { readJson, writeAtomically } from '../store/atomic.js';
import type { Slot } from './slot.js';

/** make links whatever lies there by its times alone: what the last build left, as SHA-256 by path. */
const recordSchema = z.record(z.string(), z.string());

export type ObjectRecord = z.infer<typeof recordSchema>;

/** What is made of them all, as a record names it. */
export const VMLINUX = './vmlinux';

const NAME = 'objects.json';
const LIMIT_MS = 120_000;
const KEEP_BYTES = 64 * 1024 * 1024;
/** An object is written in milliseconds; that of a slow disk in a second. */
const LAST_MOMENT_MS = 2000;

const LINKED = ['-type', 'f', '(', '-name', '*.o', '-o', '-name', '*.a', '-o', '-path', VMLINUX, ')'];

async function find(ctx: Pick<Context, 'effects'>, { objects }: Pick<Slot, 'objects'>, action: readonly string[]): Promise<readonly string[]> {
  const done = await ctx.effects.processes.run({ file: 'find', args: ['.', ...LINKED, ...action], cwd: objects, timeoutMs: LIMIT_MS, keepBytes: KEEP_BYTES });
  if (done.exitCode === 0) return done.stdout.split('\0').filter((row) => row !== '');
  throw hostError('slot.read', `the objects in ${objects} cannot be read: find ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, {
    output: done.stderr,
    hint: 'remove the build folders with: respin cache prune',
  });
}

/** Everything that is linked, and vmlinux itself. */
async function digests(ctx: Pick<Context, 'effects'>, slot: Pick<Slot, 'objects'>): Promise<ObjectRecord> {
  const rows = await find(ctx, slot, ['-exec', 'sha256sum', '-z', '--', '{}', '+']);
  return Object.fromEntries(rows.map((row) => [row.slice(66), row.slice(0, 64)]));
}

/** Files of the last moment of a build that did not come to its end: the compiler may have been killed while it wrote them. */
async function unfinished(ctx: Pick<Context, 'effects'>, slot: Pick<Slot, 'objects'>): Promise<readonly string[]> {
  const rows = await find(ctx, slot, ['-printf', '%T@ %p\\0']);
  const files = rows.map((row) => ({ ms: Number(row.slice(0, row.indexOf(' '))) * 1000, path: row.slice(row.indexOf(' ') + 1) }));
  const last = files.reduce((latest, { ms }) => Math.max(latest, ms), 0);
  return files.filter(({ ms }) => ms >= last - LAST_MOMENT_MS).map(({ path }) => path);
}

/**
 * Removes from a build folder what is not as the last build left it, so that make makes it again. The record of the folder is
 * gone afterwards, until `recordObjects`: where it is not there a build was cut off.
 * @returns what the record said of the files that stay; undefined where there was none
 * @throws HarnessError `host` `slot.read`
 */
export async function checkObjects(ctx: Pick<Context, 'effects' | 'progress'>, slot: Pick<Slot, 'home' | 'objects'>): Promise<ObjectRecord | undefined> {
  const { files } = ctx.effects;
  const path = join(slot.home, NAME);
  const record = await readJson(ctx, path, recordSchema);
  const found = record && (await digests(ctx, slot));
  const wrong = found === undefined ? await unfinished(ctx, slot) : Object.keys(found).filter((name) => found[name] !== record?.[name]);
  if (found !== undefined && wrong.length > 0) {
    const text = `made again: ${wrong.slice(0, 3).join(', ')}${wrong.length > 3 ? ` and ${wrong.length - 3} more` : ''} in ${slot.objects} ${wrong.length === 1 ? 'is' : 'are'} not as the last build left ${wrong.length === 1 ? 'it' : 'them'}`;
    ctx.progress({ type: 'notice', level: 'warning', text });
  }
  await files.rm(path, { force: true });
  for (const name of wrong) await files.rm(join(slot.objects, name), { force: true });
  return wrong.length > 0 ? undefined : record;
}

/**
 * Remembers what a build left in its folder.
 * @param unchanged what is there, where that is known already
 * @throws HarnessError `host` `slot.read`, and as `writeAtomically`
 */
export async function recordObjects(ctx: Context, slot: Pick<Slot, 'home' | 'objects'>, unchanged: ObjectRecord | undefined): Promise<void> {
  await writeAtomically(ctx, join(slot.home, NAME), JSON.stringify(unchanged ?? (await digests(ctx, slot))));
}
