import { placeHunks, newLinesOf } from '../place-hunks.js';
import { linesOf } from '../text.js';
import { explainRejection } from '../explain-rejection.js';
import { shareFile, type Bench, type Contents, type ReadPatch } from './bench.js';
import { nameOf, type Explanation } from './situation.js';

/** No more patches than this are looked for in a tree at once. */
const MOST_PATCHES = 40;

/**
 * How many patches from `index` on the files have already: they can be taken back out, the last one first. A later patch
 * may have changed what an earlier one left, so that the earlier one alone cannot be taken out.
 */
export async function containedFrom(bench: Bench, contents: Contents, stack: readonly ReadPatch[], index: number): Promise<number> {
  const first = stack[index];
  if (!first) return 0;
  for (let end = index + 1; end <= Math.min(stack.length, index + MOST_PATCHES); end += 1) {
    const last = stack[end - 1];
    // A patch on other files cannot be why an earlier one cannot be taken out.
    if (!last || (end > index + 1 && !stack.slice(index, end - 1).some((one) => shareFile(one, last)))) continue;
    if (!mayContain(contents, last)) continue;
    if (await bench.apply(contents, stack.slice(index, end).reverse(), ['-R'])) return end - index;
  }
  return 0;
}

/** Whether the lines that a patch leaves are there, which is much quicker to see than to take it out. */
function mayContain(contents: Contents, { files }: ReadPatch): boolean {
  return files.every((file) => {
    if (file.to === undefined) return file.from !== undefined && !contents.has(file.from);
    const content = contents.get(file.to);
    if (content === undefined) return false;
    if (file.binary) return true;
    const lines = new Set(linesOf(content));
    return file.hunks.every((hunk) => newLinesOf(hunk).every((line) => lines.has(line)));
  });
}

function listed(numbers: readonly number[]): string {
  const [first] = numbers;
  const last = numbers.at(-1);
  return first === last ? `patch ${first ?? 0}` : `patches ${first ?? 0} to ${last ?? 0}`;
}

/** The whole patch is in the tree, and perhaps those that follow it. */
export const explainContained: Explanation = async ({ bench, before, stack, index, refused, tree }) => {
  const found = await containedFrom(bench, before, stack, index);
  if (found === 0) return [];
  const numbers = stack.slice(index, index + found).map(({ patch }) => patch.number);
  const who = numbers[0] === 0 ? nameOf(refused) : listed(numbers);
  const many = numbers.length > 1;
  return [
    {
      kind: 'contained',
      text: `${tree.source.version} has ${who} already: ${many ? 'they' : 'it'} can be taken back out`,
      hint: `leave ${who} out, or choose a kernel without ${many ? 'them' : 'it'}`,
      patches: numbers,
    },
  ];
};

/** Some of its hunks are in the tree. */
export const explainPartlyContained: Explanation = ({ before, refused }) => {
  const there = explainRejection(refused.files, (path) => before.get(path), '').filter(({ problem }) => problem === 'already applied').length;
  const all = refused.files.reduce((sum, { hunks }) => sum + Math.max(1, hunks.length), 0);
  if (there === 0) return Promise.resolve([]);
  const fitting = refused.files.reduce((sum, { from, hunks }) => {
    const content = from === undefined ? undefined : before.get(from);
    return content === undefined ? sum : sum + placeHunks(linesOf(content), hunks).filter((place) => place !== undefined).length;
  }, 0);
  return Promise.resolve([
    {
      kind: 'partly-contained',
      text: `${there} of its ${all} hunks ${there === 1 ? 'is' : 'are'} in the tree already${fitting > 0 ? `, ${fitting} would apply` : ''}: the tree has another version of this patch, or a part of it`,
      hint: 'make the series anew on this kernel, or choose the kernel that it was made on',
    },
  ]);
};
