import { basename } from 'node:path';
import { literalGlob } from '../../kernel/literal.js';
import type { RejectionCause } from '../../model.js';
import type { FileDiff } from '../diff.js';
import { placeHunks } from '../place-hunks.js';
import { linesOf, oneLine } from '../text.js';
import { treePathProblem } from '../tree-path.js';
import { lookAt } from '../tree-files.js';
import type { Explanation, Situation } from './situation.js';

/** So many files of one name are looked at; a tree has thousands of Makefiles. */
const MOST_CANDIDATES = 200;
const FIND_MS = 60_000;

async function takes({ ctx, tree }: Situation, path: string, file: FileDiff): Promise<boolean> {
  if (treePathProblem(path) !== undefined || file.hunks.length === 0) return false;
  const look = await lookAt(ctx, tree.src, path);
  if (look.kind !== 'file') return false;
  return placeHunks(linesOf(look.file.content.toString('latin1')), file.hunks).every((place) => place !== undefined);
}

/** The files of this name in the tree, the nearest to where it was looked for first. */
async function namesakes({ ctx, tree }: Situation, path: string): Promise<readonly string[]> {
  const name = literalGlob(basename(path));
  const found = await ctx.effects.processes.run({ file: 'find', args: ['.', '-type', 'f', '-name', name, '-printf', '%P\\n'], cwd: tree.src, timeoutMs: FIND_MS });
  const parts = path.split('/').reverse();
  const common = (other: string): number => {
    const others = other.split('/').reverse();
    const differs = parts.findIndex((part, index) => others[index] !== part);
    return differs < 0 ? parts.length : differs;
  };
  const others = found.stdout.split('\n').filter((other) => other !== '' && other !== path);
  return others.sort((a, b) => common(b) - common(a) || (a < b ? -1 : 1)).slice(0, MOST_CANDIDATES);
}

/** Where the file of a patch is now, by its name and by its lines. */
async function whereIs(situation: Situation, file: FileDiff, path: string): Promise<RejectionCause | undefined> {
  for (const other of await namesakes(situation, path)) {
    if (!(await takes(situation, other, file))) continue;
    const [shown, there] = [oneLine(path), oneLine(other)];
    if (path.endsWith(`/${other}`)) {
      const more = path.slice(0, -other.length - 1).split('/').length;
      return {
        kind: 'strip-level',
        text: `${shown} is ${there} in the tree, where its hunks match: the paths have ${more === 1 ? 'a folder' : `${more} folders`} too many`,
        hint: `make the patch at the top of the kernel tree, or cut its paths (it would apply with -p${more + 1})`,
      };
    }
    if (other.endsWith(`/${path}`)) {
      return {
        kind: 'strip-level',
        text: `${shown} is ${there} in the tree, where its hunks match: the paths do not begin at the top of the kernel tree`,
        hint: `make the patch with paths from the top (git diff without --relative; git apply --directory=${oneLine(other.slice(0, -path.length - 1))})`,
      };
    }
    return { kind: 'moved', text: `${shown} does not exist, and its hunks match ${there}: the file was moved`, hint: 'make the patch anew for the new place, or choose the kernel that it was made on' };
  }
  return undefined;
}

/** A file that is not there is elsewhere. */
export const explainMoved: Explanation = async (situation) => {
  const { refused, before, base } = situation;
  for (const file of refused.files) {
    const { from } = file;
    if (from === undefined || before.has(from) || base.has(from)) continue;
    const cause = await whereIs(situation, file, from);
    if (cause) return [cause];
  }
  return [];
};
