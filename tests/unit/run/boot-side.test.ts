import { describe, expect, it } from 'vitest';
import type { BootEnd, Finding, TestStatus } from '../../../harness/model.js';
import { disagreements, findingsOf, type Boot } from '../../../harness/run/boot-side.js';

function boot(results: Readonly<Record<string, TestStatus>>, end: BootEnd = { kind: 'complete' }, findings: readonly Finding[] = []): Boot {
  return {
    ...{ argv: [], at: '', reused: false, findings },
    transcript: { end, initReached: true, programs: [], console: '', bootMs: 1, totalMs: 1 },
    results: Object.entries(results).map(([name, status]) => ({ name, program: 'p', status, reason: '', lines: [] })),
  };
}

describe('disagreements', () => {
  it('are none of one boot, nor of several that agree', () => {
    expect(disagreements([])).toEqual([]);
    expect(disagreements([boot({ a: 'fail' })])).toEqual([]);
    expect(disagreements([boot({ a: 'pass' }), boot({ a: 'pass' }), boot({ a: 'pass' })])).toEqual([]);
  });

  it('name the tests of two boots', () => {
    expect(disagreements([boot({ a: 'pass', b: 'pass' }), boot({ a: 'timeout' })])).toEqual(['a was pass, then timeout on the same kernel', 'b was pass, then absent on the same kernel']);
  });

  it('say of several boots how often a test came out how, wherever the one that differs is', () => {
    expect(disagreements([boot({ a: 'pass' }), boot({ a: 'pass' }), boot({ a: 'fail' })])).toEqual(['a is not stable: pass in 2, fail in 1 of 3 boots of the same kernel']);
    expect(disagreements([boot({}), boot({}), boot({ late: 'pass' })])).toEqual(['late is not stable: absent in 2, pass in 1 of 3 boots of the same kernel']);
  });

  it('are ends that differ', () => {
    expect(disagreements([boot({}), boot({}), boot({}, { kind: 'panic', detail: 'x' })])).toEqual(['3 boots of one kernel ended differently: complete, then complete, then panic']);
  });
});

it('a report of the kernel in any boot counts, once', () => {
  const finding = (fingerprint: string): Finding => ({ class: 'warning', title: fingerprint, function: undefined, fingerprint, lines: [], line: 1 });
  const boots = [boot({}), boot({}, { kind: 'complete' }, [finding('x')]), boot({}, { kind: 'complete' }, [finding('x'), finding('y')])];
  expect(findingsOf(boots).map(({ title }) => title)).toEqual(['x', 'y']);
});
