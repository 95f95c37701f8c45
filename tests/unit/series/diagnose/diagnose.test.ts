import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KernelSource, RejectionCause, Series } from '../../../../harness/model.js';
import { diagnose } from '../../../../harness/series/diagnose/diagnose.js';
import { pushSeries } from '../../../../harness/series/push.js';
import { numbered } from '../sample-series.js';
import { fill, git, makePlace, seriesOf, snapshot, type Place } from '../support.js';

let place: Place;

beforeEach(() => {
  place = makePlace();
});

afterEach(() => {
  place.remove();
});

const ARCHIVE = { kind: 'archive', path: '/nowhere' } as const;

async function causes(series: Series, content: KernelSource['content'] = ARCHIVE): Promise<readonly RejectionCause[] | undefined> {
  const { ctx, tree } = place;
  const before = snapshot(tree.src);
  const outcome = await pushSeries(ctx, tree, series);
  if (outcome.kind !== 'rejected') throw new Error('it was taken');
  const { causes: found } = await diagnose(ctx, { tree, series, rejected: outcome.rejected, source: { ...tree.source, content } });
  expect(snapshot(tree.src)).toEqual(before);
  return found;
}

/** A patch that changes a line of a file of numbered lines, with three lines of context. */
function changing(path: string, line: number, to: string, lines = (at: number): string => `line ${at}`, from = lines(line)): string {
  const around = (at: number): string => ` ${lines(at)}\n`;
  const context = [-3, -2, -1].map((offset) => around(line + offset)).join('');
  const after = [1, 2, 3].map((offset) => around(line + offset)).join('');
  return `--- a/${path}\n+++ b/${path}\n@@ -${line - 3},7 +${line - 3},7 @@\n${context}-${from}\n+${to}\n${after}`;
}

const FILE = numbered(30);
const tabbed = (at: number): string => `\tline ${at};`;
const TABBED = Array.from({ length: 30 }, (_, index) => `${tabbed(index + 1)}\n`).join('');

/** What is wrong, the tree, the series, the cause, words of its text. */
const TABLE: readonly (readonly [string, Readonly<Record<string, string>>, Series, readonly string[], RegExp])[] = [
  ['a patch that the tree has', { 'a.c': numbered(30, { 10: 'ten' }) }, seriesOf(changing('a.c', 10, 'ten')), ['contained'], /has patch 1 already: it can be taken back out/],
  [
    'patches that the tree has, where the second changes what the first left',
    { 'a.c': numbered(30, { 10: 'zehn' }) },
    seriesOf(changing('a.c', 10, 'ten'), changing('a.c', 10, 'zehn', undefined, 'ten'), changing('a.c', 20, 'x')),
    ['contained'],
    /has patches 1 to 2 already/,
  ],
  ['a new file that the tree has', { 'n.c': 'one\n' }, seriesOf('diff --git a/n.c b/n.c\nnew file mode 100644\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+one\n'), ['contained'], /patch 1/],
  [
    'a patch of which the tree has a hunk',
    { 'a.c': numbered(30, { 5: 'five' }), 'b.c': FILE },
    seriesOf(`${changing('a.c', 5, 'five')}${changing('b.c', 9, 'nine')}`),
    ['partly-contained'],
    /1 of its 2 hunks is in the tree already, 1 would apply/,
  ],
  ['tabs that became blanks', { 'a.c': TABBED }, seriesOf(changing('a.c', 10, '        ten;', (at) => `        line ${at};`)), ['whitespace'], /tabs became blanks, first at a\.c:7$/],
  ['CRLF', { 'a.c': FILE }, seriesOf(changing('a.c', 10, 'ten\r', (at) => `line ${at}\r`)), ['whitespace'], /the patch has CRLF.*a\.c:7/],
  ['blanks at the end that were cut', { 'a.c': numbered(30, { 9: 'line 9  ' }) }, seriesOf(changing('a.c', 10, 'ten')), ['whitespace'], /blanks at the end of a line are lost, first at a\.c:9/],
  ['patches in the wrong order', { 'a.c': FILE }, seriesOf(changing('a.c', 10, 'zehn', undefined, 'ten'), changing('a.c', 10, 'ten')), ['order'], /applies behind patch 2 \("patch 2"\): the order is wrong/],
  [
    'patches that were not made one on the other',
    { 'a.c': FILE },
    seriesOf(changing('a.c', 20, 'x'), changing('a.c', 10, 'ten'), changing('a.c', 11, 'eleven')),
    ['order'],
    /no more behind patch 2/,
  ],
  [
    'a file that an earlier patch takes away',
    { 'a.c': FILE },
    seriesOf('diff --git a/a.c b/b.c\nsimilarity index 100%\nrename from a.c\nrename to b.c\n', changing('a.c', 10, 'ten')),
    ['order'],
    /patch 1 \("patch 1"\) deletes or renames a\.c/,
  ],
  ['a file that was moved', { 'ipc/new/a.c': FILE, 'x/a.c': 'other\n' }, seriesOf(changing('ipc/a.c', 10, 'ten')), ['moved'], /ipc\/a\.c does not exist, and its hunks match ipc\/new\/a\.c/],
  ['a path with folders too many', { 'ipc/a.c': FILE }, seriesOf(changing('work/linux/ipc/a.c', 10, 'ten')), ['strip-level'], /work\/linux\/ipc\/a\.c is ipc\/a\.c in the tree.*2 folders too many/],
  ['a path from below the top', { 'ipc/a.c': FILE }, seriesOf(changing('a.c', 10, 'ten')), ['strip-level'], /do not begin at the top/],
  ['context that is another', { 'a.c': numbered(30, { 7: 'other' }) }, seriesOf(changing('a.c', 10, 'ten')), ['fuzz'], /only 2 lines of context/],
  ['lines that are nowhere', { 'a.c': 'nothing\nof this\nkind\n' }, seriesOf(changing('a.c', 10, 'ten')), [], /^$/],
  ['a file that is nowhere', { 'b.c': FILE }, seriesOf(changing('a.c', 10, 'ten')), [], /^$/],
];

describe('the cause of a rejection is found by trying', () => {
  it.each(TABLE)('%s', async (_what, tree, series, kinds, words) => {
    fill(place.tree.src, tree);
    const found = await causes(series);
    expect(found?.map(({ kind }) => kind)).toEqual(kinds);
    expect(found?.[0]?.text ?? '').toMatch(words);
  });

  it('names the patches that the tree has', async () => {
    fill(place.tree.src, { 'a.c': numbered(30, { 10: 'zehn' }) });
    const found = await causes(seriesOf(changing('a.c', 10, 'ten'), changing('a.c', 10, 'zehn', undefined, 'ten')));
    expect(found?.[0]?.patches).toEqual([1, 2]);
  });

  it('leaves nothing behind', async () => {
    fill(place.tree.src, { 'a.c': 'nothing\n' });
    await causes(seriesOf(changing('a.c', 10, 'ten')));
    expect(snapshot(place.ctx.cache.tmp)).toEqual([]);
  });
});

describe('with the history of a git source', () => {
  /** A repository of two commits that change lines of a.c, unpacked as the tree of the second. */
  function history(): { readonly repository: string; readonly old: string; readonly now: KernelSource['content'] } {
    const repository = join(place.root, 'repository');
    mkdirSync(repository);
    git(repository, 'init', '-q', '-b', 'main', '.');
    fill(repository, { 'a.c': FILE });
    git(repository, 'add', '-A');
    git(repository, 'commit', '-qm', 'old');
    const old = git(repository, 'rev-parse', 'HEAD').trim();
    const changed = numbered(30, { 8: 'eight', 9: 'nine', 12: 'twelve', 13: 'thirteen' });
    fill(repository, { 'a.c': changed });
    git(repository, 'commit', '-qam', 'now');
    fill(place.tree.src, { 'a.c': changed });
    return { repository, old, now: { kind: 'git', gitDir: join(repository, '.git'), commit: git(repository, 'rev-parse', 'HEAD').trim() } };
  }

  it('a series that applies to the base-commit that it states', async () => {
    const { old, now } = history();
    const series = { ...seriesOf(changing('a.c', 10, 'ten')), stated: { baseCommit: old, prerequisitePatchIds: [] } };
    const found = await causes(series, now);
    expect(found?.map(({ kind }) => kind)).toEqual(['other-base']);
    expect(found?.[0]?.text).toMatch(new RegExp(`base-commit that the series states, ${old}, which is 1 commit before`));
  });

  it('a patch that it needs and the kernel does not have', async () => {
    const { now } = history();
    const id = 'a'.repeat(40);
    const found = await causes({ ...seriesOf(changing('a.c', 10, 'ten')), stated: { baseCommit: undefined, prerequisitePatchIds: [id] } }, now);
    expect(found?.map(({ kind }) => kind)).toEqual(['prerequisite']);
    expect(found?.[0]?.text).toContain(id);
  });

  it('a patch that a three-way merge takes, and the repository as it was', async () => {
    const { repository, now } = history();
    git(repository, 'checkout', '-q', 'HEAD~1');
    fill(repository, { 'a.c': numbered(30, { 3: 'three', 20: 'twenty' }) });
    const diff = git(repository, 'diff', '--full-index', '-U12');
    git(repository, 'checkout', '-q', '-f', 'main');
    // git gives an object that it would write and that is there a new time, and no more.
    const contents = (): readonly string[] => snapshot(repository).map((line) => line.replace(/(\/objects\/\S+ \d+) \d+ /, '$1 '));
    const before = contents();
    const found = await causes(seriesOf(diff), now);
    expect(found?.map(({ kind }) => kind)).toContain('three-way');
    expect(contents()).toEqual(before);
  });
});
