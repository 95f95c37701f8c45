import { describe, expect, it } from 'vitest';
import type { BootEnd, Finding, SideOutcome, TestStatus } from '../../../harness/model.js';
import { describeSymptom, differingSymptom, findSymptom, look, type Symptom } from '../../../harness/verdict/symptom.js';

type Ran = Extract<SideOutcome, { kind: 'ran' }>;

function ran(results: Readonly<Record<string, TestStatus>>, findings: readonly Finding[] = [], end: BootEnd = { kind: 'complete' }): Ran {
  return { kind: 'ran', end, findings, results: Object.entries(results).map(([name, status]) => ({ name, program: 'p', status, reason: '', lines: [] })) };
}

function finding(name: string): Finding {
  return { class: 'warning', title: `WARNING in ${name}`, function: name, fingerprint: `warning:${name}`, lines: [], line: 1 };
}

function unbuilt(message: string, file = 'ipc/sem.c', what = 'vmlinux'): SideOutcome {
  return { kind: 'build-failed', what, diagnostics: [{ severity: 'error', file, line: 3, message }], tail: [] };
}

const PANIC: BootEnd = { kind: 'panic', detail: 'Fatal exception' };
const HANG: BootEnd = { kind: 'silent', afterMs: 1, phase: 'boot' };
const CORRUPT: BootEnd = { kind: 'corrupt', detail: 'x' };
const NO_CONFIG: SideOutcome = { kind: 'config-failed', misses: [], detail: '' };
const NOTHING_KNOWN: ReadonlySet<string> = new Set();

function symptomOf(request: Parameters<typeof findSymptom>[0], outcome: SideOutcome): Symptom {
  const found = findSymptom(request, outcome);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

describe('what is asked for', () => {
  it.each<[string, Parameters<typeof findSymptom>[0], SideOutcome, string]>([
    ['a test that passes', { kind: 'test', name: 'a' }, ran({ a: 'pass' }), 'a is pass'],
    ['a test that is skipped', { kind: 'test', name: 'a' }, ran({ a: 'skip' }), 'a is skip'],
    ['a test that did not come to run', { kind: 'test', name: 'a' }, ran({ a: 'missing' }, [], PANIC), 'a is missing'],
    ['a test that is not there', { kind: 'test', name: 'b' }, ran({ a: 'fail' }), 'it has no test b'],
    ['a test of a kernel that does not build', { kind: 'test', name: 'a' }, unbuilt('no'), 'vmlinux does not build: ipc/sem.c: no'],
    ['a report that is not there', { kind: 'finding', text: 'KASAN' }, ran({}, [finding('f')]), 'the kernel reports: WARNING in f'],
    ['a text that fits two reports', { kind: 'finding', text: 'WARNING' }, ran({}, [finding('f'), finding('g')]), '2 reports fit: WARNING in f; WARNING in g'],
    ['a build that works', { kind: 'build' }, ran({}), 'it builds'],
    ['a boot that works', { kind: 'boot' }, ran({}), 'it boots and comes to its last test'],
    ['a boot of a kernel without a configuration', { kind: 'boot' }, NO_CONFIG, 'its configuration cannot be made'],
  ])('is not %s', (_, request, outcome, why) => {
    expect(findSymptom(request, outcome)).toBe(why);
  });

  it('is told in words', () => {
    expect(describeSymptom(symptomOf({ kind: 'test', name: 'a' }, ran({ a: 'crash' })))).toBe('the test a does not pass (crash)');
    expect(describeSymptom(symptomOf({ kind: 'finding', text: 'in f' }, ran({}, [finding('f')])))).toBe('the kernel reports: WARNING in f');
    expect(describeSymptom(symptomOf({ kind: 'build' }, unbuilt('no')))).toBe('vmlinux does not build: ipc/sem.c: no');
    expect(describeSymptom(symptomOf({ kind: 'boot' }, ran({}, [], HANG)))).toBe('the kernel does not come to its last test (silent)');
  });
});

describe('a failing test', () => {
  const symptom = symptomOf({ kind: 'test', name: 'a' }, ran({ a: 'fail' }));
  it.each<[string, SideOutcome, string]>([
    ['failing as at the end', ran({ a: 'fail', b: 'pass' }), 'shown'],
    ['passing', ran({ a: 'pass' }), 'absent'],
    ['passing beside another fault', ran({ a: 'pass', b: 'crash' }, [finding('g')]), 'absent'],
    ['passing before a panic', ran({ a: 'pass', b: 'missing' }, [finding('g')], PANIC), 'absent'],
    ['crashing instead of failing', ran({ a: 'crash' }), 'unclear'],
    ['skipped', ran({ a: 'skip' }), 'unclear'],
    ['not reached', ran({ a: 'missing' }, [], PANIC), 'unclear'],
    ['not there', ran({ b: 'fail' }), 'unclear'],
    ['failing before a panic that the end does not have', ran({ a: 'fail', b: 'missing' }, [], PANIC), 'unclear'],
    ['failing with a report that no end has', ran({ a: 'fail' }, [finding('g')]), 'unclear'],
    ['of a kernel that does not build', unbuilt('no'), 'unclear'],
    ['of a stream that is broken', ran({ a: 'pass' }, [], CORRUPT), 'unclear'],
  ])('%s', (_, outcome, mark) => {
    expect(look(symptom, outcome, NOTHING_KNOWN).mark).toBe(mark);
  });

  it('may come with a report that an end has', () => {
    expect(look(symptom, ran({ a: 'fail' }, [finding('g')]), new Set(['warning:g'])).mark).toBe('shown');
  });
});

describe('a report', () => {
  const symptom = symptomOf({ kind: 'finding', text: 'WARNING in f' }, ran({ a: 'pass' }, [finding('f')]));
  it.each<[string, SideOutcome, string]>([
    ['made again', ran({}, [finding('g'), finding('f')]), 'shown'],
    ['made on the way into a panic', ran({}, [finding('f')], PANIC), 'shown'],
    ['not made', ran({}, [finding('g')]), 'absent'],
    ['that a panic came before', ran({}, [finding('g')], PANIC), 'unclear'],
  ])('%s', (_, outcome, mark) => {
    expect(look(symptom, outcome, NOTHING_KNOWN).mark).toBe(mark);
  });
});

describe('a build failure', () => {
  const symptom = symptomOf({ kind: 'build' }, unbuilt("'x' undeclared"));
  it.each<[string, SideOutcome, string]>([
    ['with the same error', unbuilt("'x' undeclared"), 'shown'],
    ['with another error', unbuilt('expected ;'), 'unclear'],
    ['in another file', unbuilt("'x' undeclared", 'ipc/msg.c'), 'unclear'],
    ['of something else', unbuilt("'x' undeclared", 'ipc/sem.c', 'the test program p'), 'unclear'],
    ['that is none', ran({ a: 'fail' }), 'absent'],
    ['of a kernel that cannot be configured', NO_CONFIG, 'unclear'],
  ])('%s', (_, outcome, mark) => {
    expect(look(symptom, outcome, NOTHING_KNOWN).mark).toBe(mark);
  });
});

describe('a boot that does not come to its end', () => {
  const panic = symptomOf({ kind: 'boot' }, ran({}, [finding('f')], PANIC));
  const hang = symptomOf({ kind: 'boot' }, ran({}, [], HANG));
  it.each<[string, Symptom, SideOutcome, string]>([
    ['the same panic', panic, ran({}, [finding('f')], PANIC), 'shown'],
    ['a panic elsewhere', panic, ran({}, [finding('g')], PANIC), 'unclear'],
    ['a panic without a word', panic, ran({}, [], PANIC), 'unclear'],
    ['a hang instead of a panic', panic, ran({}, [finding('f')], HANG), 'unclear'],
    ['a boot to the end', panic, ran({ a: 'fail' }), 'absent'],
    ['the same hang', hang, ran({}, [], HANG), 'shown'],
    ['a hang after a report', hang, ran({}, [finding('g')], HANG), 'unclear'],
    ['a stream that is broken', hang, ran({}, [], CORRUPT), 'unclear'],
  ])('%s', (_, symptom, outcome, mark) => {
    expect(look(symptom, outcome, NOTHING_KNOWN).mark).toBe(mark);
  });
});

describe('what the ends differ in', () => {
  it.each<[string, SideOutcome, SideOutcome, unknown]>([
    ['one test', ran({ a: 'pass', b: 'fail' }), ran({ a: 'fail', b: 'fail' }), { kind: 'test', name: 'a', statuses: ['fail'], ends: ['complete'] }],
    ['one report', ran({ a: 'pass' }), ran({ a: 'pass' }, [finding('f')]), { kind: 'finding', fingerprint: 'warning:f', title: 'WARNING in f' }],
    ['the build', ran({ a: 'pass' }), unbuilt('no'), { kind: 'build', what: 'vmlinux', errors: ['ipc/sem.c: no'] }],
    ['the boot', ran({ a: 'pass' }), ran({ a: 'missing' }, [finding('f')], PANIC), { kind: 'boot', end: 'panic', fingerprints: ['warning:f'] }],
  ])('is %s', (_, good, bad, expected) => {
    expect(differingSymptom(good, bad)).toEqual(expected);
  });

  it.each<[string, SideOutcome, SideOutcome, readonly string[]]>([
    ['nothing', ran({ a: 'pass', b: 'fail' }), ran({ a: 'pass', b: 'fail' }), []],
    ['two tests', ran({ a: 'pass', b: 'pass' }), ran({ a: 'fail', b: 'crash' }), ['the test a does not pass (fail)', 'the test b does not pass (crash)']],
  ])('is not chosen when it is %s', (_, good, bad, expected) => {
    expect(differingSymptom(good, bad)).toEqual(expected);
  });
});
