import { posix } from 'node:path';

/** As Linux: more links than this on one path is ELOOP. */
const MOST_LINKS = 40;

/**
 * Whether following the symbolic link at `path` leaves the tree, or never ends. It is followed as the kernel would,
 * through the tree's other links, so that `a -> .` and `b -> a/../x` are seen for what they are.
 * @param links every symbolic link of the tree: its path relative to the tree's top, and what it points to
 */
export function leavesTree(path: string, links: ReadonlyMap<string, string>): boolean {
  const at: string[] = [];
  const rest = path.split('/');
  let followed = 0;
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return true;
      continue;
    }
    const target = links.get([...at, part].join('/'));
    if (target === undefined) {
      at.push(part);
      continue;
    }
    followed += 1;
    if (posix.isAbsolute(target) || followed > MOST_LINKS) return true;
    rest.unshift(...target.split('/'));
  }
  return false;
}

/** The first link, in the order given, that leaves its tree. */
export function firstLinkOutside(links: ReadonlyMap<string, string>): string | undefined {
  for (const path of links.keys()) {
    if (leavesTree(path, links)) return path;
  }
  return undefined;
}
