import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KernelSource, Series } from '../../../harness/model.js';
import { pushSeries } from '../../../harness/series/push.js';
import { checkStated } from '../../../harness/series/check-stated.js';
import { mergeSeries } from '../../../harness/series/three-way.js';
import { readFileSync } from 'node:fs';
import { numbered } from './sample-series.js';
import { fill, git, makePlace, seriesOf, snapshot, type Place } from './support.js';

let place: Place;
let repository: string;

beforeEach(() => {
  place = makePlace();
  repository = join(place.root, 'repository');
  mkdirSync(repository);
  git(repository, 'init', '-q', '-b', 'main', '.');
});

afterEach(() => {
  place.remove();
});

function commit(files: Readonly<Record<string, string>>, message: string): string {
  fill(repository, files);
  git(repository, 'add', '-A');
  git(repository, 'commit', '-qm', message);
  return git(repository, 'rev-parse', 'HEAD').trim();
}

function sourceAt(ref: string): KernelSource {
  return { ...place.tree.source, content: { kind: 'git', gitDir: join(repository, '.git'), commit: ref } };
}

const BEHIND = { 8: 'eight', 9: 'nine' };

/** A patch made on the first commit, which the second does not take; and a second one on top of it. */
function diverged(): { readonly series: Series; readonly source: KernelSource } {
  commit({ 'a.c': numbered(30) }, 'old');
  fill(repository, { 'a.c': numbered(30, { 12: 'twelve' }) });
  const first = git(repository, 'diff', '--full-index');
  git(repository, 'commit', '-qam', 'mine');
  fill(repository, { 'a.c': numbered(30, { 12: 'twelve', 25: 'twenty-five' }) });
  const second = git(repository, 'diff', '--full-index');
  git(repository, 'commit', '-qam', 'mine too');
  git(repository, 'branch', 'mine');
  git(repository, 'reset', '-q', '--hard', 'HEAD~2');
  const now = commit({ 'a.c': numbered(30, BEHIND) }, 'now');
  fill(place.tree.src, { 'a.c': numbered(30, BEHIND) });
  return { series: seriesOf(first, second), source: sourceAt(now) };
}

describe('mergeSeries', () => {
  it('merges a patch that does not apply, and leaves one that does', async () => {
    const { series, source } = diverged();
    expect((await pushSeries(place.ctx, place.tree, series)).kind).toBe('rejected');
    const objects = (): readonly string[] => snapshot(repository).map((line) => line.replace(/(\/objects\/\S+ \d+) \d+ /, '$1 '));
    const before = objects();
    const { series: mergedSeries, merged } = await mergeSeries(place.ctx, source, series);
    // git gives an object that it would write and that is there a new time, and no more.
    expect(objects()).toEqual(before);
    expect(merged).toEqual([{ patch: 1, subject: 'patch 1', files: ['a.c'] }]);
    expect(mergedSeries.patches[1]).toBe(series.patches[1]);
    expect(mergedSeries.digest).not.toBe(series.digest);
    expect((await pushSeries(place.ctx, place.tree, mergedSeries)).kind).toBe('pushed');
    expect(readFileSync(join(place.tree.src, 'a.c'), 'utf8')).toBe(numbered(30, { ...BEHIND, 12: 'twelve', 25: 'twenty-five' }));
    expect(snapshot(place.ctx.cache.tmp)).toEqual([]);
  });

  it('merges behind a patch that applies', async () => {
    const { series, source } = diverged();
    git(repository, 'checkout', '-q', 'main~1');
    fill(repository, { 'a.c': numbered(30, { 25: 'twenty-five' }) });
    const plain = seriesOf(git(repository, 'diff', '--full-index'), series.patches[0]?.diff ?? '');
    git(repository, 'checkout', '-q', '-f', 'main');
    const { series: mergedSeries, merged } = await mergeSeries(place.ctx, source, plain);
    expect(merged.map(({ patch }) => patch)).toEqual([2]);
    expect(mergedSeries.patches[0]).toBe(plain.patches[0]);
  });

  it('leaves a patch that conflicts as it is, to be rejected', async () => {
    const { series } = diverged();
    const now = commit({ 'a.c': numbered(30, { 12: 'zwoelf' }) }, 'conflict');
    const outcome = await mergeSeries(place.ctx, sourceAt(now), series);
    expect(outcome).toEqual({ series, merged: [] });
  });

  it('is refused without a history', async () => {
    const { series, source } = diverged();
    const archive: KernelSource = { ...source, content: { kind: 'archive', path: '/x' } };
    await expect(mergeSeries(place.ctx, archive, series)).rejects.toMatchObject({ kind: 'usage', code: 'three-way.source' });
  });
});

describe('checkStated', () => {
  const stating = (series: Series, baseCommit: string | undefined, ...prerequisitePatchIds: readonly string[]): Series => ({ ...series, stated: { baseCommit, prerequisitePatchIds } });
  const outcomes = async (source: KernelSource, series: Series): Promise<readonly string[]> => (await checkStated(place.ctx, source, series)).map(({ what, outcome }) => `${what} ${outcome}`);

  it('tells a base that is the one that is tested, one before it, one beside it, and one that is not there', async () => {
    const { series, source } = diverged();
    const now = source.content.kind === 'git' ? source.content.commit : '';
    expect(await outcomes(source, stating(series, now))).toEqual(['base-commit matches']);
    expect(await outcomes(source, stating(series, git(repository, 'rev-parse', 'main~1').trim()))).toEqual(['base-commit differs']);
    expect(await outcomes(source, stating(series, git(repository, 'rev-parse', 'mine').trim()))).toEqual(['base-commit differs']);
    expect(await outcomes(source, stating(series, 'b'.repeat(40)))).toEqual(['base-commit unknown']);
    expect(await outcomes(source, stating(series, '--upload-pack=/bin/false'))).toEqual(['base-commit unknown']);
    expect(await outcomes({ ...source, content: { kind: 'archive', path: '/x' } }, stating(series, now))).toEqual(['base-commit unknown']);
    expect(await outcomes(source, series)).toEqual([]);
  });

  it('finds what it needs in the history, or among the patches', async () => {
    const { series, source } = diverged();
    const id = (diff: string): string => git(repository, 'diff', '--no-color', ...diff.split(' ')).trim();
    const idOf = (range: string): string => {
      fill(place.root, { diff: `${id(range)}\n` });
      return git(repository, '-c', 'alias.ids=!git patch-id --stable < ../diff', 'ids').split(' ')[0] ?? '';
    };
    expect(await outcomes(source, stating(series, undefined, idOf('main~1 main')))).toEqual(['prerequisite-patch-id matches']);
    expect(await outcomes(source, stating(series, undefined, idOf('main~1 mine~1')))).toEqual(['prerequisite-patch-id matches']);
    // The id of a commit is that of all its files, also of those that the series does not touch.
    const both = sourceAt(commit({ 'a.c': numbered(30, { ...BEHIND, 2: 'two' }), 'b.c': 'b\n' }, 'two files'));
    expect(await outcomes(both, stating(series, undefined, idOf('main~1 main')))).toEqual(['prerequisite-patch-id matches']);
    expect(await outcomes(source, stating(series, undefined, 'c'.repeat(40)))).toEqual(['prerequisite-patch-id differs']);
    expect(await outcomes({ ...source, content: { kind: 'archive', path: '/x' } }, stating(series, undefined, 'c'.repeat(40)))).toEqual(['prerequisite-patch-id unknown']);
  });
});
