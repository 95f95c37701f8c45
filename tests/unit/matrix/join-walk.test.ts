import { describe, expect, it } from 'vitest';
import { joinWalks } from '../../../harness/matrix/join-walk.js';
import { walkOf, type PointSpec } from './sample.js';

/** The verdict of one walk, and that of its ranges joined. */
function both(specs: readonly PointSpec[], cuts: readonly number[], promises: Readonly<Record<string, number>> = {}) {
  const whole = walkOf(specs, {}, promises);
  const edges = [0, ...cuts, specs.length - 1];
  const parts = edges.slice(1).map((to, index) => walkOf(specs, { from: edges[index] ?? 0, to }, promises));
  return { whole, parts, joined: joinWalks(parts) };
}

const PASS = { tests: { a: 'pass', b: 'fail' } } as const;

describe('ranges that are joined are judged as one walk', () => {
  it.each<[string, readonly PointSpec[], Readonly<Record<string, number>>, string]>([
    ['all good', [PASS, PASS, { tests: { a: 'pass', b: 'pass' } }, { tests: { a: 'pass', b: 'pass' } }], { b: 2 }, 'good'],
    ['a promise that is broken in the last range', [PASS, PASS, PASS, { tests: { a: 'pass', b: 'pass' } }], { b: 2 }, 'bad'],
    ['a regression between ranges', [PASS, PASS, { tests: { a: 'fail', b: 'fail' } }, { tests: { a: 'fail', b: 'fail' } }], {}, 'bad'],
    ['a patch that does not build where ranges meet', [PASS, PASS, { broken: true }, PASS], {}, 'bad'],
    ['a new warning', [PASS, PASS, PASS, { ...PASS, warning: 'unused' }], {}, 'bad'],
    ['a panic', [PASS, PASS, PASS, { tests: {}, end: { kind: 'panic', description: 'kernel panic: oops', detail: 'oops' } }], {}, 'bad'],
    ['a hang', [PASS, PASS, { ...PASS, end: { kind: 'overtime', description: 'x', afterMs: 5000, phase: 'tests' } }, PASS], {}, 'bad'],
    ['a broken result stream', [PASS, PASS, PASS, { ...PASS, end: { kind: 'corrupt', description: 'x', detail: 'a gap' } }], {}, 'untestable'],
    ['an end that is not known', [PASS, PASS, PASS, { ...PASS, end: { kind: 'melted', description: 'x' } }], {}, 'untestable'],
    ['boots that disagree', [PASS, PASS, { ...PASS, again: { a: 'fail', b: 'fail' } }, PASS], {}, 'untestable'],
    ['tests that only the last patch brings', [{ tests: { b: 'missing' } }, { tests: { b: 'missing' } }, { tests: { b: 'missing' } }, { tests: { b: 'pass' } }], {}, 'good'],
  ])('%s', (_what, specs, promises, name) => {
    const { whole, joined } = both(specs, [2], promises);
    expect(joined.verdict.name).toBe(name);
    expect(joined.verdict).toEqual(whole.verdict);
    expect(joined.points).toEqual(whole.points);
    expect(both(specs, [1, 2], promises).joined).toEqual(joined);
  });

  it('what a range looked at again is kept with all its boots', () => {
    const specs = [PASS, PASS, PASS, { tests: { a: 'fail', b: 'fail' } }] as const;
    const { parts, joined } = both(specs, [2]);
    const [first, second] = parts;
    const again = { ...second, points: second?.points.map((point, index) => (index === 0 ? { ...point, side: { ...point.side, boots: [...point.side.boots, ...point.side.boots] } } : point)) };
    const kept = joinWalks([first, again] as Parameters<typeof joinWalks>[0]);
    expect(kept.points.map(({ side }) => side.boots.length)).toEqual([1, 1, 2, 1]);
    expect(kept.verdict).toEqual(joined.verdict);
  });

  it('what the base reports already is new in no range', () => {
    const specs = [{ ...PASS, finding: 'WARNING in x' }, PASS, PASS, { ...PASS, finding: 'WARNING in x' }];
    const { parts, joined } = both(specs, [2]);
    expect(parts[1]?.verdict.name).toBe('bad');
    expect(joined.verdict.name).toBe('good');
  });

  it('a base of no use leaves nothing to judge, whatever other machines built', () => {
    const [first, second] = both([PASS, PASS, PASS, PASS], [2]).parts;
    const base = walkOf([{ broken: true }], {});
    expect(first?.points).toHaveLength(3);
    const { points, verdict } = joinWalks([base, ...(second ? [second] : [])]);
    expect(points).toHaveLength(1);
    expect(verdict.name).toBe('untestable');
  });

  it('nothing is not good', () => {
    expect(joinWalks([]).verdict.name).toBe('untestable');
  });

  it('tells where nothing of the series was compiled', () => {
    const walk = walkOf([PASS, PASS, PASS]);
    const same = walk.points.map((point) => ({
      ...point,
      side: { ...point.side, ...(point.side.build ? { build: { ...point.side.build, vmlinux: 'c'.repeat(64) } } : {}), coverage: { compiled: [], unbuilt: [{ path: 'net/x.c', needs: 'needs CONFIG_NET' }] } },
    }));
    expect(joinWalks([{ ...walk, points: same.slice(0, 2) }, { ...walk, points: same.slice(1) }]).verdict).toMatchObject({ name: 'untestable', reasons: [{ code: 'code.not-built' }] });
  });
});
