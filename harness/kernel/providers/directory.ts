import { resolve } from 'node:path';
import { usageError } from '../../errors.js';
import { withLock } from '../../host/lock.js';
import { keyOf } from '../../store/digest.js';
import { digestDirectory } from '../source-listing.js';
import { expandHome } from '../source-paths.js';
import { treeVersion } from '../tree.js';
import type { Provider } from './provider.js';

/** A kernel tree of the user's. It is read, and mirrored into the cache; nothing is ever written to it. */
export const directoryProvider: Provider = {
  title: 'a directory',
  serves: (spec) => spec.kind === 'directory',
  resolve: async (ctx, spec, options) => {
    if (spec.kind !== 'directory') return { kind: 'unknown', choices: [] };
    const named = resolve(options.cwd, expandHome(spec.path, ctx.effects.env));
    const path = await ctx.effects.files.realpath(named).catch(() => undefined);
    if (path === undefined) throw usageError('kernel.directory', `--kernel dir:${spec.path}: there is no folder ${named}`, { hint: EXAMPLE });
    const version = await treeVersion(ctx, path);
    if (version === undefined) {
      throw usageError('kernel.directory', `${path} is no kernel tree: a Makefile with VERSION and PATCHLEVEL, a Kconfig and scripts/ are expected`, {
        hint: EXAMPLE,
      });
    }
    // The mirror lies in the cache; a tree around it would be copied into itself.
    if (`${ctx.cache.root}/`.startsWith(`${path}/`)) {
      throw usageError('kernel.directory', `the cache ${ctx.cache.root} is inside the kernel tree ${path}`, { hint: 'export RESPIN_CACHE=/another/folder' });
    }
    const digest = await withLock(ctx, `directory-${keyOf(path).slice(0, 16)}`, () => digestDirectory(ctx, path));
    const checks = [{ name: 'origin', made: false, detail: 'a folder of the user; there is nothing to check it against' }];
    return {
      kind: 'found',
      source: { provider: 'directory', version, label: `directory ${path} (Linux ${version})`, digest, checks, content: { kind: 'directory', path } },
    };
  },
  list: () => Promise.resolve([]),
};

const EXAMPLE = 'for example: --kernel dir:/home/you/linux';
