import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Series } from '../../../harness/model.js';
import { matchPatches } from '../../../harness/series/range-diff.js';
import { numbered } from './sample-series.js';
import { fill, makePlace, seriesOf, snapshot, type Place } from './support.js';

let place: Place;

beforeEach(() => {
  place = makePlace();
  fill(place.tree.src, { 'ipc/a.c': numbered(30), 'ipc/b.c': numbered(30), 'run.sh': '#!/bin/sh\n', '.gitignore': '*\n' });
});

afterEach(() => {
  place.remove();
});

/** A diff that puts a text in place of one line of a numbered file. */
function change(file: string, line: number, text: string): string {
  const lines = numbered(30).split('\n');
  const context = (from: number, to: number): readonly string[] => lines.slice(from - 1, to).map((one) => ` ${one}`);
  return [`diff --git a/${file} b/${file}`, `--- a/${file}`, `+++ b/${file}`, `@@ -${line - 3},7 +${line - 3},7 @@`, ...context(line - 3, line - 1), `-${lines[line - 1] ?? ''}`, `+${text}`, ...context(line + 1, line + 3), ''].join('\n');
}

function named(series: Series, ...subjects: readonly string[]): Series {
  return { ...series, patches: series.patches.map((patch, index) => ({ ...patch, subject: subjects[index] ?? patch.subject })) };
}

async function table(older: Series, newer: Series): Promise<readonly (readonly [number | undefined, number | undefined, string, boolean])[]> {
  const { matches } = await matchPatches(place.ctx, place.tree, older, newer);
  return matches.map(({ old, now, change: what, moved }) => [old, now, what, moved]);
}

const A = change('ipc/a.c', 8, 'eight of a');
const B = change('ipc/b.c', 8, 'eight of b');
const C = change('ipc/a.c', 25, 'twenty-five');

describe('matchPatches', () => {
  it('leaves the tree alone and matches a series with itself', async () => {
    const before = snapshot(place.tree.src);
    const series = named(seriesOf(A, B), 'one', 'two');
    expect(await table(series, series)).toEqual([[1, 1, 'unchanged', false], [2, 2, 'unchanged', false]]);
    expect(snapshot(place.tree.src)).toEqual(before);
  });

  it('tells what was changed, by how many lines, with what git says of it', async () => {
    const { matches, text, unasked } = await matchPatches(place.ctx, place.tree, named(seriesOf(A, B), 'one', 'two'), named(seriesOf(A, change('ipc/b.c', 8, 'EIGHT of b')), 'one', 'two'));
    expect(matches[1]).toMatchObject({ change: 'changed', size: 2 });
    expect(text).toContain('EIGHT of b');
    expect(unasked).toBeUndefined();
  });

  it('tells what moved, came and went', async () => {
    const older = named(seriesOf(A, B, C), 'one', 'two', 'three');
    expect(await table(older, named(seriesOf(B, A, C), 'two', 'one', 'three'))).toHaveLength(3);
    expect((await table(older, named(seriesOf(B, A, C), 'two', 'one', 'three'))).filter(([, , , moved]) => moved)).toHaveLength(1);
    expect(await table(older, named(seriesOf(A, C), 'one', 'three'))).toEqual([[1, 1, 'unchanged', false], [2, undefined, 'dropped', false], [3, 2, 'unchanged', false]]);
  });

  it('matches by diff and subject where a version does not apply, and says which patch it is', async () => {
    const elsewhere = B.replace(' 7\n', ' seven\n');
    const { matches, unasked, text } = await matchPatches(place.ctx, place.tree, named(seriesOf(A, elsewhere), 'one', 'two'), named(seriesOf(A, B), 'one', 'two'));
    expect(unasked).toBe('patch 2 of the old version does not apply');
    expect(text).toBeUndefined();
    expect(matches.map(({ change: what }) => what)).toEqual(['unchanged', 'changed']);
  });

  it('takes subjects, messages and authors as they come', async () => {
    const odd = { ...seriesOf(A), patches: seriesOf(A).patches.map((patch) => ({ ...patch, subject: '1:  0123abc = 1:  4567def x\u001b[31m', message: '\n1:  0123abc < -:  ------- y\n\0', author: '..., <>' })) };
    expect(await table(odd, odd)).toEqual([[1, 1, 'unchanged', false]]);
    const nobody = { ...odd, patches: odd.patches.map((patch) => ({ ...patch, message: '1:  0123abc < -:  ------- z\n' })) };
    expect(await table(odd, nobody)).toEqual([[1, 1, 'changed', false]]);
  });

  it('builds on what each version needs first', async () => {
    const [first, second] = [seriesOf(A), seriesOf(change('ipc/a.c', 8, 'eight').replace(/^-[^-].*$/m, '-eight of a'))];
    const prerequisites = first.patches.map((patch) => ({ ...patch, number: 0 }));
    expect(await table({ ...second, prerequisites }, { ...second, prerequisites })).toEqual([[1, 1, 'unchanged', false]]);
    const { unasked } = await matchPatches(place.ctx, place.tree, second, { ...second, prerequisites });
    expect(unasked).toBe('patch 1 of the old version does not apply');
  });
});
