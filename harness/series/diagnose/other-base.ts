import { join } from 'node:path';
import type { RejectionCause } from '../../model.js';
import { openScratchRepository } from '../../kernel/git-scratch.js';
import { relationOf } from '../../kernel/git-history.js';
import { listTrees } from '../../kernel/tree.js';
import { count } from '../../spec/count.js';
import { refuseHostFault } from '../git.js';
import { diffBytes } from '../patches.js';
import { oneLine } from '../text.js';
import { readContents } from './bench.js';
import type { Explanation, Situation } from './situation.js';

/** So many kernels of the cache are tried. */
const MOST_TREES = 6;

/** Whether the whole stack applies to a commit of the source's repository. */
async function appliesAt(situation: Situation, commit: string): Promise<boolean> {
  const { ctx, source, stack, scratch } = situation;
  if (source.content.kind !== 'git') return false;
  const folder = join(scratch, 'stated-base');
  await ctx.effects.files.mkdir(folder);
  const repository = await openScratchRepository(ctx, source.content, folder);
  const read = await repository.git(['read-tree', commit]);
  refuseHostFault(read, 'reading a commit');
  if (read.exitCode !== 0) return false;
  for (const { patch } of stack) {
    const done = await repository.git(['apply', '--cached', '--whitespace=nowarn', '-'], diffBytes(patch));
    refuseHostFault(done, 'trying a patch');
    if (done.exitCode !== 0) return false;
  }
  return true;
}

/** The commit that the series says it was made on. */
export const explainStatedBase: Explanation = async (situation) => {
  const { ctx, source, stated } = situation;
  const named = stated.baseCommit;
  if (named === undefined || source.content.kind !== 'git') return [];
  const relation = await relationOf(ctx, source.content, named);
  if (relation.kind === 'equal' || relation.kind === 'unknown') return [];
  if (!(await appliesAt(situation, named))) return [];
  const shown = oneLine(named);
  const cause: RejectionCause = {
    kind: 'other-base',
    text: `it applies to the base-commit that the series states, ${shown}, which is ${relation.kind === 'ancestor' ? `${relation.commits === undefined ? 'some commits' : count(relation.commits, 'commit')} before this kernel` : 'not in the history of this kernel'}`,
    hint: `test it there: --kernel git:PATH#${shown}; or make the series anew on this kernel`,
  };
  return [cause];
};

/** Another kernel that is unpacked in the cache. One that a series is on is not looked at. */
export const explainOtherKernel: Explanation = async ({ ctx, tree, stack, bench }) => {
  const { files } = ctx.effects;
  const others = (await listTrees(ctx)).filter(({ home }) => home !== tree.home);
  const takers: string[] = [];
  for (const other of others.slice(0, MOST_TREES)) {
    const inUse = async (): Promise<boolean> =>
      files.access(join(other.home, 'journal')).then(
        () => true,
        () => false,
      );
    if (await inUse()) continue;
    const contents = await readContents(ctx, other.src, stack);
    if (await inUse()) continue;
    if (await bench.apply(contents, stack)) takers.push(`${other.source.version} (${other.source.label})`);
  }
  if (takers.length === 0) return [];
  return [
    {
      kind: 'other-base',
      text: `the whole series applies to another kernel that is here: ${takers.join(', ')}`,
      hint: `test it there with --kernel, or make it anew on ${tree.source.version}`,
    },
  ];
};
