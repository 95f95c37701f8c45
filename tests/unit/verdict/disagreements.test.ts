import { describe, expect, it } from 'vitest';
import type { TestStatus } from '../../../harness/model.js';
import { diagnosticKey } from '../../../harness/verdict/diagnostic-key.js';
import { disagreements, isOfAClock, shakyNames, type Seen } from '../../../harness/verdict/disagreements.js';
import { unmetExpectations } from '../../../harness/verdict/expectations.js';
import { findingNotes } from '../../../harness/verdict/held-findings.js';

function boot(results: Readonly<Record<string, TestStatus>>, kind = 'complete', findings: Seen['findings'] = []): Seen {
  return { transcript: { end: { kind } }, results: Object.entries(results).map(([name, status]) => ({ name, status })), findings };
}

const STALL = { class: 'rcu-stall', fingerprint: 'stall', title: 'RCU stall in f' };
const HUNG = { class: 'hung-task', fingerprint: 'hung', title: 'task hung in g' };
const WARNING = { class: 'warning', fingerprint: 'warning', title: 'WARNING in f' };

describe('boots of one kernel', () => {
  it.each<[string, readonly Seen[], readonly string[]]>([
    ['none', [], []],
    ['one', [boot({ a: 'fail' })], []],
    ['two that agree', [boot({ a: 'fail' }), boot({ a: 'fail' })], []],
    ['a failure and a crash', [boot({ a: 'fail' }), boot({ a: 'crash' }), boot({ a: 'timeout' })], []],
    ['two ends', [boot({}), boot({}, 'panic')], ['end : two boots of one kernel ended differently: complete, then panic']],
    ['three ends', [boot({}), boot({}, 'panic'), boot({})], ['end : 3 boots of one kernel ended differently: complete, then panic, then complete']],
    ['a test in two boots', [boot({ a: 'pass' }), boot({ a: 'fail' })], ['test a: a was pass, then fail on the same kernel']],
    ['a test in three boots', [boot({ a: 'pass' }), boot({ a: 'fail' }), boot({ a: 'pass' })], ['test a: a is not stable: pass in 2, fail in 1 of 3 boots of the same kernel']],
    ['a test that one boot does not know', [boot({ a: 'pass' }), boot({})], ['test a: a was pass, then absent on the same kernel']],
    ['a stall in one of two boots', [boot({}, 'complete', [WARNING, STALL]), boot({}, 'complete', [WARNING])], ['report stall: "RCU stall in f" came in 1 of 2 boots of one kernel']],
    ['a stall in the second boot alone', [boot({}), boot({}, 'complete', [HUNG, STALL])], ['report hung: "task hung in g" came in 1 of 2 boots of one kernel', 'report stall: "RCU stall in f" came in 1 of 2 boots of one kernel']],
    ['a stall in each boot', [boot({}, 'complete', [HUNG, STALL]), boot({}, 'complete', [STALL, HUNG])], []],
    ['a warning in one of two boots, which is no matter of a clock', [boot({}, 'complete', [WARNING]), boot({})], []],
  ])('%s', (_, boots, told) => {
    expect(disagreements(boots).map(({ about, name, text }) => `${about} ${name}: ${text}`)).toEqual(told);
  });

  it('names what they do not agree in, of one kind', () => {
    const found = disagreements([boot({ a: 'pass' }, 'complete', [STALL]), boot({ a: 'fail' }, 'panic')]);
    expect([[...shakyNames(found, 'test')], [...shakyNames(found, 'report')], [...shakyNames(found, 'end')]]).toEqual([['a'], ['stall'], ['']]);
  });

  it.each([['soft-lockup', true], ['hard-lockup', true], ['workqueue-lockup', true], ['hung-task', true], ['rcu-stall', true], ['warning', false], ['panic', false]])('%s is of a clock: %s', (name, expected) => {
    expect(isOfAClock({ class: name })).toBe(expected);
  });
});

it('a warning is the same wherever it stands in its file, and another in another file or in other words', () => {
  const key = diagnosticKey({ file: 'a.c', message: 'unused' });
  expect(diagnosticKey({ file: 'a.c', message: 'unused' })).toBe(key);
  expect(new Set([key, diagnosticKey({ file: 'b.c', message: 'unused' }), diagnosticKey({ file: 'a.c', message: 'unset' }), diagnosticKey({ file: 'a.cu', message: 'nused' })]).size).toBe(4);
});

it.each<[TestStatus | undefined, readonly string[]]>([
  ['fail', []],
  ['pass', ['a is expected to fail and passes (known)']],
  ['skip', ['a is expected to fail and is skip (known)']],
  ['crash', ['a is expected to fail and is crash (known)']],
  [undefined, ['a is expected to fail and was not seen (known)']],
])('of a test that is expected to fail and is %s it is told: %j', (status, told) => {
  expect(unmetExpectations({ a: { status: 'fail', reason: 'known' } }, () => status)).toEqual(told);
});

it('a declared report is there when it is one of several', () => {
  const all = [STALL, WARNING].map((one) => ({ ...one, function: 'f', lines: [], line: 1 }));
  expect(findingNotes({ stall: 'provoked' }, [], all)).toEqual([]);
  expect(findingNotes({ other: 'provoked' }, [], all)).toEqual(['the kernel is expected to report "other" and does not (provoked)']);
});
