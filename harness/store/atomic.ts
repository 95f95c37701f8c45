import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { ZodType } from 'zod';
import type { Context } from '../context.js';
import { errnoOf, hostError, messageOf, type HarnessError } from '../errors.js';

/** What the helpers here need of a context. */
export type StoreContext = Pick<Context, 'effects' | 'cache'>;

/**
 * Writes a file of the cache so that whoever opens `path` sees the old content or the whole new one, even when respin is
 * killed in between. Folders are made as needed; the last of two writers wins.
 * @throws HarnessError `host` `disk.full` when there is no room, `file.write` for any other reason
 */
export async function writeAtomically(ctx: StoreContext, path: string, data: string | Uint8Array): Promise<void> {
  const { files } = ctx.effects;
  const temporary = join(ctx.cache.tmp, `write-${randomUUID()}`);
  try {
    await files.mkdir(ctx.cache.tmp, { recursive: true });
    await files.mkdir(dirname(path), { recursive: true });
    await files.writeFile(temporary, data, { flag: 'wx' });
    await files.rename(temporary, path);
  } catch (error) {
    // Where this fails as well, what failed first is what to tell.
    await files.rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(path, error);
  }
}

/**
 * What to throw when writing at `path` failed: names the path, and says so when the disk (or a quota) is full.
 */
export function writeError(path: string, thrown: unknown): HarnessError {
  const errno = errnoOf(thrown);
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return hostError('disk.full', `no space left while writing ${path}`, {
      cause: thrown,
      hint: 'free some space, or put the cache elsewhere: export RESPIN_CACHE=/a/larger/disk/respin',
    });
  }
  return hostError('file.write', `cannot write ${path}: ${messageOf(thrown)}`, {
    cause: thrown,
    hint: 'respin must be able to write there; RESPIN_CACHE moves its cache',
  });
}

/**
 * Reads a JSON file that respin wrote. A file that is absent, is no JSON or does not fit the schema (another version of
 * respin wrote it) is undefined: the cache can always be made again.
 * @throws HarnessError `host` `file.read` when the file is there and cannot be read
 */
export async function readJson<T>(ctx: Pick<StoreContext, 'effects'>, path: string, schema: ZodType<T>): Promise<T | undefined> {
  let text: string;
  try {
    text = await ctx.effects.files.readFile(path, 'utf8');
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    throw hostError('file.read', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
