import { describe, expect, it } from 'vitest';
import { isRateKnown, missProbability, runsForGood } from '../../../harness/verdict/runs-needed.js';

describe('a fault that was always there', () => {
  it('needs one good run of each kernel once the bad end was bad a few times', () => {
    expect(runsForGood({ bad: 6, runs: 6 }, 0.99, 4)).toBe(1);
    expect(isRateKnown({ bad: 6, runs: 6 }, 0.99, 4)).toBe(true);
  });

  it('is not known after one run', () => {
    expect(isRateKnown({ bad: 1, runs: 1 }, 0.99, 4)).toBe(false);
    expect(isRateKnown({ bad: 0, runs: 0 }, 0.9, 1)).toBe(false);
  });

  it('needs more runs of the bad end for more steps and for more confidence', () => {
    const runs = (confidence: number, steps: number): number => {
      let count = 1;
      while (!isRateKnown({ bad: count, runs: count }, confidence, steps)) count += 1;
      return count;
    };
    expect([runs(0.9, 4), runs(0.99, 4), runs(0.999, 4)]).toEqual([1, 6, 20]);
    expect([runs(0.99, 1), runs(0.99, 8)]).toEqual([2, 8]);
  });
});

it('no run at all tells nothing', () => {
  expect(missProbability({ bad: 3, runs: 3 }, 0)).toBe(1);
  expect(missProbability({ bad: 1, runs: 3 }, 0)).toBe(1);
});

it('as many runs are enough that the probability is what is allowed, and not only below it', () => {
  expect(missProbability({ bad: 1, runs: 2 }, 1)).toBe(0.5);
  expect(runsForGood({ bad: 1, runs: 2 }, 0.5, 1)).toBe(1);
});

it('a thousand runs are the most', () => {
  const rate = { bad: 1, runs: 40 };
  const [most, more] = [missProbability(rate, 1000), missProbability(rate, 1001)];
  expect(runsForGood(rate, 1 - most * 1.0000001, 1)).toBe(1000);
  expect(runsForGood(rate, 1 - more * 1.0000001, 1)).toBeUndefined();
});

describe('a fault that comes and goes', () => {
  it.each([
    ['one in four', { bad: 8, runs: 32 }, 28],
    ['one in two', { bad: 8, runs: 16 }, 12],
    ['nearly always', { bad: 8, runs: 9 }, 5],
  ])('%s needs as many good runs as its rate demands', (_, rate, needed) => {
    expect(runsForGood(rate, 0.99, 4)).toBe(needed);
    expect(missProbability(rate, needed)).toBeLessThanOrEqual(0.0025);
    expect(missProbability(rate, needed - 1)).toBeGreaterThan(0.0025);
  });

  it('is not overlooked more often than allowed when the real rate is one in four', () => {
    expect(0.75 ** (runsForGood({ bad: 8, runs: 32 }, 0.99, 4) ?? 0)).toBeLessThan(0.0025);
  });

  it('is known after eight bad runs or forty runs', () => {
    expect(isRateKnown({ bad: 7, runs: 30 }, 0.99, 4)).toBe(false);
    expect(isRateKnown({ bad: 8, runs: 30 }, 0.99, 4)).toBe(true);
    expect(isRateKnown({ bad: 1, runs: 40 }, 0.99, 4)).toBe(true);
  });

  it('is not looked for for ever on an end that is never bad', () => {
    expect(isRateKnown({ bad: 0, runs: 11 }, 0.99, 4)).toBe(false);
    expect(isRateKnown({ bad: 0, runs: 12 }, 0.99, 4)).toBe(true);
  });

  it('may be too seldom for any number of runs', () => {
    expect(runsForGood({ bad: 0, runs: 12 }, 0.9999, 8)).toBeUndefined();
  });
});
