import { dirname } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, hostError } from '../errors.js';

/** Bytes free for us on the file system that holds `path`, or will once it is made. */
export async function freeBytes(ctx: Pick<Context, 'effects'>, path: string): Promise<number> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const stat = await ctx.effects.files.statfs(at);
      return stat.bavail * stat.bsize;
    } catch (thrown) {
      if (errnoOf(thrown) !== 'ENOENT' || at === dirname(at)) {
        throw hostError('disk.unknown', `cannot tell how much room there is at ${path}`, { cause: thrown, hint: 'see that the path can be reached, or set RESPIN_CACHE' });
      }
    }
  }
}
