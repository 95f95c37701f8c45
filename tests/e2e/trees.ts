import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { sharedCache, ROOT } from './respin.js';
import { readPatch } from './series.js';

/** The files that a patch changes. */
export function filesOf(patch: string): readonly string[] {
  return [...patch.matchAll(/^\+\+\+ b\/(\S+)$/gm)].map(([, path = '']) => path);
}

/** The tree of 6.12 in the shared cache. */
export async function treeOf(line: string): Promise<string> {
  const { trees } = sharedCache();
  const name = (await readdir(trees)).sort().findLast((entry) => new RegExp(`-${line.replace('.', '\\.')}\\.`).test(entry) && !entry.startsWith('directory'));
  if (name === undefined) throw new Error(`there is no tree of ${line} in ${trees}`);
  return join(trees, name, 'src');
}

/**
 * What a run must leave as it was: of every tree in the shared cache the journal, which is there only while a series is
 * on it, and the files that semundo-v1 changes; and what git says of the checkout.
 */
export async function fingerprint(): Promise<Readonly<Record<string, string>>> {
  const { trees } = sharedCache();
  const touched = [...filesOf(await readPatch()), 'ipc/Makefile'];
  const prints: Record<string, string> = {};
  for (const name of (await readdir(trees)).filter((entry) => !entry.startsWith('directory'))) {
    const home = join(trees, name);
    if ((await readdir(home)).includes('journal')) prints[`${name} journal`] = 'there';
    for (const path of touched) {
      const file = join(home, 'src', path);
      const digest = createHash('sha256').update(await readFile(file)).digest('hex');
      prints[`${name} ${path}`] = `${digest} ${String((await stat(file)).mtimeMs)}`;
    }
  }
  // A package without its history has no status to change.
  const { stdout } = await execa('git', ['status', '--porcelain'], { cwd: ROOT, reject: false });
  return { ...prints, 'git status': stdout };
}
