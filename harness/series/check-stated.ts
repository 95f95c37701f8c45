import { join } from 'node:path';
import type { Context } from '../context.js';
import { relationOf } from '../kernel/git-history.js';
import type { KernelSource, Patch, Series, SeriesStated } from '../model.js';
import { count } from '../spec/count.js';
import { LOOKED_AT, patchIdsIn, patchIdsOf } from './patch-ids.js';
import { stackOf } from './prefix.js';
import { withScratch } from './scratch.js';
import { oneLine } from './text.js';

/** Whether what a series says of its base is true of a kernel. */
export interface StatedCheck {
  readonly what: 'base-commit' | 'prerequisite-patch-id';
  /** `unknown` when it cannot be known from this source. */
  readonly outcome: 'matches' | 'differs' | 'unknown';
  /** In one line. */
  readonly text: string;
  /** What to do; empty when there is nothing. */
  readonly hint: string;
}

type Missing =
  | { readonly kind: 'none' | 'unknown' }
  | { readonly kind: 'missing'; readonly ids: readonly string[]; readonly where: string };

const PATCH_ID = /^[0-9a-f]{40,64}$/i;

/**
 * Which patches that a series states to need are neither among those that are applied nor in the history of the kernel,
 * as far back as is looked.
 * @param given the patches that are applied
 * @param scratch a folder for temporary files
 */
export async function missingPrerequisites(
  ctx: Context,
  source: KernelSource,
  stated: SeriesStated,
  given: readonly Patch[],
  scratch: string,
): Promise<Missing> {
  const wanted = [...new Set(stated.prerequisitePatchIds.filter((id) => PATCH_ID.test(id)).map((id) => id.toLowerCase()))];
  if (wanted.length === 0) return { kind: 'none' };
  const own = new Set(await patchIdsOf(ctx, given, scratch));
  const open = wanted.filter((id) => !own.has(id));
  if (open.length === 0) return { kind: 'none' };
  if (source.content.kind !== 'git') return { kind: 'unknown' };
  const paths = [...new Set(given.flatMap(({ files }) => files.flatMap(({ from, to }) => [from, to])))].filter((path) => path !== undefined);
  const folder = await ctx.effects.files.mkdtemp(join(scratch, 'ids-'));
  const known = await patchIdsIn(ctx, source.content, paths, folder);
  if (!known) return { kind: 'unknown' };
  const ids = open.filter((id) => !known.has(id));
  const where = `this kernel, in the last ${LOOKED_AT} commits to the files of the series,`;
  return ids.length === 0 ? { kind: 'none' } : { kind: 'missing', ids, where };
}

async function checkBaseCommit(ctx: Context, source: KernelSource, named: string): Promise<StatedCheck> {
  const what = 'base-commit';
  const shown = oneLine(named, 64);
  if (source.content.kind !== 'git') {
    return {
      ...{ what, outcome: 'unknown', text: `the series states base-commit ${shown}, which ${source.label} cannot be compared with: it has no history` },
      hint: `to be sure, test it on that commit: --kernel git:PATH#${shown}`,
    };
  }
  const relation = await relationOf(ctx, source.content, named);
  switch (relation.kind) {
    case 'equal':
      return { what, outcome: 'matches', text: `this kernel is the base-commit that the series states, ${shown}`, hint: '' };
    case 'ancestor':
      return {
        ...{ what, outcome: 'differs', text: `the series states base-commit ${shown}; this kernel has ${relation.commits === undefined ? 'commits' : count(relation.commits, 'commit')} on top of it` },
        hint: `to test it where it was made: --kernel git:PATH#${shown}`,
      };
    case 'elsewhere':
      return {
        ...{ what, outcome: 'differs', text: `the series states base-commit ${shown}, which is not in the history of this kernel` },
        hint: `to test it where it was made: --kernel git:PATH#${shown}`,
      };
    case 'unknown':
      return {
        ...{ what, outcome: 'unknown', text: `the series states base-commit ${shown}, which this repository does not have` },
        hint: `fetch the tree that it was made on (git fetch REMOTE ${shown}), or test it as it is`,
      };
  }
}

async function checkPrerequisites(ctx: Context, source: KernelSource, series: Series): Promise<readonly StatedCheck[]> {
  const what = 'prerequisite-patch-id';
  const { prerequisitePatchIds: ids } = series.stated;
  if (ids.length === 0) return [];
  const missing = await withScratch(ctx, 'stated', (scratch) => missingPrerequisites(ctx, source, series.stated, stackOf(series), scratch));
  const all = ids.length === 1 ? 'the patch that the series states to need' : `the ${ids.length} patches that the series states to need`;
  switch (missing.kind) {
    case 'none':
      return [{ what, outcome: 'matches', text: `${all} ${ids.length === 1 ? 'is' : 'are'} there`, hint: '' }];
    case 'unknown':
      return [
        {
          ...{ what, outcome: 'unknown', text: `whether ${source.label} has ${all} cannot be known: there is no history to look in` },
          hint: 'name the series with those patches first: respin takes several, in the order of application',
        },
      ];
    case 'missing':
      return [
        {
          ...{ what, outcome: 'differs', text: `${missing.where} does not have: prerequisite-patch-id ${missing.ids.join(', ')}` },
          hint: 'name the series with those patches first: respin takes several, in the order of application',
        },
      ];
  }
}

/**
 * Compares what a series says of its base (git format-patch --base) with a kernel. A difference is no error: what counts
 * is whether the patches apply and what they do.
 */
export async function checkStated(ctx: Context, source: KernelSource, series: Series): Promise<readonly StatedCheck[]> {
  const { baseCommit } = series.stated;
  return [...(baseCommit === undefined ? [] : [await checkBaseCommit(ctx, source, baseCommit)]), ...(await checkPrerequisites(ctx, source, series))];
}
