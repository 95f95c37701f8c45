import { join } from 'node:path';
import type { Context } from '../../context.js';
import { usageError } from '../../errors.js';
import type { KernelSource, KernelTree, Patch, PatchRejected, RejectionCause, Series } from '../../model.js';
import { parseDiff } from '../diff.js';
import { diffBytes } from '../patches.js';
import { stackOf } from '../prefix.js';
import { withScratch } from '../scratch.js';
import { openBench, readContents, type Contents, type ReadPatch } from './bench.js';
import { explainContained, explainPartlyContained } from './contained.js';
import { explainFuzz } from './fuzz.js';
import { explainMerge } from './merge.js';
import { explainMoved } from './moved.js';
import { explainOrder } from './order.js';
import { explainOtherKernel, explainStatedBase } from './other-base.js';
import { explainPrerequisite } from './prerequisite.js';
import type { Explanation, Situation } from './situation.js';
import { explainWhitespace } from './whitespace.js';

/** One of these explains all there is to explain; the first that does is the cause. */
const WHOLE: readonly Explanation[] = [explainContained, explainWhitespace, explainOrder, explainMoved];
/** These are as likely as they are high in the list, and go together. */
const PARTS: readonly Explanation[] = [explainPrerequisite, explainStatedBase, explainPartlyContained, explainOtherKernel, explainMerge, explainFuzz];

/** A patch with its diff read. @throws HarnessError `usage` `series.malformed` */
export function readPatch(patch: Patch): ReadPatch {
  const parsed = parseDiff(diffBytes(patch));
  if (parsed.kind !== 'parsed') throw usageError('series.malformed', `${patch.origin} is no patch`);
  return { patch, files: parsed.files };
}

/** Why a patch does not apply, found by trying. */
export async function causesOf(situation: Situation): Promise<readonly RejectionCause[]> {
  for (const explain of WHOLE) {
    const causes = await explain(situation);
    if (causes.length > 0) return causes;
  }
  const found: RejectionCause[] = [];
  for (const explain of PARTS) found.push(...(await explain(situation)));
  return found;
}

/**
 * Adds to a rejection what explains it. The tree is only read, and is its base; the caller holds its lock.
 * @throws HarnessError `host` as git and the file system fail
 */
export async function diagnose(
  ctx: Context,
  { tree, source, series, rejected }: { readonly tree: KernelTree; readonly source: KernelSource; readonly series: Series; readonly rejected: PatchRejected },
): Promise<PatchRejected> {
  const stack = stackOf(series).map(readPatch);
  // Every prerequisite has the number 0: the subject tells which.
  const index = stack.findIndex(({ patch }) => patch.number === rejected.patch && patch.subject === rejected.subject);
  const refused = stack[index];
  if (!refused) return rejected;
  return withScratch(ctx, 'diagnose', async (scratch) => {
    const { files } = ctx.effects;
    await files.mkdir(join(scratch, 'bench'));
    const bench = openBench(ctx, join(scratch, 'bench'));
    const base = await readContents(ctx, tree.src, stack);
    const before: Contents | undefined = index === 0 ? base : await bench.apply(base, stack.slice(0, index));
    if (!before) return rejected;
    const causes = await causesOf({ ctx, bench, tree, source, stack, index, refused, base, before, stated: series.stated, scratch });
    return { ...rejected, causes };
  });
}
