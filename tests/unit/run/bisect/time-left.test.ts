import { expect, test } from 'vitest';
import { msPerStep } from '../../../../harness/run/bisect/time-left.js';

test('the time of a step is that of the steps behind the two ends', () => {
  expect(msPerStep([{ ms: 90_000 }, { ms: 0 }])).toBeUndefined();
  expect(msPerStep([{ ms: 90_000 }, { ms: 50_000 }, { ms: 10_000 }, { ms: 20_000 }])).toBe(15_000);
});

test('a step that took no time tells nothing', () => {
  expect(msPerStep([{ ms: 90_000 }, { ms: 0 }, { ms: 0 }, { ms: 20_000 }])).toBe(20_000);
});
