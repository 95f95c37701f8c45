import { describe, expect, it } from 'vitest';
import { narrow, nextPoints, type Mark, type Narrowed } from '../../../harness/verdict/narrow.js';

/** Searches the first `new` point of 0 … last, asking `seen` at each step, `count` points at once. */
function search(last: number, seen: (point: number) => Mark, count = 1): { readonly end: Narrowed; readonly asked: readonly number[]; readonly rounds: number } {
  const marks = new Map<number, Mark>();
  for (let rounds = 0; ; rounds += 1) {
    const state = narrow(last, marks);
    const points = nextPoints(state, count);
    if (points.length === 0 || state.contradiction) return { end: state, asked: [...marks.keys()], rounds };
    for (const point of points) marks.set(point, seen(point));
  }
}

const newFrom = (first: number) => (point: number): Mark => (point >= first ? 'new' : 'old');

describe('the first new point', () => {
  it('is found wherever it is, in at most log2 steps', () => {
    for (let last = 1; last <= 40; last += 1) {
      for (let first = 1; first <= last; first += 1) {
        const { end, asked } = search(last, newFrom(first));
        expect({ old: end.old, new: end.new }).toEqual({ old: first - 1, new: first });
        expect(asked.length).toBeLessThanOrEqual(Math.ceil(Math.log2(last)));
      }
    }
  });

  it('takes as many steps as were announced, or fewer', () => {
    const before = narrow(13, new Map());
    expect(before.steps).toBe(4);
    expect(search(13, newFrom(9)).asked.length).toBeLessThanOrEqual(4);
  });

  it('is found in fewer rounds when several points are looked at in each', () => {
    for (let first = 1; first <= 40; first += 1) {
      const { end, rounds } = search(40, newFrom(first), 3);
      expect(end.new).toBe(first);
      expect(rounds).toBeLessThanOrEqual(3);
    }
  });

  it('is the same however many points are looked at at once, in as many rounds as were announced', () => {
    for (let last = 1; last <= 17; last += 2) {
      for (const jobs of [2, 3, 8]) {
        const announced = narrow(last, new Map(), jobs).steps;
        for (let first = 1; first <= last; first += 1) {
          const { end, rounds } = search(last, newFrom(first), jobs);
          expect(end.new).toBe(first);
          expect(rounds).toBeLessThanOrEqual(announced);
          // Points that tell nothing leave the same suspects.
          const skipping = (point: number): Mark => (point % 3 === 1 ? 'skip' : newFrom(first)(point));
          const [one, many] = [search(last, skipping), search(last, skipping, jobs)];
          expect([many.end.old, many.end.new]).toEqual([one.end.old, one.end.new]);
        }
      }
    }
  });
});

describe('points that tell nothing', () => {
  it('leave the suspects that they stand between', () => {
    const { end } = search(10, (point) => (point >= 4 && point <= 6 ? 'skip' : newFrom(6)(point)));
    expect(end).toMatchObject({ old: 3, new: 7, untested: [], skipped: [4, 5, 6] });
  });

  it('do not keep the others from being found', () => {
    for (let first = 1; first <= 12; first += 1) {
      for (let skipped = 1; skipped < 12; skipped += 1) {
        const { end } = search(12, (point) => (point === skipped ? 'skip' : newFrom(first)(point)));
        const suspects = Array.from({ length: end.new - end.old }, (_, index) => end.old + 1 + index);
        expect(suspects).toContain(first);
        expect(suspects.length).toBe(skipped === first || skipped === first - 1 ? Math.min(2, skipped === 0 ? 1 : 2) : 1);
      }
    }
  });
});

describe('a search in which nothing is consistent', () => {
  it('is told, with the two points', () => {
    const marks = new Map<number, Mark>([[3, 'new'], [6, 'old']]);
    expect(narrow(9, marks).contradiction).toEqual({ new: 3, old: 6 });
  });

  it('is none where the marks agree', () => {
    expect(narrow(9, new Map<number, Mark>([[3, 'old'], [6, 'new']])).contradiction).toBeUndefined();
  });
});

it('tells what was skipped from what was not looked at, on the way', () => {
  expect(narrow(6, new Map<number, Mark>([[3, 'skip']]))).toMatchObject({ old: 0, new: 6, untested: [1, 2, 4, 5], skipped: [3] });
});

it('asks for nothing when the ends are neighbours', () => {
  expect(narrow(1, new Map())).toMatchObject({ old: 0, new: 1, untested: [], steps: 0 });
  expect(nextPoints(narrow(1, new Map()), 4)).toEqual([]);
});

it('ignores marks of the ends', () => {
  expect(narrow(4, new Map<number, Mark>([[0, 'new'], [4, 'old']]))).toMatchObject({ old: 0, new: 4 });
});
