import { usageError } from '../errors.js';
import { freeBytes } from '../host/disk.js';
import { withLock } from '../host/lock.js';
import { jsonDocument } from '../json-document.js';
import { withSession } from '../session.js';
import { choices } from '../spec/nearest.js';
import { measureCache, pruneCache } from '../store/prune.js';
import { formatBytes, formatTable } from '../terminal/format.js';

/** `respin cache [show|prune]`. Pruning waits until no run uses the cache. */
export async function cacheCommand(action: string, options: Readonly<Record<string, unknown>>): Promise<number> {
  if (action !== 'show' && action !== 'prune') {
    throw usageError('cache.action', `"respin cache ${action}" is nothing it does`, { hint: choices(action, ['show', 'prune']) });
  }
  return withSession(async (ctx) => {
    const before = await measureCache(ctx);
    if (action === 'prune') await withLock(ctx, 'cache', () => pruneCache(ctx, options['all'] === true));
    const parts = action === 'prune' ? await measureCache(ctx) : before;
    const sum = (of: typeof parts): number => of.reduce((total, { bytes }) => total + bytes, 0);
    const free = await freeBytes(ctx, ctx.cache.root);
    if (options['json'] === true) {
      process.stdout.write(jsonDocument({ root: ctx.cache.root, parts, free, freed: sum(before) - sum(parts) }));
      return 0;
    }
    const rows = parts.map(({ name, bytes, what }) => [name, formatBytes(bytes), what]);
    const freed = action === 'prune' ? [`freed ${formatBytes(sum(before) - sum(parts))}`] : [];
    const lines = [ctx.cache.root, ...formatTable([...rows, ['total', formatBytes(sum(parts)), `${formatBytes(free)} free on this file system`]]), ...freed];
    process.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  });
}
