import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { ROOT, sharedCache } from './respin.js';
import { readPatch } from './series.js';

/** The files that a patch changes. */
export function filesOf(patch: string): readonly string[] {
  return [...patch.matchAll(/^\+\+\+ b\/(\S+)$/gm)].map(([, path = '']) => path);
}

/** What somebody's run was pointed at: a tree of it may lie in the shared cache, but its source may be gone by now. */
const POINTED_AT = /^(?:directory|git|tarball)-/;

/** The sources that `--kernel LINE` names, in the shared cache, as the program unpacked them. They are only to be read. */
export async function treeOf(line: string): Promise<string> {
  const { trees } = sharedCache();
  const name = (await readdir(trees)).sort().findLast((entry) => entry.includes(`-${line}.`) && !POINTED_AT.test(entry));
  if (name === undefined) throw new Error(`there is no tree of ${line} in ${trees}`);
  return join(trees, name, 'src');
}

const treeRecord = z.object({ source: z.object({ content: z.object({ path: z.string() }) }) });

/** The tarball that the tree of this line was unpacked from. */
export async function tarballOf(line: string): Promise<string> {
  const record: unknown = JSON.parse(await readFile(join(dirname(await treeOf(line)), 'tree.json'), 'utf8'));
  return treeRecord.parse(record).source.content.path;
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
      // Not every kernel has all of them.
      const content = await readFile(file).catch(() => undefined);
      if (content === undefined) continue;
      prints[`${name} ${path}`] = `${createHash('sha256').update(content).digest('hex')} ${String((await stat(file)).mtimeMs)}`;
    }
  }
  // A package without its history has no status to change.
  const { stdout } = await execa('git', ['status', '--porcelain'], { cwd: ROOT, reject: false });
  return { ...prints, 'git status': stdout };
}
