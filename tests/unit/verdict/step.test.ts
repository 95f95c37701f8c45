import { describe, expect, it } from 'vitest';
import type { BootEnd, Finding, SideOutcome, TestStatus } from '../../../harness/model.js';
import { decideStep, describeFault, lookAtStep, type StepFault, type StepQuestion } from '../../../harness/verdict/step.js';

function ran(results: Readonly<Record<string, TestStatus>>, findings: readonly Finding[] = [], end: BootEnd = { kind: 'complete' }): SideOutcome {
  return { kind: 'ran', end, findings, results: Object.entries(results).map(([name, status]) => ({ name, program: 'p', status, reason: '', lines: [] })) };
}

const WARNING: Finding = { class: 'warning', title: 'WARNING in f', function: 'f', fingerprint: 'warning:f', lines: [], line: 1 };
const PANIC: BootEnd = { kind: 'panic', detail: 'Fatal exception' };
const CORRUPT: BootEnd = { kind: 'corrupt', detail: 'x' };
const UNBUILT: SideOutcome = { kind: 'build-failed', what: 'vmlinux', diagnostics: [{ severity: 'error', file: 'ipc/sem.c', line: 3, message: 'no such thing' }], tail: [] };
const NO_OPTION: SideOutcome = { kind: 'config-failed', misses: [{ option: 'CONFIG_A', wanted: 'y', got: 'n', dependsOn: ['B'] }], detail: '' };

/** The exit code that git is told. */
function code(fault: StepFault, outcome: SideOutcome, rest: Partial<StepQuestion> = {}): number {
  return decideStep(lookAtStep({ fault, known: [], expected: {}, ...rest }, outcome)).exitCode;
}

describe('a test that is named', () => {
  it.each<[number, string, SideOutcome]>([
    [0, 'passes', ran({ a: 'pass', b: 'fail' })],
    [0, 'passes beside a report', ran({ a: 'pass' }, [WARNING])],
    [1, 'fails', ran({ a: 'fail', b: 'pass' })],
    [1, 'is killed', ran({ a: 'crash' })],
    [1, 'takes too long', ran({ a: 'timeout' })],
    [125, 'is skipped', ran({ a: 'skip' })],
    [125, 'is missing', ran({ a: 'missing' })],
    [125, 'is not there', ran({ b: 'fail' })],
    [125, 'fails beside a report', ran({ a: 'fail' }, [WARNING])],
    [125, 'fails in a kernel that panics', ran({ a: 'crash' }, [], PANIC)],
    [125, 'cannot be known', ran({ a: 'pass' }, [], CORRUPT)],
    [125, 'is of a kernel that does not build', UNBUILT],
    [125, 'is of a kernel that cannot be configured', NO_OPTION],
  ])('is %i when it %s', (expected, _, outcome) => {
    expect(code({ kind: 'test', name: 'a' }, outcome)).toBe(expected);
  });

  it('is bad beside a report that is known', () => {
    expect(code({ kind: 'test', name: 'a' }, ran({ a: 'fail' }, [WARNING]), { known: ['in f'] })).toBe(1);
  });
});

describe('any of the tests', () => {
  it.each<[number, string, SideOutcome]>([
    [0, 'all pass', ran({ a: 'pass', b: 'pass' })],
    [0, 'one passes and one is skipped', ran({ a: 'pass', b: 'skip' })],
    [1, 'one fails', ran({ a: 'pass', b: 'fail' })],
    [125, 'all are skipped', ran({ a: 'skip' })],
    [125, 'one is missing', ran({ a: 'pass', b: 'missing' })],
    [125, 'there is none', ran({})],
  ])('is %i when %s', (expected, _, outcome) => {
    expect(code({ kind: 'test', name: undefined }, outcome)).toBe(expected);
  });

  it('does not mind one that is known to fail, unless it is named', () => {
    const expected = { b: { status: 'fail', reason: '' } } as const;
    expect(code({ kind: 'test', name: undefined }, ran({ a: 'pass', b: 'fail' }), { expected })).toBe(0);
    expect(code({ kind: 'test', name: undefined }, ran({ a: 'pass', b: 'crash' }), { expected })).toBe(1);
    expect(code({ kind: 'test', name: 'b' }, ran({ a: 'pass', b: 'fail' }), { expected })).toBe(1);
  });
});

describe('a report, a build, a boot', () => {
  it.each<[number, string, StepFault, SideOutcome]>([
    [1, 'a report that is there', { kind: 'finding', text: 'in f' }, ran({ a: 'pass' }, [WARNING])],
    [1, 'a report by its fingerprint', { kind: 'finding', text: 'warning:f' }, ran({}, [WARNING], PANIC)],
    [0, 'another report', { kind: 'finding', text: 'in g' }, ran({ a: 'fail' }, [WARNING])],
    [125, 'a report of a kernel that does not come to its end', { kind: 'finding', text: 'in g' }, ran({}, [], PANIC)],
    [1, 'what does not build', { kind: 'build', text: undefined }, UNBUILT],
    [1, 'what does not build for this', { kind: 'build', text: 'no such' }, UNBUILT],
    [125, 'what does not build for another reason', { kind: 'build', text: 'undefined reference' }, UNBUILT],
    [0, 'what builds', { kind: 'build', text: undefined }, ran({ a: 'fail' }, [WARNING], PANIC)],
    [125, 'a build without its options', { kind: 'build', text: undefined }, NO_OPTION],
    [1, 'a panic', { kind: 'boot', text: undefined }, ran({}, [], PANIC)],
    [1, 'the panic that is meant', { kind: 'boot', text: 'Fatal' }, ran({}, [], PANIC)],
    [1, 'the panic behind the report that is meant', { kind: 'boot', text: 'in f' }, ran({}, [WARNING], PANIC)],
    [125, 'another panic', { kind: 'boot', text: 'Attempted to kill init' }, ran({}, [], PANIC)],
    [0, 'a boot to the last test', { kind: 'boot', text: undefined }, ran({ a: 'fail' }, [WARNING])],
    [125, 'a boot of which nothing can be told', { kind: 'boot', text: undefined }, ran({}, [], CORRUPT)],
    [125, 'a boot of what does not build', { kind: 'boot', text: undefined }, UNBUILT],
  ])('is %i for %s', (expected, _, fault, outcome) => {
    expect(code(fault, outcome)).toBe(expected);
  });
});

describe('in words', () => {
  const a: StepFault = { kind: 'test', name: 'a' };
  const any: StepFault = { kind: 'test', name: undefined };
  const reported: StepFault = { kind: 'finding', text: 'in g' };
  const because = (status: TestStatus): SideOutcome => ({ kind: 'ran', end: { kind: 'complete' }, findings: [], results: [{ name: 'a', program: 'p', status, reason: 'exit code 1', lines: [] }] });
  it.each<[string, StepFault, SideOutcome]>([
    ['absent: a passes', a, ran({ a: 'pass' })],
    ['absent: no test fails', any, ran({ a: 'pass' })],
    ['shown: a is crash', a, ran({ a: 'crash' })],
    ['shown: a is fail: exit code 1', a, because('fail')],
    ['unclear: a is missing: exit code 1', a, because('missing')],
    ['unclear: a is missing', a, ran({ a: 'missing' })],
    ['unclear: a is skipped', a, ran({ a: 'skip' })],
    ['unclear: no test passes: all are skipped', any, ran({ a: 'skip' })],
    ['unclear: it has no test a', a, ran({ b: 'fail' })],
    ['unclear: it has no result', any, ran({})],
    ['unclear: a is fail; kernel panic: Fatal exception', a, ran({ a: 'fail' }, [], PANIC)],
    ['unclear: a is fail, and the kernel reports: WARNING in f', a, ran({ a: 'fail' }, [WARNING])],
    ['unclear: its result stream is broken: x', a, ran({ a: 'pass' }, [], CORRUPT)],
    ['unclear: vmlinux does not build: ipc/sem.c: no such thing', a, UNBUILT],
    ['unclear: its configuration lacks CONFIG_A=y came out as n (depends on B)', a, NO_OPTION],
    ['shown: the kernel reports: WARNING in f', { kind: 'finding', text: 'in f' }, ran({}, [WARNING])],
    ['absent: the kernel does not report it', reported, ran({}, [WARNING])],
    ['unclear: kernel panic: Fatal exception', reported, ran({}, [WARNING], PANIC)],
    ['shown: vmlinux does not build: ipc/sem.c: no such thing', { kind: 'build', text: 'such' }, UNBUILT],
    ['unclear: another failure: vmlinux does not build: ipc/sem.c: no such thing', { kind: 'build', text: 'other' }, UNBUILT],
    ['shown: vmlinux does not build: a.c: one', { kind: 'build', text: 'two' }, { kind: 'build-failed', what: 'vmlinux', diagnostics: ['one', 'two'].map((message) => ({ severity: 'error', file: 'a.c', message })), tail: [] }],
    ['absent: it builds', { kind: 'build', text: undefined }, ran({})],
    ['shown: kernel panic: Fatal exception', { kind: 'boot', text: 'warning:f' }, ran({}, [WARNING], PANIC)],
    ['unclear: another fault: WARNING in f', { kind: 'boot', text: 'other' }, ran({}, [WARNING], PANIC)],
    ['unclear: another fault: kernel panic: Fatal exception', { kind: 'boot', text: 'warning' }, ran({}, [], PANIC)],
    ['absent: it boots and comes to its last test', { kind: 'boot', text: undefined }, ran({})],
  ])('%s', (told, fault, outcome) => {
    const { mark, why } = lookAtStep({ fault, known: [], expected: {} }, outcome);
    expect(`${mark}: ${why}`).toBe(told);
  });

  it('a report is known by its fingerprint too, and another one is not', () => {
    const seen = (known: readonly string[]): string => lookAtStep({ fault: a, known, expected: {} }, ran({ a: 'fail' }, [WARNING])).mark;
    expect([seen(['warning:f']), seen(['x', 'in f']), seen(['in g']), seen([])]).toEqual(['shown', 'shown', 'unclear', 'unclear']);
  });

  it.each<[StepFault, string]>([
    [a, 'the test a does not pass'],
    [any, 'one of the tests does not pass'],
    [reported, 'the kernel reports: in g'],
    [{ kind: 'build', text: undefined }, 'it does not build'],
    [{ kind: 'build', text: 'x' }, 'it does not build (x)'],
    [{ kind: 'boot', text: undefined }, 'it does not come to its last test'],
    [{ kind: 'boot', text: 'x' }, 'it does not come to its last test (x)'],
  ])('%j is bad when %s', (fault, told) => {
    expect(describeFault(fault)).toBe(told);
  });

  it.each([
    ['absent', { verdict: 'good', exitCode: 0, reasons: [{ code: 'step.good', text: 'x' }] }],
    ['shown', { verdict: 'bad', exitCode: 1, reasons: [{ code: 'step.bad', text: 'x' }] }],
    ['unclear', { verdict: 'untestable', exitCode: 125, reasons: [{ code: 'step.skip', text: 'x' }] }],
  ] as const)('git is told what a fault that is %s means', (mark, verdict) => {
    expect(decideStep({ mark, why: 'x' })).toEqual(verdict);
  });
});
