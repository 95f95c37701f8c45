import { join } from 'node:path';
import type { Context } from '../context.js';
import type { KernelSource, KernelTree, Patch, PatchRejected, Series } from '../model.js';
import { containedFrom } from './diagnose/contained.js';
import { openBench, pathsOf, readContents, shareFile, type Bench, type Contents, type ReadPatch } from './diagnose/bench.js';
import { causesOf, readPatch } from './diagnose/diagnose.js';
import { aboutFile, explainRejection } from './explain-rejection.js';
import { stackOf } from './prefix.js';
import { withScratch } from './scratch.js';
import { lookAt } from './tree-files.js';

/** What became of one patch on a kernel. */
export type PatchOutcome =
  | { readonly kind: 'applies' }
  /** Its reverse applies as well: it may be in the tree, and going in a second time. */
  | { readonly kind: 'applies-again' }
  | { readonly kind: 'contained' }
  | { readonly kind: 'rejected'; readonly rejected: PatchRejected }
  /** It does not apply either, and changes files of one that does not. */
  | { readonly kind: 'blocked'; readonly behind: number };

export interface SurveyedPatch {
  readonly patch: Patch;
  readonly outcome: PatchOutcome;
}

export interface Survey {
  readonly patches: readonly SurveyedPatch[];
  /** The files that the series names, with all on it that applies; what was deleted has no entry. */
  readonly contents: Contents;
}

/**
 * Tries every patch of a series on copies of the files it touches: one that the tree has already is left out, and those
 * behind one that does not apply are tried without it. The tree is only read; the caller holds its lock.
 */
export async function surveySeries(
  ctx: Context,
  { tree, source, series }: { readonly tree: KernelTree; readonly source: KernelSource; readonly series: Series },
): Promise<Survey> {
  const stack = stackOf(series).map(readPatch);
  return withScratch(ctx, 'survey', async (scratch) => {
    await ctx.effects.files.mkdir(join(scratch, 'bench'));
    const bench = openBench(ctx, join(scratch, 'bench'));
    const base = await readContents(ctx, tree.src, stack);
    const refusals = await refusalsOf(ctx, tree, stack);
    const patches: SurveyedPatch[] = [];
    const failed: ReadPatch[] = [];
    let contents: Contents = base;
    for (let index = 0; index < stack.length; index += 1) {
      const one = stack[index];
      if (!one) break;
      const { patch } = one;
      const next = refusals.has(one) ? undefined : await bench.apply(contents, [one]);
      if (next) {
        patches.push({ patch, outcome: { kind: (await reverses(bench, contents, one)) ? 'applies-again' : 'applies' } });
        contents = next;
        continue;
      }
      const contained = await containedFrom(bench, contents, stack, index);
      if (contained > 0) {
        for (const there of stack.slice(index, index + contained)) patches.push({ patch: there.patch, outcome: { kind: 'contained' } });
        index += contained - 1;
        continue;
      }
      const before = failed.find((other) => shareFile(other, one));
      if (before && !refusals.has(one)) patches.push({ patch, outcome: { kind: 'blocked', behind: before.patch.number } });
      else {
        const rejections = refusals.get(one) ?? explainRejection(one.files, (path) => contents.get(path), '');
        const folder = join(scratch, `causes-${index}`);
        await ctx.effects.files.mkdir(folder);
        const causes = await causesOf({ ctx, bench, tree, source, stack, index, refused: one, base, before: contents, stated: series.stated, scratch: folder });
        patches.push({ patch, outcome: { kind: 'rejected', rejected: { patch: patch.number, subject: patch.subject, rejections, causes } } });
      }
      failed.push(one);
    }
    return { patches, contents };
  });
}

/** Whether the tree looks as if a patch that applies were on it already. A patch that only takes lines away never does. */
async function reverses(bench: Bench, contents: Contents, one: ReadPatch): Promise<boolean> {
  const brings = one.files.some(({ hunks }) => hunks.some(({ lines }) => lines.some(({ kind }) => kind === '+')));
  const changes = one.files.every(({ kind }) => kind === 'change');
  return brings && changes && (await bench.apply(contents, [one], ['-R'])) !== undefined;
}

/** What no patch may touch: a symbolic link, a folder. */
async function refusalsOf(ctx: Context, tree: KernelTree, stack: readonly ReadPatch[]): Promise<ReadonlyMap<ReadPatch, PatchRejected['rejections']>> {
  const problems = new Map<string, string>();
  for (const path of new Set(stack.flatMap(({ files }) => pathsOf(files)))) {
    const look = await lookAt(ctx, tree.src, path);
    if (look.kind === 'refused') problems.set(path, look.problem);
  }
  const found = new Map<ReadPatch, PatchRejected['rejections']>();
  for (const one of stack) {
    const refused = pathsOf(one.files).flatMap((path) => {
      const problem = problems.get(path);
      return problem === undefined ? [] : [aboutFile(path, problem)];
    });
    if (refused.length > 0) found.set(one, refused);
  }
  return found;
}
