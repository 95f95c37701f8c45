import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Series } from '../../../harness/model.js';
import { surveySeries } from '../../../harness/series/survey.js';
import { numbered } from './sample-series.js';
import { fill, makePlace, seriesOf, snapshot, type Place } from './support.js';

let place: Place;

beforeEach(() => {
  place = makePlace();
});

afterEach(() => {
  place.remove();
});

function change(path: string, line: number, from: string, to: string): string {
  return `--- a/${path}\n+++ b/${path}\n@@ -${line - 1},3 +${line - 1},3 @@\n line ${line - 1}\n-${from}\n+${to}\n line ${line + 1}\n`;
}

async function outcomes(series: Series): Promise<readonly string[]> {
  const { ctx, tree } = place;
  const before = snapshot(tree.src);
  const source = { ...tree.source, content: { kind: 'archive', path: '/nowhere' } as const };
  const { patches } = await surveySeries(ctx, { tree, source, series });
  expect(snapshot(tree.src)).toEqual(before);
  expect(snapshot(ctx.cache.tmp)).toEqual([]);
  return patches.map(({ outcome }) => (outcome.kind === 'blocked' ? `behind ${outcome.behind}` : outcome.kind));
}

it('every patch is tried, those behind one that does not apply without it', async () => {
  fill(place.tree.src, { 'a.c': numbered(30), 'b.c': numbered(30, { 5: 'five' }), 'c.c': numbered(30) });
  const series = seriesOf(
    change('a.c', 10, 'line 10', 'ten'),
    change('b.c', 5, 'line 5', 'five'),
    change('c.c', 10, 'no such line', 'ten'),
    change('c.c', 20, 'line 20', 'twenty'),
    change('c.c', 10, 'ten', 'zehn'),
    change('a.c', 10, 'ten', 'zehn'),
  );
  expect(await outcomes(series)).toEqual(['applies', 'contained', 'rejected', 'applies', 'behind 3', 'applies']);
});

it('a patch that goes in a second time is told', async () => {
  const table = ' {\n \t.a = 1,\n };\n';
  const twice = 'start\n{\n\t.a = 1,\n};\n{\n\t.a = 1,\n};\nend\n';
  fill(place.tree.src, { 'a.c': twice });
  const diff = `--- a/a.c\n+++ b/a.c\n@@ -2,3 +2,6 @@\n${table}+{\n+\t.a = 1,\n+};\n`;
  expect(await outcomes(seriesOf(diff.concat(' end\n').replace('-2,3 +2,6', '-5,4 +5,7')))).toEqual(['applies-again']);
});
