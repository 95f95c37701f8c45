import { describe, expect, it } from 'vitest';
import type { BootEnd, Finding, SideOutcome, TestStatus } from '../../../harness/model.js';
import { describeSymptom, differingSymptom, findSymptom, look, type Sight, type Symptom } from '../../../harness/verdict/symptom.js';

type Ran = Extract<SideOutcome, { kind: 'ran' }>;

function ran(results: Readonly<Record<string, TestStatus>>, findings: readonly Finding[] = [], end: BootEnd = { kind: 'complete' }, reason = ''): Ran {
  return { kind: 'ran', end, findings, results: Object.entries(results).map(([name, status]) => ({ name, program: 'p', status, reason, lines: [] })) };
}

function finding(name: string): Finding {
  return { class: 'warning', title: `WARNING in ${name}`, function: name, fingerprint: `warning:${name}`, lines: [], line: 1 };
}

function unbuilt(message: string, file = 'ipc/sem.c', what = 'vmlinux'): SideOutcome {
  return { kind: 'build-failed', what, diagnostics: [{ severity: 'error', file, line: 3, message }], tail: [] };
}

function withErrors(...messages: readonly string[]): SideOutcome {
  return { kind: 'build-failed', what: 'vmlinux', diagnostics: messages.map((message) => ({ severity: 'error', file: 'ipc/sem.c', line: 3, message })), tail: [] };
}

const PANIC: BootEnd = { kind: 'panic', detail: 'Fatal exception' };
const HANG: BootEnd = { kind: 'silent', afterMs: 1, phase: 'boot' };
const CORRUPT: BootEnd = { kind: 'corrupt', detail: 'x' };
const NO_CONFIG: SideOutcome = { kind: 'config-failed', misses: [], detail: '' };
const REJECTED: SideOutcome = { kind: 'rejected', rejected: { patch: 2 } } as unknown as SideOutcome;
const MISS = { option: 'CONFIG_X', wanted: 'y', got: 'n', dependsOn: [] };
const NOTHING_KNOWN: ReadonlySet<string> = new Set();

function told({ mark, why }: Sight): string {
  return `${mark}: ${why}`;
}

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
    ['a report of a kernel that says nothing', { kind: 'finding', text: 'KASAN' }, ran({}), 'the kernel reports nothing'],
    ['a report of a kernel that says other things', { kind: 'finding', text: 'KASAN' }, ran({}, [finding('f'), finding('g')]), 'the kernel reports: WARNING in f; WARNING in g'],
    ['a text that fits two reports, one of them made twice', { kind: 'finding', text: 'WARNING' }, ran({}, [finding('f'), finding('g'), finding('f')]), '2 reports fit: WARNING in f; WARNING in g'],
    ['a report of a kernel without a configuration', { kind: 'finding', text: 'KASAN' }, NO_CONFIG, 'its configuration cannot be made'],
    ['a boot of a kernel without a configuration', { kind: 'boot' }, NO_CONFIG, 'its configuration cannot be made'],
    ['a boot of which nothing can be told', { kind: 'boot' }, ran({}, [], CORRUPT), 'nothing can be told: its result stream is broken: x'],
  ])('is not %s', (_, request, outcome, why) => {
    expect(findSymptom(request, outcome)).toBe(why);
  });

  it.each<[string, Parameters<typeof findSymptom>[0], SideOutcome, Symptom]>([
    ['a report by its fingerprint', { kind: 'finding', text: 'warning:f' }, ran({}, [finding('g'), finding('f'), finding('f')]), { kind: 'finding', fingerprint: 'warning:f', title: 'WARNING in f' }],
    ['the last words of a build that names no error', { kind: 'build' }, { kind: 'build-failed', what: 'vmlinux', diagnostics: [{ severity: 'warning', file: 'a.c', line: 1, message: 'unused' }], tail: ['one', 'two', 'three'] }, { kind: 'build', what: 'vmlinux', errors: ['three'] }],
    ['each error of a build once', { kind: 'build' }, withErrors('no', 'never', 'no'), { kind: 'build', what: 'vmlinux', errors: ['ipc/sem.c: no', 'ipc/sem.c: never'] }],
    ['each report of a boot once', { kind: 'boot' }, ran({}, [finding('f'), finding('g'), finding('f')], PANIC), { kind: 'boot', end: 'panic', fingerprints: ['warning:f', 'warning:g'] }],
  ])('is %s', (_, request, outcome, symptom) => {
    expect(findSymptom(request, outcome)).toEqual(symptom);
  });

  it('is told in words', () => {
    expect(describeSymptom(symptomOf({ kind: 'test', name: 'a' }, ran({ a: 'crash' })))).toBe('the test a does not pass (crash)');
    expect(describeSymptom(symptomOf({ kind: 'finding', text: 'in f' }, ran({}, [finding('f')])))).toBe('the kernel reports: WARNING in f');
    expect(describeSymptom(symptomOf({ kind: 'build' }, unbuilt('no')))).toBe('vmlinux does not build: ipc/sem.c: no');
    expect(describeSymptom({ kind: 'test', name: 'a', statuses: ['fail', 'crash'], ends: ['complete'] })).toBe('the test a does not pass (fail, crash)');
    expect(describeSymptom({ kind: 'build', what: 'vmlinux', errors: [] })).toBe('vmlinux does not build: ');
    expect(describeSymptom(symptomOf({ kind: 'boot' }, ran({}, [], HANG)))).toBe('the kernel does not come to its last test (silent)');
  });
});

describe('a failing test', () => {
  const symptom = symptomOf({ kind: 'test', name: 'a' }, ran({ a: 'fail' }));
  it.each<[string, SideOutcome, string]>([
    ['failing as at the end', ran({ a: 'fail', b: 'pass' }), 'shown: a is fail'],
    ['passing', ran({ a: 'pass' }), 'absent: a passes'],
    ['passing beside another fault', ran({ a: 'pass', b: 'crash' }, [finding('g')]), 'absent: a passes'],
    ['passing before a panic', ran({ a: 'pass', b: 'missing' }, [finding('g')], PANIC), 'absent: a passes'],
    ['crashing instead of failing', ran({ a: 'crash' }), 'unclear: a is crash'],
    ['skipped', ran({ a: 'skip' }), 'unclear: a is skip'],
    ['not reached', ran({ a: 'missing' }, [], PANIC), 'unclear: a is missing'],
    ['not there', ran({ b: 'fail' }), 'unclear: it has no test a'],
    ['failing before a panic that the end does not have', ran({ a: 'fail', b: 'missing' }, [], PANIC), 'unclear: a is fail; kernel panic: Fatal exception'],
    ['failing with a report that no end has', ran({ a: 'fail' }, [finding('g')]), 'unclear: a is fail, and the kernel reports what neither end does: WARNING in g'],
    ['failing with what a driver says in its own words', ran({ a: 'fail' }, [{ ...finding('g'), class: 'message' }]), 'shown: a is fail'],
    ['failing with a reason', ran({ a: 'fail' }, [], undefined, 'exit code 1'), 'shown: a is fail: exit code 1'],
    ['of a kernel that does not build', unbuilt('no'), 'unclear: vmlinux does not build: ipc/sem.c: no'],
    ['of a kernel that does not build and says nothing', { kind: 'build-failed', what: 'vmlinux', diagnostics: [], tail: [] }, 'unclear: vmlinux does not build: no output'],
    ['of a kernel that its patches do not fit', REJECTED, 'unclear: patch 2 does not apply'],
    ['of a kernel without an option', { ...NO_CONFIG, misses: [MISS] }, 'unclear: its configuration lacks CONFIG_X=y came out as n (this tree has no such option)'],
    ['of a stream that is broken', ran({ a: 'pass' }, [], CORRUPT), 'unclear: its result stream is broken: x'],
  ])('%s', (_, outcome, sight) => {
    expect(told(look(symptom, outcome, NOTHING_KNOWN))).toBe(sight);
  });

  it('may come with a report that an end has', () => {
    expect(look(symptom, ran({ a: 'fail' }, [finding('g')]), new Set(['warning:g'])).mark).toBe('shown');
  });
});

describe('a report', () => {
  const symptom = symptomOf({ kind: 'finding', text: 'WARNING in f' }, ran({ a: 'pass' }, [finding('f')]));
  it.each<[string, SideOutcome, string]>([
    ['made again', ran({}, [finding('g'), finding('f')]), 'shown: the kernel reports: WARNING in f'],
    ['made on the way into a panic', ran({}, [finding('f')], PANIC), 'shown: the kernel reports: WARNING in f'],
    ['not made', ran({}, [finding('g')]), 'absent: the kernel does not report it'],
    ['that a panic came before', ran({}, [finding('g')], PANIC), 'unclear: kernel panic: Fatal exception'],
  ])('%s', (_, outcome, sight) => {
    expect(told(look(symptom, outcome, NOTHING_KNOWN))).toBe(sight);
  });
});

describe('a build failure', () => {
  const symptom = symptomOf({ kind: 'build' }, unbuilt("'x' undeclared"));
  it.each<[string, SideOutcome, string]>([
    ['with the same error', unbuilt("'x' undeclared"), "shown: vmlinux does not build: ipc/sem.c: 'x' undeclared"],
    ['with the same error and another', withErrors('expected ;', "'x' undeclared"), 'shown: vmlinux does not build: ipc/sem.c: expected ;'],
    ['with another error', unbuilt('expected ;'), 'unclear: another failure: vmlinux does not build: ipc/sem.c: expected ;'],
    ['in another file', unbuilt("'x' undeclared", 'ipc/msg.c'), "unclear: another failure: vmlinux does not build: ipc/msg.c: 'x' undeclared"],
    ['of something else', unbuilt("'x' undeclared", 'ipc/sem.c', 'the test program p'), "unclear: another failure: the test program p does not build: ipc/sem.c: 'x' undeclared"],
    ['that is none', ran({ a: 'fail' }), 'absent: it builds'],
    ['that is none, though the stream of results is broken', ran({}, [], CORRUPT), 'absent: it builds'],
    ['of a kernel that cannot be configured', NO_CONFIG, 'unclear: its configuration cannot be made'],
  ])('%s', (_, outcome, sight) => {
    expect(told(look(symptom, outcome, NOTHING_KNOWN))).toBe(sight);
  });
});

describe('a boot that does not come to its end', () => {
  const panic = symptomOf({ kind: 'boot' }, ran({}, [finding('f')], PANIC));
  const hang = symptomOf({ kind: 'boot' }, ran({}, [], HANG));
  it.each<[string, Symptom, SideOutcome, string]>([
    ['the same panic', panic, ran({}, [finding('f')], PANIC), 'shown: kernel panic: Fatal exception'],
    ['the same panic among other reports', panic, ran({}, [finding('g'), finding('f')], PANIC), 'shown: kernel panic: Fatal exception'],
    ['the same panic with one of two reports', { kind: 'boot', end: 'panic', fingerprints: ['warning:f', 'warning:g'] }, ran({}, [finding('g')], PANIC), 'shown: kernel panic: Fatal exception'],
    ['a panic elsewhere', panic, ran({}, [finding('g')], PANIC), 'unclear: another fault: WARNING in g'],
    ['a panic without a word', panic, ran({}, [], PANIC), 'unclear: another fault: kernel panic: Fatal exception'],
    ['a hang instead of a panic', panic, ran({}, [finding('f')], HANG), 'unclear: it hung before its init spoke: silent for 0.0 s'],
    ['a boot to the end', panic, ran({ a: 'fail' }), 'absent: it boots and comes to its last test'],
    ['the same hang', hang, ran({}, [], HANG), 'shown: it hung before its init spoke: silent for 0.0 s'],
    ['a hang after a report', hang, ran({}, [finding('g')], HANG), 'unclear: another fault: WARNING in g'],
    ['a stream that is broken', hang, ran({}, [], CORRUPT), 'unclear: its result stream is broken: x'],
  ])('%s', (_, symptom, outcome, sight) => {
    expect(told(look(symptom, outcome, NOTHING_KNOWN))).toBe(sight);
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
    ['what a driver says in its own words', ran({ a: 'pass' }), ran({ a: 'pass' }, [{ ...finding('f'), class: 'message' }]), []],
    ['a configuration that cannot be made', ran({ a: 'pass' }), NO_CONFIG, []],
    ['what a broken stream hides', ran({ a: 'pass' }), ran({ a: 'pass' }, [], CORRUPT), []],
    ['a test and a report', ran({ a: 'pass' }), ran({ a: 'fail' }, [finding('f'), finding('f')]), ['the kernel reports: WARNING in f', 'the test a does not pass (fail)']],
    ['two tests', ran({ a: 'pass', b: 'pass' }), ran({ a: 'fail', b: 'crash' }), ['the test a does not pass (fail)', 'the test b does not pass (crash)']],
  ])('is not chosen when it is %s', (_, good, bad, expected) => {
    expect(differingSymptom(good, bad)).toEqual(expected);
  });
});
