import { basename } from 'node:path';
import type { Context } from '../context.js';
import type { KernelTree, TouchedFile } from '../model.js';
import { literalGlob } from './literal.js';

/**
 * Headers that a series adds or removes where another of the same name exists: `#include` may then find another file
 * than it did, which neither make's dependency files nor ccache's notice. Such a series is built from nothing.
 */
export async function shadowingHeaders(ctx: Context, tree: KernelTree, touched: readonly TouchedFile[]): Promise<readonly string[]> {
  const moved = touched.filter((file) => file.path.endsWith('.h') && (file.base === undefined || file.now === undefined));
  if (moved.length === 0) return [];
  const names = [...new Set(moved.map((file) => basename(file.path)))];
  const found = await ctx.effects.processes.run({
    file: 'find',
    args: [tree.src, '(', ...names.flatMap((name, index) => [...(index === 0 ? [] : ['-o']), '-name', literalGlob(name)]), ')', '-printf', '%P\\n'],
  });
  const others = found.stdout.split('\n').filter((path) => path !== '' && !moved.some((file) => file.path === path));
  return moved.map((file) => file.path).filter((path) => others.some((other) => basename(other) === basename(path)));
}
