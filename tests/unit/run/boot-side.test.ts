import { describe, expect, it } from 'vitest';
import type { BootEnd, Finding, TestStatus, Transcript } from '../../../harness/model.js';
import { faultPatterns } from '../../../harness/results/fault-patterns.js';
import { isSettled } from '../../../harness/run/boot-ready.js';
import { findingsOf, provesNothing, wantsSecondLook, type Boot } from '../../../harness/run/boot-side.js';
import { disagreements, OF_A_CLOCK, type Seen } from '../../../harness/verdict/disagreements.js';

function boot(results: Readonly<Record<string, TestStatus>>, end: BootEnd = { kind: 'complete' }, findings: readonly Finding[] = [], rest: Partial<Transcript> = {}): Boot {
  return {
    ...{ argv: [], at: '', reused: false, findings },
    transcript: { end, initReached: true, programs: [], console: '', bootMs: 1, guestBootMs: 1, totalMs: 1000, lost: { ms: 0, longestMs: 0 }, ...rest },
    results: Object.entries(results).map(([name, status]) => ({ name, program: 'p', status, reason: '', lines: [] })),
  };
}

function said(boots: readonly Seen[]): readonly string[] {
  return disagreements(boots).map(({ text }) => text);
}

describe('disagreements', () => {
  it('are none of one boot, nor of several that agree', () => {
    expect(said([])).toEqual([]);
    expect(said([boot({ a: 'fail' })])).toEqual([]);
    expect(said([boot({ a: 'pass' }), boot({ a: 'pass' }), boot({ a: 'pass' })])).toEqual([]);
  });

  it('name the tests of two boots', () => {
    expect(said([boot({ a: 'pass', b: 'pass' }), boot({ a: 'timeout' })])).toEqual(['a was pass, then timeout on the same kernel', 'b was pass, then absent on the same kernel']);
  });

  it('say of several boots how often a test came out how, wherever the one that differs is', () => {
    expect(said([boot({ a: 'pass' }), boot({ a: 'pass' }), boot({ a: 'fail' })])).toEqual(['a is not stable: pass in 2, fail in 1 of 3 boots of the same kernel']);
    expect(said([boot({}), boot({}), boot({ late: 'pass' })])).toEqual(['late is not stable: absent in 2, pass in 1 of 3 boots of the same kernel']);
  });

  it('are none where a test never works, however it fails', () => {
    expect(said([boot({ a: 'fail' }), boot({ a: 'crash' }), boot({ a: 'timeout' })])).toEqual([]);
    expect(said([boot({ a: 'skip' }), boot({ a: 'pass' })])).toEqual(['a was skip, then pass on the same kernel']);
  });

  it('are ends that differ', () => {
    expect(said([boot({}), boot({}), boot({}, { kind: 'panic', detail: 'x' })])).toEqual(['3 boots of one kernel ended differently: complete, then complete, then panic']);
  });
});

it('a report of the kernel in any boot counts, once', () => {
  const finding = (fingerprint: string): Finding => ({ class: 'warning', title: fingerprint, function: undefined, fingerprint, lines: [], line: 1 });
  const boots = [boot({}), boot({}, { kind: 'complete' }, [finding('x')]), boot({}, { kind: 'complete' }, [finding('x'), finding('y')])];
  expect(findingsOf(boots).map(({ title }) => title)).toEqual(['x', 'y']);
});

it('a fault rests on four boots, or on two of which none came to its end', () => {
  const [failed, hung] = [boot({ a: 'fail' }), boot({}, { kind: 'silent', afterMs: 1, phase: 'boot' })];
  expect([[failed, failed, failed], [hung], [hung, failed]].map(isSettled)).toEqual([false, false, false]);
  expect([[failed, failed, failed, failed], [hung, hung], [boot({ a: 'timeout' }), hung]].map(isSettled)).toEqual([true, true, true]);
});

function report(name: string): Finding {
  return { class: name, title: `${name} in f`, fingerprint: name, lines: [] } as unknown as Finding;
}

describe('what may be the host\'s doing', () => {
  const starved = { lost: { ms: 900, longestMs: 0 } };

  it('is known by classes that the detector has', () => {
    expect([...OF_A_CLOCK].filter((name) => !faultPatterns.some((pattern) => pattern.class === name))).toEqual([]);
  });

  it.each<[string, Boot, boolean]>([
    ['a good boot', boot({ a: 'pass' }), false],
    ['a failure', boot({ a: 'fail' }), false],
    ['a time limit', boot({ a: 'timeout' }), true],
    ['silence', boot({}, { kind: 'silent', afterMs: 1, phase: 'boot' }), true],
    ['too long', boot({}, { kind: 'overtime', afterMs: 1, phase: 'boot' }), true],
    ['a panic', boot({}, { kind: 'panic', detail: 'x' }), false],
    ['a report of a clock', boot({ a: 'pass' }, undefined, [report('soft-lockup')]), true],
    ['another report', boot({ a: 'pass' }, undefined, [report('warning')]), false],
  ])('%s: looked at again, and no evidence on a starved host', (_, seen, expected) => {
    const hungry = { ...seen, transcript: { ...seen.transcript, ...starved } };
    expect([wantsSecondLook(seen), provesNothing(seen), provesNothing(hungry)]).toEqual([expected, false, expected]);
    expect(provesNothing({ ...hungry, reused: true })).toBe(false);
  });

  it('disagrees when a report of a clock comes once, and not when another report does', () => {
    const [with_, without] = [boot({}, undefined, [report('rcu-stall'), report('warning')]), boot({})];
    expect(said([with_, without])).toEqual(['"rcu-stall in f" came in 1 of 2 boots of one kernel']);
    expect(said([with_, with_])).toEqual([]);
  });
});
