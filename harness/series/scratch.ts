import { join } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, HarnessError } from '../errors.js';
import { writeError } from '../store/atomic.js';
import { removeTree } from '../store/remove-tree.js';

/**
 * Gives `body` an empty folder of the cache and removes it afterwards, however that ends. Faults of the file system in
 * `body` come out as HarnessError.
 * @throws HarnessError `host` `disk.full`, `file.write`
 */
export async function withScratch<T>(
  ctx: Pick<Context, 'effects' | 'cache'>,
  name: string,
  body: (folder: string) => Promise<T>,
): Promise<T> {
  const { files } = ctx.effects;
  let folder: string | undefined;
  try {
    await files.mkdir(ctx.cache.tmp, { recursive: true });
    folder = await files.mkdtemp(join(ctx.cache.tmp, `${name}-`));
    return await body(folder);
  } catch (error) {
    throw error instanceof HarnessError || errnoOf(error) === undefined ? error : writeError(folder ?? ctx.cache.tmp, error);
  } finally {
    // A folder that cannot be removed is left to `respin cache prune`; it must not hide what went wrong.
    const left = folder;
    // What a build left in one may be more than a plain removal can do with.
    if (left !== undefined) await files.rm(left, { recursive: true, force: true }).catch(() => removeTree(ctx, left)).catch(() => undefined);
  }
}
