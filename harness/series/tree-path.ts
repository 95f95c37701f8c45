const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Why a path must not be touched by a patch, or undefined for one that may: it has to be relative, in plain form, inside
 * the tree, outside of any `.git`, and one that can be shown on one line. The same as git's own rule
 * (`verify_path` in git's read-cache.c), and stricter on control characters.
 */
export function treePathProblem(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (CONTROL.test(path)) return 'it has a control character';
  if (path.includes('\ufffd')) return 'it is not UTF-8';
  if (path.startsWith('/')) return 'it is absolute';
  for (const part of path.split('/')) {
    if (part === '..') return 'it has ".."';
    if (part === '' || part === '.') return 'it is not in its plain form';
    if (part.toLowerCase() === '.git') return 'it leads into .git';
  }
  return undefined;
}
