import { expect, test } from 'vitest';
import type { SuiteProgram } from '../../../harness/model.js';
import { judgedPromises } from '../../../harness/spec/promises.js';

function program(name: string, more: Partial<SuiteProgram> = {}): SuiteProgram {
  const from = { kind: 'source', path: `/${name}.c` } as const;
  return { name, from, judge: 'ktap', timeoutMs: 1, tests: [], meanings: {}, absent: 'fail', bits: 64, profiles: undefined, args: [], env: {}, files: [], expect: {}, ...more } as SuiteProgram;
}

const PROMISES = { 'a.one': 1, 'b.two': 2, 'c.three': 3, d: 4 };
const LISTED = program('p', { tests: ['a.one'] });

test('when the series names the tests, every promise is judged', () => {
  expect(judgedPromises(PROMISES, [LISTED], { left: [], named: false })).toEqual(PROMISES);
});

test('what a program for other profiles is promised to show is judged there', () => {
  expect(judgedPromises(PROMISES, [LISTED], { left: [program('q', { tests: ['b.two'] })], named: false })).toEqual({ 'a.one': 1, 'c.three': 3, d: 4 });
});

test('when the user names the tests, promises about others are not judged', () => {
  expect(judgedPromises(PROMISES, [LISTED], { left: [], named: true })).toEqual({ 'a.one': 1 });
  // A program that lists none of its tests may report any below its name.
  expect(judgedPromises(PROMISES, [program('c')], { left: [], named: true })).toEqual({ 'c.three': 3 });
  expect(judgedPromises(PROMISES, [program('d', { judge: 'exit' })], { left: [], named: true })).toEqual({ d: 4 });
  expect(judgedPromises(PROMISES, [program('c', { judge: 'exit' })], { left: [], named: true })).toEqual({});
});
