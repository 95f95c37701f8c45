import { join } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf } from '../errors.js';
import { digestOf } from '../store/digest.js';

/** A plain file of a tree. */
export interface TreeFile {
  readonly path: string;
  readonly content: Buffer;
  readonly digest: string;
  /** As stat(2) has it, with the type. */
  readonly mode: number;
  readonly mtimeMs: number;
}

/** What a tree has at a path. */
export type Look =
  | { readonly kind: 'file'; readonly file: TreeFile }
  /** Nothing; `folders` are those of its path that are not there either, parents first. */
  | { readonly kind: 'absent'; readonly folders: readonly string[] }
  /** Something that no patch may replace. */
  | { readonly kind: 'refused'; readonly problem: string };

/**
 * Reads a file of a tree without ever leaving the tree: a path through a symbolic link is refused, wherever it leads, as
 * git does it.
 */
export async function lookAt(ctx: Pick<Context, 'effects'>, root: string, path: string): Promise<Look> {
  const { files } = ctx.effects;
  const parts = path.split('/');
  for (const depth of parts.keys()) {
    const here = parts.slice(0, depth + 1).join('/');
    const last = depth === parts.length - 1;
    let found: Awaited<ReturnType<typeof files.lstat>>;
    try {
      found = await files.lstat(join(root, here));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      const missing = parts.slice(depth, -1).map((_, index) => parts.slice(0, depth + index + 1).join('/'));
      return { kind: 'absent', folders: missing };
    }
    if (found.isSymbolicLink()) {
      return { kind: 'refused', problem: last ? 'the file is a symbolic link' : `its path leads through a symbolic link, ${here}` };
    }
    if (!last) {
      if (!found.isDirectory()) return { kind: 'refused', problem: `${here} is a file, not a folder` };
      continue;
    }
    if (found.isDirectory()) return { kind: 'refused', problem: 'a folder is there' };
    if (!found.isFile()) return { kind: 'refused', problem: 'it is not a plain file' };
    const content = await files.readFile(join(root, here));
    return { kind: 'file', file: { path, content, digest: digestOf(content), mode: found.mode, mtimeMs: found.mtimeMs } };
  }
  return { kind: 'refused', problem: 'the path is empty' };
}
