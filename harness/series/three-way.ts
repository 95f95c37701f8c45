import { join } from 'node:path';
import type { Context } from '../context.js';
import { hostError, usageError } from '../errors.js';
import { openScratchRepository, type ScratchRepository } from '../kernel/git-scratch.js';
import type { KernelSource, Patch, Series } from '../model.js';
import { digestOf } from '../store/digest.js';
import { parseDiff } from './diff.js';
import { refuseHostFault } from './git.js';
import { diffBytes } from './patches.js';
import { stackOf } from './prefix.js';
import { sealed } from './read-series.js';
import { withScratch } from './scratch.js';

/** A patch that was merged where it did not apply. */
export interface MergedPatch {
  /** As `Patch.number`. */
  readonly patch: number;
  readonly subject: string;
  readonly files: readonly string[];
}

export interface MergedSeries {
  /** With what the merge made of each patch; the series itself where all apply. */
  readonly series: Series;
  readonly merged: readonly MergedPatch[];
}

/**
 * Merges the patches of a series that do not apply into a commit, as `git am --3way` does: each hunk is merged with the
 * blob that the patch was made on, which must be in the repository. A patch that does not merge either is left as it
 * is, to be rejected; those behind it too. The repository is read and never written.
 * @throws HarnessError `usage` `three-way.source` for a source that is no git repository
 */
export async function mergeSeries(ctx: Context, source: KernelSource, series: Series): Promise<MergedSeries> {
  const { content } = source;
  if (content.kind !== 'git') {
    throw usageError('three-way.source', `--3way needs the history of the kernel, and ${source.label} has none`, {
      hint: 'name a git repository: --kernel git:PATH#REF',
    });
  }
  return withScratch(ctx, 'merge', async (scratch) => {
    const repository = await openScratchRepository(ctx, content, scratch);
    await repository.must(['read-tree', content.commit]);
    const merged: MergedPatch[] = [];
    const done: Patch[] = [];
    const stack = stackOf(series);
    for (const patch of stack) {
      const outcome = await mergeOne(ctx, repository, patch, join(scratch, 'merged.diff'));
      if (outcome === undefined) break;
      done.push(outcome);
      if (outcome !== patch) merged.push({ patch: patch.number, subject: patch.subject, files: outcome.files.flatMap(({ from, to }) => to ?? from ?? []) });
    }
    if (merged.length === 0) return { series, merged };
    const all = [...done, ...stack.slice(done.length)];
    const before = series.prerequisites.length;
    return { series: sealed({ ...series, prerequisites: all.slice(0, before), patches: all.slice(before) }), merged };
  });
}

/** Applies one patch to the index, merging where it must. @returns undefined when it goes in neither way, or is there already */
async function mergeOne(ctx: Context, repository: ScratchRepository, patch: Patch, path: string): Promise<Patch | undefined> {
  const bytes = diffBytes(patch);
  const plain = await repository.git(['apply', '--cached', '--whitespace=nowarn', '-'], bytes);
  refuseHostFault(plain, 'applying a patch');
  if (plain.exitCode === 0) return patch;
  const before = (await repository.must(['write-tree'])).trim();
  const done = await repository.git(['apply', '--cached', '--3way', '--whitespace=nowarn', '-'], bytes);
  refuseHostFault(done, 'merging a patch');
  if (done.exitCode !== 0) return undefined;
  const after = (await repository.must(['write-tree'])).trim();
  if (after === before) return undefined;
  await repository.must(['diff-tree', '-p', '--binary', '--full-index', '--no-color', '--no-ext-diff', '--no-textconv', '--no-renames', `--output=${path}`, before, after]);
  return withDiff(patch, await ctx.effects.files.readFile(path));
}

function withDiff(patch: Patch, diff: Buffer): Patch {
  const parsed = parseDiff(diff);
  if (parsed.kind !== 'parsed') throw hostError('git.failed', `what git made of ${patch.origin} cannot be read as a patch`);
  const text = diff.toString('utf8');
  const utf8 = Buffer.from(text, 'utf8').equals(diff);
  return {
    ...patch,
    digest: digestOf(diff),
    diff: utf8 ? text : diff.toString('latin1'),
    diffEncoding: utf8 ? undefined : 'latin1',
    files: parsed.files.map(({ kind, from, to }) => ({ from: kind === 'copy' ? undefined : from, to })),
  };
}
