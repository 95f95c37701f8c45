import { usageError } from '../errors.js';
import { oneLine } from './text.js';
import { treePathProblem } from './tree-path.js';

export interface QuiltEntry {
  /** Relative to the folder. */
  readonly name: string;
  readonly strip: 0 | 1;
}

/**
 * Reads the file `series` of a quilt folder: a patch on a line, `-p0` or `-p1` behind it, comments.
 * @param path of the file, for messages
 * @throws HarnessError `usage` `series.quilt` for a guard, another option, a name that leaves the folder, no patch, one twice
 */
export function parseQuiltSeries(text: string, path: string): readonly QuiltEntry[] {
  const entries: QuiltEntry[] = [];
  const seen = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    const fail = (problem: string): Error => usageError('series.quilt', `${path}:${index + 1}: ${problem}`, { hint: 'expected a patch on each line, such as: fix-foo.patch -p1' });
    // A guard of Mercurial's queues stands in a comment: `x.patch #+arm`.
    const guard = /^\s*([+-][^\s#]+)\s+\S|#([+-]\S+)/.exec(line);
    if (guard) throw fail(`the guard ${oneLine(guard[1] ?? guard[2] ?? '', 60)} makes a patch depend on a choice; write the file out for one choice`);
    const words = (/(^|\s)#/.test(line) ? line.slice(0, line.search(/(^|\s)#/)) : line).trim().split(/\s+/).filter(Boolean);
    const [name, ...options] = words;
    if (name === undefined) continue;
    const problem = treePathProblem(name);
    if (problem !== undefined) throw fail(`"${oneLine(name, 80)}" is no file of the folder: ${problem}`);
    const wrong = options.find((option) => !['-p0', '-p1', '-pab'].includes(option));
    if (wrong !== undefined) throw fail(`the option ${oneLine(wrong, 40)} of ${oneLine(name, 80)} is not known; -p0 and -p1 are`);
    if (seen.has(name)) throw fail(`${oneLine(name, 80)} is there twice`);
    seen.add(name);
    entries.push({ name, strip: options.includes('-p0') ? 0 : 1 });
  }
  if (entries.length === 0) throw usageError('series.empty', `${path} names no patch`, { hint: 'expected a patch on each line, such as: fix-foo.patch -p1' });
  return entries;
}
