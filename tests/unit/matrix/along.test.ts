import { expect, test } from 'vitest';
import type { WalkEvidence } from '../../../harness/evidence/schema.js';
import { alongOf } from '../../../harness/matrix/along.js';
import { walkOf } from './sample.js';

const states = (walk: WalkEvidence): readonly string[] => alongOf(walk).map(({ patch, state }) => `${patch} ${state}`);

test('a test that stops to pass makes this prefix and those behind it fail, until it passes again', () => {
  expect(states(walkOf([{ tests: { a: 'fail' } }, { tests: { a: 'pass' } }, { tests: { a: 'fail' } }, { tests: { a: 'skip' } }, { tests: { a: 'pass' } }]))).toEqual(['0 good', '1 good', '2 fails', '3 fails', '4 good']);
});

test('a kernel report counts that the first kernel does not have, and that the suite does not provoke', () => {
  const walk = walkOf([{ finding: 'old' }, { finding: 'old' }, { finding: 'new' }]);
  expect(states(walk)).toEqual(['0 good', '1 good', '2 fails']);
  expect(states({ ...walk, suite: { ...walk.suite, declared: { new: 'on purpose' } } })).toEqual(['0 good', '1 good', '2 good']);
});

test('a kernel that does not come to its end, is the same as one before, or is not there', () => {
  const walk = walkOf([{}, { end: { kind: 'panic', description: 'panic' } }, {}, { broken: true }]);
  const points = walk.points.map((point) => (point.patch === 2 ? { ...point, sameAs: 1, side: { boots: [] } } : point.patch === 3 ? { ...point, outcome: 'build-failed' } : point));
  expect(states({ ...walk, points })).toEqual(['0 good', '1 stops', '2 stops', '3 none']);
});
