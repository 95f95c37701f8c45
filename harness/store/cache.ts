import { join } from 'node:path';
import type { Effects } from '../effects.js';
import { usageError } from '../errors.js';

/**
 * Where everything that can be made again is kept. Every entry is written under a temporary name in `tmp` and renamed,
 * so that a file that is there is whole.
 */
export interface Cache {
  readonly root: string;
  /** `downloads/<digest>/<name>` */
  readonly downloads: string;
  /** What is known of each source: `sources/<provider>-<version>.json` */
  readonly sources: string;
  /** `trees/<id>/{src,journal,objects/…}` */
  readonly trees: string;
  readonly configs: string;
  /** `images/<digest>/vmlinux` */
  readonly images: string;
  readonly initramfs: string;
  /** Compiled test programs. */
  readonly programs: string;
  /** Build records by the digest of everything that went in. */
  readonly builds: string;
  /** Boots by the digest of everything that went in. */
  readonly boots: string;
  /** Whom get_maintainer.pl names, by kernel and series. */
  readonly maintainers: string;
  /** What bisections that have not ended know. */
  readonly bisections: string;
  readonly ccache: string;
  readonly locks: string;
  readonly tmp: string;
}

/** The folders of the cache below `root`; none is made here. */
export function cacheAt(root: string): Cache {
  return {
    root,
    downloads: join(root, 'downloads'),
    sources: join(root, 'sources'),
    trees: join(root, 'trees'),
    configs: join(root, 'configs'),
    images: join(root, 'images'),
    initramfs: join(root, 'initramfs'),
    programs: join(root, 'programs'),
    builds: join(root, 'builds'),
    boots: join(root, 'boots'),
    maintainers: join(root, 'maintainers'),
    bisections: join(root, 'bisections'),
    ccache: join(root, 'ccache'),
    locks: join(root, 'locks'),
    tmp: join(root, 'tmp'),
  };
}

/**
 * Where the cache is: `RESPIN_CACHE`, else `$XDG_CACHE_HOME/respin`, else `~/.cache/respin`
 * (XDG Base Directory Specification).
 * @throws HarnessError `usage` `cache.nowhere` when none of the three is set, `cache.relative` for a relative path
 */
export function cacheRoot(env: Effects['env']): string {
  const root =
    env['RESPIN_CACHE'] ||
    (env['XDG_CACHE_HOME'] && join(env['XDG_CACHE_HOME'], 'respin')) ||
    (env['HOME'] && join(env['HOME'], '.cache', 'respin'));
  if (!root) {
    throw usageError('cache.nowhere', 'no folder for the cache: RESPIN_CACHE, XDG_CACHE_HOME and HOME are all unset', {
      hint: 'set one, for example: export RESPIN_CACHE=/var/tmp/respin',
    });
  }
  if (!root.startsWith('/')) {
    throw usageError('cache.relative', `the cache folder must be an absolute path, such as /var/tmp/respin, not "${root}"`, {
      hint: 'set RESPIN_CACHE to an absolute path',
    });
  }
  return root;
}
