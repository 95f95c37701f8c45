import { join } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, messageOf, usageError } from '../errors.js';
import { timedSchema, type Timed } from './estimate.js';

/** More than that of a folder says nothing new, and takes time to read. */
const MOST_RUNS = 32;

async function namesIn(ctx: Context, folder: string): Promise<readonly string[]> {
  const names = await ctx.effects.files.readdir(folder);
  // Evidence is named by its time: the newest first.
  return names.filter((name) => !name.startsWith('.')).sort().reverse().slice(0, MOST_RUNS);
}

/** What evidence in a folder tells; undefined when there is none, or another kind of it. */
async function timedIn(ctx: Context, folder: string): Promise<Timed | undefined> {
  try {
    const parsed = timedSchema.safeParse(JSON.parse(await ctx.effects.files.readFile(join(folder, 'evidence.json'), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Evidence in a folder, or in the folders in it: runs, and the cells of a matrix. */
async function below(ctx: Context, folder: string, depth: number): Promise<readonly Timed[]> {
  const own = await timedIn(ctx, folder);
  if (own) return [own];
  if (depth === 0) return [];
  const found: Timed[] = [];
  for (const name of await namesIn(ctx, folder).catch(() => [])) found.push(...(await below(ctx, join(folder, name), depth - 1)));
  return found;
}

/** Deep enough for `runs/matrix/cells/cell`. */
const DEPTH = 3;

/**
 * What earlier evidence tells of how long things take.
 * @param folders evidence, or folders of it; one that cannot be read is an error
 * @throws HarnessError `usage` `plan.times`
 */
export async function timesIn(ctx: Context, folders: readonly string[]): Promise<readonly Timed[]> {
  const found: Timed[] = [];
  for (const folder of folders) {
    await ctx.effects.files.readdir(folder).catch((thrown: unknown) => {
      throw usageError('plan.times', `--times ${folder} cannot be read: ${messageOf(thrown)}`, { cause: thrown, hint: 'expected a folder with evidence in it' });
    });
    found.push(...(await below(ctx, folder, DEPTH)));
  }
  return found;
}

/** The same of a folder that need not be there. */
export async function timesIfThere(ctx: Context, folder: string): Promise<readonly Timed[]> {
  const isThere = await ctx.effects.files.access(folder).then(
    () => true,
    (thrown: unknown) => errnoOf(thrown) === undefined,
  );
  return isThere ? below(ctx, folder, DEPTH) : [];
}
