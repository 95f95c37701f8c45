import { describe, expect, it } from 'vitest';
import type { BootEnd, Finding, SideOutcome, TestResult, TestStatus } from '../../../harness/model.js';
import { decide, describeEnd, type Sides } from '../../../harness/verdict/decide.js';
import type { Disagreement } from '../../../harness/verdict/disagreements.js';

type Ran = Extract<SideOutcome, { kind: 'ran' }>;

function result(name: string, status: TestStatus): TestResult {
  return { name, program: 'p', status, reason: status === 'pass' ? '' : `why ${name}`, lines: [] };
}

function ran(results: Readonly<Record<string, TestStatus>>, more: Partial<Ran> = {}): Ran {
  return { kind: 'ran', end: { kind: 'complete' }, findings: [], ...more, results: Object.entries(results).map(([name, status]) => result(name, status)) };
}

const SPLAT: Finding = { class: 'warning', title: 'WARNING in f', function: 'f', fingerprint: 'warning:f', lines: [], line: 1 };
const REJECTED: Extract<SideOutcome, { kind: 'rejected' }> = {
  kind: 'rejected',
  rejected: {
    patch: 2,
    subject: 'do it',
    rejections: [{ file: 'ipc/sem.c', hunk: '@@ -1,3 +1,4 @@', problem: 'the hunk does not match', expected: [], found: [], line: 1 }],
  },
};
const NOT_BUILT: SideOutcome = {
  kind: 'build-failed',
  what: 'vmlinux',
  diagnostics: [{ severity: 'error', file: 'ipc/sem.c', line: 7, message: "'x' undeclared", patch: 1 }],
  tail: [],
};

function shaky(name: string, about: Disagreement['about'] = 'test'): Disagreement {
  return { about, name, text: `${name} is not stable` };
}

function judged(base: SideOutcome | undefined, tip: SideOutcome | undefined, more: Partial<Sides> = {}) {
  const { verdict, exitCode, reasons } = decide({ base, tip, promises: {}, unstable: [], ...more });
  return { verdict, exitCode, codes: reasons.map(({ code }) => code) };
}

const GOOD = { verdict: 'good', exitCode: 0, codes: [] };

describe('good', () => {
  it('is a tip on which everything passes that passed on the base', () => {
    expect(judged(ran({ a: 'pass' }), ran({ a: 'pass' }))).toEqual(GOOD);
  });

  it('is a promise that did not hold on the base and does on the tip', () => {
    expect(judged(ran({ a: 'fail' }), ran({ a: 'pass' }), { promises: { a: 1 } })).toEqual(GOOD);
  });

  it('is not spoilt by a finding or a failure that the base has as well', () => {
    const findings = [SPLAT];
    expect(judged(ran({ a: 'pass', b: 'fail' }, { findings }), ran({ a: 'pass', b: 'fail' }, { findings }))).toEqual(GOOD);
  });

  it('is not spoilt by a new test that skips', () => {
    expect(judged(ran({ a: 'pass' }), ran({ a: 'pass', b: 'skip' }))).toEqual(GOOD);
  });
});

describe('bad', () => {
  it.each<[string, SideOutcome, Partial<Sides>, readonly string[]]>([
    ['a regression', ran({ a: 'fail' }), {}, ['test.regressed']],
    ['a test that is gone', ran({ b: 'pass' }), {}, ['test.regressed']],
    ['a test that skips now', ran({ a: 'skip' }), {}, ['test.regressed']],
    ['a new test that fails', ran({ a: 'pass', b: 'fail' }), {}, ['test.new-failure']],
    ['a new test that did not run', ran({ a: 'pass', b: 'missing' }), {}, ['test.new-failure']],
    ['a broken promise', ran({ a: 'pass', b: 'skip' }), { promises: { b: 1 } }, ['promise.broken']],
    ['a promised test that nobody saw', ran({ a: 'pass' }), { promises: { b: 1 } }, ['promise.broken']],
    ['a finding, though every test passes', ran({ a: 'pass' }, { findings: [SPLAT] }), {}, ['finding.new']],
    ['a patch that does not apply', REJECTED, {}, ['patch.rejected']],
    ['a build that fails', NOT_BUILT, {}, ['build.failed']],
    ['an option that got lost', { kind: 'config-failed', misses: [{ option: 'CONFIG_X', wanted: 'y', got: 'n', dependsOn: ['Y'] }], detail: '' }, {}, ['config.failed']],
  ])('is %s', (_what, tip, more, codes) => {
    expect(judged(ran({ a: 'pass' }), tip, more)).toEqual({ verdict: 'bad', exitCode: 1, codes });
  });

  it.each<BootEnd>([
    { kind: 'stopped', detail: 'x' },
    { kind: 'reset', phase: 'boot' },
    { kind: 'panic', detail: 'x' },
    { kind: 'silent', afterMs: 1, phase: 'boot' },
    { kind: 'overtime', afterMs: 1, phase: 'tests' },
    { kind: 'flood', bytes: 1 },
  ])('is a tip that ended as $kind, whatever passed before', (end) => {
    expect(judged(ran({ a: 'pass' }), ran({ a: 'pass' }, { end }))).toMatchObject({ verdict: 'bad', codes: [`boot.${end.kind}`] });
  });

  it('is a patch that does not apply even where the base was not run', () => {
    expect(judged(undefined, REJECTED)).toMatchObject({ verdict: 'bad' });
  });

  it('names file, hunk, line and patch', () => {
    const texts = (tip: SideOutcome): readonly string[] =>
      decide({ base: ran({ a: 'pass' }), tip, promises: {}, unstable: [] }).reasons.map(({ text }) => text);
    expect(texts(REJECTED)).toEqual(['patch 2 "do it" does not apply: ipc/sem.c @@ -1,3 +1,4 @@: the hunk does not match']);
    expect(texts(NOT_BUILT)).toEqual(["vmlinux does not build: ipc/sem.c:7: 'x' undeclared (a line of patch 1)"]);
  });
});

describe('untestable', () => {
  it.each<[string, SideOutcome | undefined, SideOutcome | undefined, Partial<Sides>, string]>([
    ['a base that was not run', undefined, ran({ a: 'pass' }), {}, 'base.not-run'],
    ['a base that does not build', NOT_BUILT, ran({ a: 'pass' }), {}, 'base.build.failed'],
    ['a base that panics', ran({ a: 'pass' }, { end: { kind: 'panic', detail: 'x' } }), ran({ a: 'pass' }), {}, 'base.boot.panic'],
    ['a base that panics, even when the tip does too', ran({}, { end: { kind: 'panic', detail: 'x' } }), NOT_BUILT, {}, 'base.boot.panic'],
    ['a base that resets the machine at boot', ran({ a: 'missing' }, { end: { kind: 'reset', phase: 'boot' } }), ran({ a: 'missing' }, { end: { kind: 'reset', phase: 'boot' } }), {}, 'base.boot.reset'],
    ['a prerequisite that does not apply', ran({ a: 'pass' }), { ...REJECTED, rejected: { ...REJECTED.rejected, patch: 0 } }, {}, 'base.prerequisite'],
    ['a base on which no test ran', ran({}), ran({ a: 'pass' }), {}, 'base.no-tests'],
    ['a tip that was not run', ran({ a: 'pass' }), undefined, {}, 'tip.not-run'],
    ['a tip on which nothing passes', ran({ a: 'fail' }), ran({ a: 'fail' }), {}, 'nothing.proven'],
    ['a tip without tests', ran({ a: 'fail' }), ran({ a: 'skip' }), {}, 'nothing.proven'],
    ['a promise that held before', ran({ a: 'pass' }), ran({ a: 'pass' }), { promises: { a: 1 } }, 'promise.held-before'],
    ['a broken result stream', ran({ a: 'pass' }), ran({ a: 'missing' }, { end: { kind: 'corrupt', detail: 'x' } }), {}, 'boot.corrupt'],
    ['what a second try did not repeat', ran({ a: 'pass' }), ran({ a: 'timeout' }), { unstable: [shaky('a')] }, 'unstable'],
  ])('is %s', (_what, base, tip, more, code) => {
    const { verdict, exitCode, codes } = judged(base, tip, more);
    expect({ verdict, exitCode, first: codes[0] }).toEqual({ verdict: 'untestable', exitCode: 125, first: code });
  });

  it.each<[string, SideOutcome, Partial<Sides>]>([
    ['a test that fails in some boots only', ran({ a: 'pass', b: 'fail' }), { unstable: [shaky('b')] }],
    ['a promise that is kept in some boots only', ran({ a: 'pass', b: 'fail' }), { unstable: [shaky('b')], promises: { b: 1 } }],
    ['a stall that is reported in some boots only', ran({ a: 'pass', b: 'pass' }, { findings: [{ ...SPLAT, class: 'rcu-stall' }] }), { unstable: [shaky('warning:f', 'report')] }],
    ['a fault in a kernel that ends now so and now so', ran({ a: 'fail', b: 'pass' }), { unstable: [shaky('', 'end')] }],
  ])('is %s', (_what, tip, more) => {
    expect(judged(ran({ a: 'pass', b: 'pass' }), tip, more)).toMatchObject({ verdict: 'untestable' });
  });

  it('is not what a test that is not stable makes of another that always fails', () => {
    const sides = [ran({ a: 'pass', b: 'pass' }), ran({ a: 'fail', b: 'fail' })] as const;
    expect(judged(...sides, { unstable: [shaky('b')] })).toMatchObject({ verdict: 'bad', codes: ['test.regressed', 'unstable'] });
  });

  it('is not what a promise that held before makes of a tip with a fault', () => {
    expect(judged(ran({ a: 'pass', b: 'pass' }), ran({ a: 'pass', b: 'fail' }), { promises: { a: 1 } })).toMatchObject({ verdict: 'bad' });
  });

  it('is not what a broken result stream makes of a kernel that reported a fault', () => {
    const tip = ran({ a: 'missing' }, { end: { kind: 'corrupt', detail: 'x' }, findings: [SPLAT] });
    expect(judged(ran({ a: 'pass' }), tip)).toMatchObject({ verdict: 'bad' });
  });
});

it.each<[BootEnd, string]>([
  [{ kind: 'complete' }, 'complete'],
  [{ kind: 'reset', phase: 'boot' }, 'it reset the machine before its init spoke (a triple fault, or a reboot)'],
  [{ kind: 'reset', phase: 'tests' }, 'it reset the machine in the tests (a triple fault, or a reboot)'],
  [{ kind: 'stopped', detail: 'powered off' }, 'it stopped before its last result: powered off'],
  [{ kind: 'panic', detail: 'Fatal exception' }, 'kernel panic: Fatal exception'],
  [{ kind: 'silent', afterMs: 30_000, phase: 'boot' }, 'it hung before its init spoke: silent for 30 s'],
  [{ kind: 'overtime', afterMs: 1500, phase: 'tests' }, 'it did not come to an end within 1.5 s, in the tests'],
  [{ kind: 'overtime', afterMs: 10_000, phase: 'boot' }, 'it did not come to an end within 10 s, before its init spoke'],
  [{ kind: 'flood', bytes: 7 }, 'it printed without end: 7 bytes of console'],
  [{ kind: 'corrupt', detail: 'gap' }, 'its result stream is broken: gap'],
])('tells the end in words: %j', (end, text) => {
  expect(describeEnd(end)).toBe(text);
});

describe('in words', () => {
  const base = ran({ a: 'pass' });
  const NO_OPTION = { option: 'CONFIG_X', wanted: 'y', got: 'n', dependsOn: [] };
  const unbuilt = (more: Partial<Extract<SideOutcome, { kind: 'build-failed' }>>): SideOutcome => ({ kind: 'build-failed', what: 'vmlinux', diagnostics: [], tail: [], ...more });
  const error = (message: string) => ({ severity: 'error', file: 'a.c', message }) as const;
  it.each<[string, SideOutcome | undefined, SideOutcome | undefined, Partial<Sides>, readonly string[]]>([
    ['not run', undefined, base, {}, ['base.not-run: the base cannot be judged: it was not run']],
    ['no test', ran({}), base, {}, ['base.no-tests: the base cannot be judged: no test ran on it']],
    ['a base that panics', ran({ a: 'pass' }, { end: { kind: 'panic', detail: 'x' } }), base, {}, ['base.boot.panic: the base cannot be judged: kernel panic: x']],
    ['no tip', base, undefined, {}, ['tip.not-run: the tip was not run']],
    ['an option that is not there', base, { kind: 'config-failed', misses: [NO_OPTION, { ...NO_OPTION, dependsOn: ['A', 'B'] }], detail: 'x' }, {}, ['config.failed: the configuration lacks CONFIG_X=y came out as n (this tree has no such option); CONFIG_X=y came out as n (depends on A and on B)']],
    ['no configuration', base, { kind: 'config-failed', misses: [], detail: 'make: Error 1' }, {}, ['config.failed: the configuration fails: make: Error 1']],
    ['no error', base, unbuilt({ diagnostics: [{ ...error('w'), severity: 'warning' }], tail: ['one', 'two'] }), {}, ['build.failed: vmlinux does not build: two']],
    ['no output', base, unbuilt({}), {}, ['build.failed: vmlinux does not build: no output']],
    ['six errors', base, unbuilt({ diagnostics: ['1', '2', '3', '4', '5', '6'].map(error) }), {}, ['1', '2', '3', '4', '5'].map((message) => `build.failed: vmlinux does not build: a.c: ${message}`)],
    ['a prerequisite', base, { kind: 'rejected', rejected: { patch: 0, subject: 'pre', rejections: [{ file: 'a.c', hunk: undefined, problem: 'gone', expected: [], found: [], line: undefined }] } }, {}, ['base.prerequisite: the base cannot be made: prerequisite "pre" does not apply: a.c: gone']],
    ['a promise', base, ran({ a: 'pass', b: 'fail' }), { promises: { b: 2 } }, ['promise.broken: b is promised from patch 2 and does not pass (fail): why b']],
    ['a promise that nobody saw', base, base, { promises: { b: 2 } }, ['promise.broken: b is promised from patch 2 and does not pass (missing)']],
    ['a regression', ran({ a: 'pass', b: 'pass' }), ran({ a: 'pass', b: 'crash' }), {}, ['test.regressed: b was pass on the base and is crash now: why b']],
    ['a new failure', base, ran({ a: 'pass', b: 'fail' }), {}, ['test.new-failure: b does not pass (fail), and the base has no result of it: why b']],
    ['a promise that held', base, base, { promises: { a: 3 } }, ['promise.held-before: a is promised from patch 3 and passes on the base: the base has it already, or the test proves nothing']],
    ['what never ran', ran({ a: 'pass', b: 'missing' }), ran({ a: 'pass', b: 'missing' }), {}, ['test.never-ran: b ran on neither side: why b']],
    ['what never ran, for no reason', { ...base, results: [...base.results, { ...result('b', 'missing'), reason: '' }] }, { ...base, results: [...base.results, { ...result('b', 'missing'), reason: '' }] }, {}, ['test.never-ran: b ran on neither side']],
    ['what did not come to its end any more', ran({ a: 'pass', b: 'pass' }), ran({ a: 'pass', b: 'missing' }), { unstable: [shaky('', 'end')] }, ['unstable:  is not stable', 'test.regressed: b was pass on the base and is missing now: why b']],
    ['what was not run before and is not told of now', ran({ a: 'pass', b: 'missing' }), ran({ a: 'pass' }), {}, []],
    ['no proof', ran({ a: 'fail' }), ran({ a: 'fail' }), {}, ['nothing.proven: no test passed on the tip: nothing is proven']],
    ['no code', base, base, { nothingBuilt: 'nothing of it was compiled' }, ['code.not-built: nothing of it was compiled']],
    ['a report', base, ran({ a: 'pass' }, { findings: [SPLAT] }), {}, ['finding.new: the kernel reports, and the base does not: WARNING in f']],
    ['a broken report', base, ran({ a: 'pass' }, { findings: [{ ...SPLAT, corrupt: true }] }), {}, ['finding.new: the kernel reports, and the base does not: WARNING in f (the report is not whole)']],
    ['ends that differ', base, ran({ a: 'fail' }), { unstable: [shaky('', 'end')] }, ['unstable:  is not stable', 'nothing.proven: no test passed on the tip: nothing is proven', 'test.regressed: a was pass on the base and is fail now: why a']],
    ['a broken stream', base, ran({ a: 'pass' }, { end: { kind: 'corrupt', detail: 'gap' } }), { unstable: [shaky('b')] }, ['boot.corrupt: its result stream is broken: gap', 'unstable: b is not stable']],
    ['a fault, and what is not stable', base, ran({ a: 'fail', b: 'fail' }), { unstable: [shaky('b')] }, ['test.regressed: a was pass on the base and is fail now: why a', 'unstable: b is not stable']],
  ])('%s', (_what, before, tip, more, told) => {
    expect(decide({ base: before, tip, promises: {}, unstable: [], ...more }).reasons.map(({ code, text }) => `${code}: ${text}`)).toEqual(told);
  });

  it('the reports of a base that cannot be judged are told', () => {
    const found = decide({ base: ran({ a: 'pass' }, { end: { kind: 'panic', detail: 'x' }, findings: [SPLAT] }), tip: base, promises: {}, unstable: [] });
    expect(found).toMatchObject({ knownFindings: [SPLAT], newFindings: [], goneFindings: [], tests: [], notes: [] });
    expect(decide({ base: NOT_BUILT, tip: base, promises: {}, unstable: [] }).knownFindings).toEqual([]);
  });

  it('findings of both sides, of the tip alone and of the base alone', () => {
    const [both, fresh, gone] = ['both', 'fresh', 'gone'].map((fingerprint) => ({ ...SPLAT, class: 'message', fingerprint }));
    if (!both || !fresh || !gone) throw new Error('three');
    const found = decide({ base: ran({ a: 'pass' }, { findings: [both, gone] }), tip: ran({ a: 'pass' }, { findings: [both, fresh] }), promises: {}, unstable: [] });
    expect(found).toMatchObject({ verdict: 'good', knownFindings: [both], newFindings: [fresh], goneFindings: [gone], notes: ['not held against the kernel, as no report of its own: WARNING in f'] });
  });
});

describe('an expectation', () => {
  const fails = { b: { status: 'fail', reason: 'broken since 6.10' } } as const;
  const notes = (base: SideOutcome, tip: SideOutcome, expected: Sides['expected']) => decide({ base, tip, promises: {}, unstable: [], expected }).notes;

  it('excuses a new test that fails as it is known to', () => {
    expect(judged(ran({ a: 'pass' }), ran({ a: 'pass', b: 'fail' }), { expected: fails })).toEqual(GOOD);
    expect(notes(ran({ a: 'pass' }), ran({ a: 'pass', b: 'fail' }), fails)).toEqual([]);
  });

  it.each<TestStatus>(['crash', 'timeout', 'missing'])('does not excuse a new test that is %s', (status) => {
    expect(judged(ran({ a: 'pass' }), ran({ a: 'pass', b: status }), { expected: fails })).toMatchObject({ verdict: 'bad' });
  });

  it('excuses no regression, no broken promise and no expected skip that fails', () => {
    expect(judged(ran({ a: 'pass', b: 'pass' }), ran({ a: 'pass', b: 'fail' }), { expected: fails })).toMatchObject({ codes: ['test.regressed'] });
    expect(judged(ran({ a: 'pass' }), ran({ a: 'pass', b: 'fail' }), { expected: fails, promises: { b: 1 } })).toMatchObject({ codes: ['promise.broken'] });
    expect(judged(ran({ a: 'pass' }), ran({ a: 'pass', b: 'fail' }), { expected: { b: { status: 'skip', reason: 'x' } } })).toMatchObject({ verdict: 'bad' });
  });

  it('that is not met is told, and changes no verdict', () => {
    expect(judged(ran({ b: 'pass' }), ran({ b: 'pass' }), { expected: fails })).toEqual(GOOD);
    expect(notes(ran({ b: 'pass' }), ran({ b: 'pass' }), fails)).toEqual(['b is expected to fail and passes (broken since 6.10)']);
    expect(notes(ran({ a: 'pass' }), ran({ a: 'pass' }), fails)).toEqual(['b is expected to fail and was not seen (broken since 6.10)']);
  });
});

it('a selftest that the base does not have and the tip runs under other names is no loss', () => {
  expect(judged(ran({ t: 'missing' }), ran({ 't.one': 'pass' }))).toEqual(GOOD);
});

describe('a patch that the kernel has already', () => {
  const cause = { kind: 'contained', text: '6.12 has patch 2 already', hint: 'leave it out', patches: [2] } as const;
  const contained: SideOutcome = { ...REJECTED, rejected: { ...REJECTED.rejected, causes: [{ kind: 'fuzz', text: 'with fuzz', hint: '' }, cause] } };

  it('is no fault of the series: there is no base to judge it against', () => {
    expect(judged(undefined, contained)).toEqual({ verdict: 'untestable', exitCode: 125, codes: ['patch.contained'] });
    const [reason] = decide({ base: undefined, tip: contained, promises: {}, unstable: [] }).reasons;
    expect(reason?.text).toBe('patch 2 "do it" is in this kernel already, so there is no base to judge it against: 6.12 has patch 2 already');
  });

  it('is bad like any other when something else explains it', () => {
    const other = { ...REJECTED, rejected: { ...REJECTED.rejected, causes: [{ ...cause, kind: 'fuzz' as const }] } };
    expect(judged(undefined, other)).toEqual({ verdict: 'bad', exitCode: 1, codes: ['patch.rejected'] });
  });
});

describe('kernel reports that do not count', () => {
  const base = ran({ a: 'pass' });
  const said = (findings: readonly Finding[], declared = {}) => decide({ base, tip: ran({ a: 'pass' }, { findings }), promises: {}, unstable: [], declared });

  it('are those that the suite provokes on purpose, by a part of the title or the fingerprint', () => {
    expect(said([SPLAT], { 'WARNING in f': 'provoked' })).toMatchObject({ verdict: 'good', newFindings: [SPLAT], notes: [] });
    expect(said([SPLAT], { 'warning:f': 'provoked' })).toMatchObject({ verdict: 'good' });
    expect(said([SPLAT], { 'WARNING in g': 'provoked' })).toMatchObject({ verdict: 'bad', notes: ['the kernel is expected to report "WARNING in g" and does not (provoked)'] });
  });

  it('do not excuse another one', () => {
    const other = { ...SPLAT, title: 'BUG: x', fingerprint: 'x' };
    expect(said([SPLAT, other], { 'WARNING in f': 'provoked' })).toMatchObject({ verdict: 'bad', reasons: [{ code: 'finding.new' }] });
  });

  it('are words of drivers and programs, which are told', () => {
    expect(said([{ ...SPLAT, class: 'message' }])).toMatchObject({ verdict: 'good', notes: [expect.stringContaining('WARNING in f')] });
    expect(said([{ ...SPLAT, class: 'program' }])).toMatchObject({ verdict: 'good' });
  });

  it('says of a report that it is not whole', () => {
    expect(said([{ ...SPLAT, corrupt: true }]).reasons[0]?.text).toContain('(the report is not whole)');
  });
});
