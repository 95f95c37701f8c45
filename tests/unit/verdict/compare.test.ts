import { describe, expect, it } from 'vitest';
import type { Finding, TestResult, TestStatus } from '../../../harness/model.js';
import { changeOf, compareFindings, compareTests } from '../../../harness/verdict/compare.js';

const STATUSES: readonly TestStatus[] = ['pass', 'fail', 'skip', 'crash', 'timeout', 'missing'];

function result(name: string, status: TestStatus, reason = ''): TestResult {
  return { name, program: 'p', status, reason, lines: [] };
}

function finding(fingerprint: string, line = 1): Finding {
  return { class: 'warning', title: fingerprint, function: 'f', fingerprint, lines: [], line };
}

describe('changeOf', () => {
  it.each<[TestStatus | undefined, TestStatus | undefined, string]>([
    ['fail', 'pass', 'fixed'],
    ['skip', 'pass', 'fixed'],
    ['missing', 'pass', 'fixed'],
    ['pass', 'fail', 'regressed'],
    ['pass', 'skip', 'regressed'],
    ['pass', 'missing', 'regressed'],
    ['skip', 'fail', 'regressed'],
    ['fail', 'crash', 'regressed'],
    ['fail', 'timeout', 'regressed'],
    ['fail', 'skip', 'same'],
    ['crash', 'fail', 'same'],
    [undefined, 'pass', 'new'],
    [undefined, 'crash', 'new'],
    ['pass', undefined, 'gone'],
    ['skip', undefined, 'gone'],
    ['missing', undefined, 'same'],
  ])('%s, then %s, is %s', (base, tip, change) => {
    expect(changeOf(base, tip)).toBe(change);
  });

  it.each(STATUSES)('%s twice is the same', (status) => {
    expect(changeOf(status, status)).toBe('same');
  });

  it.each(STATUSES.filter((status) => status !== 'pass'))('a pass that became %s is never the same', (status) => {
    expect(changeOf('pass', status)).toBe('regressed');
  });
});

describe('compareTests', () => {
  it('lists the tip in its order, then what the base alone had, then promises that were never seen', () => {
    const compared = compareTests([result('a', 'pass'), result('gone', 'pass')], [result('b', 'pass'), result('a', 'pass')], { never: 2 });
    expect(compared.map(({ name, change }) => [name, change])).toEqual([
      ['b', 'new'],
      ['a', 'same'],
      ['gone', 'gone'],
      ['never', 'new'],
    ]);
    expect(compared.at(-1)).toMatchObject({ base: undefined, tip: undefined, promised: 2 });
  });

  it('gives the reason of the tip', () => {
    expect(compareTests([result('a', 'fail', 'then')], [result('a', 'fail', 'now')], {})[0]?.reason).toBe('now');
    expect(compareTests([result('a', 'fail', 'then')], [result('a', 'pass')], {})[0]?.reason).toBe('');
    expect(compareTests([result('a', 'fail', 'then')], [], {})[0]?.reason).toBe('then');
    expect(compareTests(undefined, [], { a: 1 })[0]).toEqual({ name: 'a', base: undefined, tip: undefined, change: 'new', promised: 1, reason: '' });
  });
});

describe('compareFindings', () => {
  it('goes by fingerprint, and counts one that came twice once', () => {
    const compared = compareFindings([finding('both', 3), finding('gone')], [finding('new', 1), finding('both', 9), finding('new', 2)]);
    expect(compared.fresh).toEqual([finding('new', 1)]);
    expect(compared.known).toEqual([finding('both', 9)]);
    expect(compared.gone).toEqual([finding('gone')]);
  });
});
