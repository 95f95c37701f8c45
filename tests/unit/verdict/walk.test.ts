import { describe, expect, it } from 'vitest';
import type { Diagnostic, Finding, SideOutcome, TestStatus } from '../../../harness/model.js';
import { decideWalk, type WalkPoint } from '../../../harness/verdict/walk.js';

type Results = Readonly<Record<string, TestStatus>>;
type Ran = Extract<SideOutcome, { kind: 'ran' }>;

function ran(results: Results, more: Partial<Ran> = {}): Ran {
  const all = Object.entries(results).map(([name, status]) => ({ name, program: 'p', status, reason: '', lines: [] }));
  return { kind: 'ran', end: { kind: 'complete' }, findings: [], ...more, results: all };
}

const SPLAT: Finding = { class: 'warning', title: 'WARNING in f', function: 'f', fingerprint: 'warning:f', lines: [], line: 1 };
const UNUSED: Diagnostic = { severity: 'warning', file: 'ipc/sem.c', line: 7, message: "unused variable 'x'" };
const NOT_BUILT: SideOutcome = { kind: 'build-failed', what: 'vmlinux', diagnostics: [], tail: ['make: *** Error 2'] };

function rejected(patch: number): SideOutcome {
  const rejections = [{ file: 'ipc/sem.c', hunk: undefined, problem: 'the hunk does not match', expected: [], found: [], line: undefined }];
  return { kind: 'rejected', rejected: { patch, subject: `patch ${patch}`, rejections } };
}

/** Points from the base on, or from `first`. */
function along(outcomes: readonly (SideOutcome | undefined)[], more: Readonly<Record<number, Partial<WalkPoint>>> = {}, first = 0): readonly WalkPoint[] {
  return outcomes.map((outcome, index) => ({
    ...{ number: first + index, subject: `s${first + index}`, outcome, warnings: [], unstable: [] },
    ...more[first + index],
  }));
}

function judged(points: readonly WalkPoint[], promises: Readonly<Record<string, number>> = {}) {
  const { verdict, exitCode, reasons, bisectable } = decideWalk(points, promises);
  return { verdict, exitCode, codes: reasons.map(({ code }) => code), bisectable };
}

const GOOD = { verdict: 'good', exitCode: 0, codes: [], bisectable: true };
const PASS = ran({ a: 'pass' });
const FAIL = ran({ a: 'fail' });

describe('the matrix', () => {
  it('has a cell for each test and kernel, and says what each patch brought', () => {
    const { rows, brings } = decideWalk(along([FAIL, NOT_BUILT, ran({ a: 'pass', b: 'skip' }), ran({ a: 'pass', b: 'pass' })]), { b: 3, late: 9 });
    expect(rows).toEqual([
      { name: 'a', cells: ['fail', 'not built', 'pass', 'pass'], promised: undefined },
      { name: 'b', cells: ['missing', 'not built', 'skip', 'pass'], promised: 3 },
    ]);
    expect(brings).toEqual([
      { patch: 2, tests: ['a'] },
      { patch: 3, tests: ['b'] },
    ]);
  });

  it('names a promised test that nobody saw', () => {
    expect(decideWalk(along([PASS, PASS]), { b: 1 }).rows[1]).toEqual({ name: 'b', cells: ['missing', 'missing'], promised: 1 });
  });
});

describe('good', () => {
  it.each<[string, readonly WalkPoint[], Readonly<Record<string, number>>]>([
    ['a promise that is kept on both sides of its patch', along([FAIL, FAIL, PASS, PASS]), { a: 2 }],
    ['a test that is skipped until its patch', along([ran({ a: 'skip', b: 'pass' }), ran({ a: 'pass', b: 'pass' })]), { a: 1 }],
    ['nothing that was promised', along([PASS, PASS]), {}],
    ['a promise that lies beyond the end', along([ran({ a: 'fail', b: 'pass' }), ran({ a: 'fail', b: 'pass' })]), { a: 2 }],
    ['a walk that begins later', along([FAIL, PASS], {}, 3), { a: 4 }],
    ['a report and a warning that the base has too', along([ran({ a: 'pass' }, { findings: [SPLAT] }), ran({ a: 'pass' }, { findings: [SPLAT] })], { 0: { warnings: [UNUSED] }, 1: { warnings: [{ ...UNUSED, line: 9 }] } }), {}],
  ])('%s', (_, points, promises) => {
    expect(judged(points, promises)).toEqual(GOOD);
  });
});

describe('bad', () => {
  it.each<[string, readonly WalkPoint[], Readonly<Record<string, number>>, string, boolean]>([
    ['a test that passes before its patch', along([FAIL, PASS, PASS]), { a: 2 }, 'promise.early', true],
    ['a test that fails after its patch', along([FAIL, FAIL, PASS]), { a: 1 }, 'promise.broken', true],
    ['a test that fails again later', along([FAIL, PASS, FAIL]), { a: 1 }, 'promise.broken', true],
    ['a test that a patch in the middle breaks', along([PASS, FAIL, PASS]), {}, 'test.regressed', true],
    ['a patch that does not build', along([PASS, NOT_BUILT, PASS]), {}, 'build.failed', false],
    ['a patch that does not boot', along([PASS, ran({ a: 'missing' }, { end: { kind: 'panic', detail: 'x' } }), PASS]), {}, 'boot.panic', false],
    ['a kernel report in the middle', along([PASS, ran({ a: 'pass' }, { findings: [SPLAT] }), PASS]), {}, 'finding.new', false],
    ['a compiler warning in the middle', along([PASS, PASS, PASS], { 1: { warnings: [UNUSED] } }), {}, 'warning.new', false],
    ['a patch that does not apply', along([PASS, rejected(1), rejected(1)]), { a: 1 }, 'patch.rejected', false],
    ['a promise broken where another does not build', along([FAIL, NOT_BUILT, FAIL]), { a: 1 }, 'promise.broken', false],
  ])('%s', (_, points, promises, code, bisectable) => {
    const { verdict, exitCode, codes, bisectable: can } = judged(points, promises);
    expect({ verdict, exitCode, can }).toEqual({ verdict: 'bad', exitCode: 1, can: bisectable });
    expect(codes).toContain(code);
  });

  it('tells a report, a warning and a rejection once, at the patch that brought it', () => {
    const splat = ran({ a: 'pass' }, { findings: [SPLAT, SPLAT] });
    const { reasons } = decideWalk(along([PASS, splat, splat, rejected(3), rejected(3)], { 1: { warnings: [UNUSED] }, 2: { warnings: [UNUSED] } }), {});
    expect(reasons.map(({ text }) => text)).toEqual([
      'patch 1 "s1": the kernel reports: WARNING in f',
      'patch 1 "s1": the compiler warns: ipc/sem.c:7: unused variable \'x\'',
      'patch 3 "patch 3" does not apply: ipc/sem.c: the hunk does not match',
    ]);
  });
});

describe('untestable', () => {
  it.each<[string, readonly WalkPoint[], Readonly<Record<string, number>>, string]>([
    ['a base that does not build', along([NOT_BUILT]), {}, 'base.build.failed'],
    ['a base that does not boot', along([ran({ a: 'missing' }, { end: { kind: 'panic', detail: 'x' } })]), {}, 'base.boot.panic'],
    ['a base on which no test ran', along([ran({}), PASS]), {}, 'base.no-tests'],
    ['a prerequisite that does not apply', along([rejected(0), rejected(0)]), {}, 'base.patch.rejected'],
    ['nothing at all', [], {}, 'base.not-run'],
    ['a promise that held on the base', along([PASS, PASS]), { a: 1 }, 'promise.held-before'],
    ['an outcome that is not stable', along([PASS, PASS], { 1: { unstable: [{ about: 'test', name: 'a', text: 'a was pass, then fail' }] } }), {}, 'unstable'],
    ['a test that ran nowhere', along([ran({ a: 'pass', b: 'missing' }), ran({ a: 'pass', b: 'missing' })]), {}, 'test.never-ran'],
    ['a series on whose tip nothing passes', along([FAIL, FAIL]), {}, 'nothing.proven'],
  ])('%s', (_, points, promises, code) => {
    const { verdict, exitCode, codes, bisectable } = judged(points, promises);
    expect({ verdict, exitCode }).toEqual({ verdict: 'untestable', exitCode: 125 });
    if (code.startsWith('base.')) expect(bisectable).toBe(false);
    expect(codes).toContain(code);
  });
});

describe('what comes and goes', () => {
  const shaky = (name: string) => ({ unstable: [{ about: 'test' as const, name, text: `${name} was pass, then fail` }] });

  it('breaks no test and no promise, and hides no other fault', () => {
    const points = along([PASS, FAIL], { 1: shaky('a') });
    expect(judged(points)).toMatchObject({ verdict: 'untestable', codes: ['unstable', 'nothing.proven'] });
    const both = along([ran({ a: 'pass', b: 'pass' }), ran({ a: 'fail', b: 'fail' })], { 1: shaky('b') });
    expect(judged(both)).toMatchObject({ verdict: 'bad', codes: ['test.regressed', 'unstable'] });
  });

  it('is looked for on the kernels that a fault rests on, and on no other', () => {
    const suspects = (points: readonly WalkPoint[], promises = {}) => decideWalk(points, promises).suspects;
    expect(suspects(along([PASS, PASS, PASS, FAIL, FAIL]))).toEqual([2, 3]);
    expect(suspects(along([FAIL, PASS, PASS]), { a: 2 })).toEqual([0, 1]);
    expect(suspects(along([PASS, ran({ a: 'pass' }, { findings: [SPLAT] }), PASS]))).toEqual([0, 1]);
    expect(suspects(along([PASS, PASS, NOT_BUILT, FAIL]))).toEqual([1, 3]);
    expect(suspects(along([PASS, PASS, PASS, NOT_BUILT]))).toEqual([]);
    expect(suspects(along([PASS, PASS, PASS], { 1: { warnings: [UNUSED] } }))).toEqual([]);
    expect(suspects(along([PASS, PASS]))).toEqual([]);
  });
});

describe('a target of selftests that a patch brings', () => {
  it('has no row of its own once its programs are there', () => {
    const points = along([ran({ t: 'missing', a: 'pass' }), ran({ a: 'pass', 't.one': 'pass' })]);
    expect(decideWalk(points, {}).rows.map(({ name }) => name)).toEqual(['a', 't.one']);
    expect(judged(points)).toEqual(GOOD);
  });

  it('keeps it while it is missing on the last kernel', () => {
    expect(judged(along([ran({ t: 'missing', a: 'pass' }), ran({ t: 'missing', a: 'pass' })]))).toMatchObject({ verdict: 'untestable', codes: ['test.never-ran'] });
  });
});

describe('a patch that the kernel has already', () => {
  const causes = [{ kind: 'contained' as const, text: '6.12 has patch 2 already', hint: '', patches: [2] }];
  const outcome = rejected(2);
  const contained: SideOutcome = outcome.kind === 'rejected' ? { ...outcome, rejected: { ...outcome.rejected, causes } } : outcome;

  it('ends the walk without a fault', () => {
    expect(judged(along([PASS, PASS, contained, contained]))).toEqual({ verdict: 'untestable', exitCode: 125, codes: ['patch.contained'], bisectable: false });
  });

  it('hides no fault before it', () => {
    expect(judged(along([PASS, FAIL, contained]))).toMatchObject({ verdict: 'bad', bisectable: false });
  });
});

it('holds no report against a patch that the suite provokes on purpose', () => {
  const points = along([PASS, ran({ a: 'pass' }, { findings: [SPLAT] }), PASS]);
  expect(decideWalk(points, {}, undefined, { 'WARNING in f': 'provoked' })).toMatchObject({ verdict: 'good', bisectable: true });
  expect(decideWalk(points, {}, undefined, { 'WARNING in g': 'provoked' })).toMatchObject({ verdict: 'bad' });
});

describe('in words', () => {
  const panic = ran({ a: 'missing' }, { end: { kind: 'panic', detail: 'x' } });
  const because = (status: TestStatus): SideOutcome => ({ kind: 'ran', end: { kind: 'complete' }, findings: [], results: [{ name: 'a', program: 'p', status, reason: 'exit code 1', lines: [] }] });
  const other = { name: 'b', program: 'p', status: 'pass', reason: '', lines: [] } as const;
  const beside = (outcome: SideOutcome): SideOutcome => (outcome.kind === 'ran' ? { ...outcome, results: [...outcome.results, other] } : outcome);
  it.each<[string, readonly WalkPoint[], Readonly<Record<string, number>>, readonly string[]]>([
    ['nothing', [], {}, ['base.not-run: nothing was run']],
    ['a base that was not run', along([undefined]), {}, ['base.not-run: the base cannot be judged: it was not run']],
    ['a base that panics', along([panic]), {}, ['base.boot.panic: the base cannot be judged: kernel panic: x']],
    ['a first patch that panics', along([panic], {}, 3), {}, ['base.boot.panic: patch 3 "s3" cannot be judged: kernel panic: x']],
    ['no test on the base', along([ran({})]), {}, ['base.no-tests: the base cannot be judged: no test ran on it']],
    ['a patch that panics', along([PASS, panic]), {}, ['boot.panic: patch 1 "s1": kernel panic: x', 'test.regressed: a passes at the base and is missing at patch 1 "s1"']],
    ['a patch that does not build', along([PASS, NOT_BUILT, PASS]), {}, ['build.failed: patch 1 "s1": vmlinux does not build: make: *** Error 2']],
    ['a first patch that does not apply', along([rejected(1), rejected(1)], {}, 1), {}, ['patch.rejected: patch 1 "patch 1" does not apply: ipc/sem.c: the hunk does not match']],
    ['a regression, over a kernel that was not built', along([PASS, NOT_BUILT, because('fail')]), {}, ['build.failed: patch 1 "s1": vmlinux does not build: make: *** Error 2', 'test.regressed: a passes at the base and is fail at patch 2 "s2": exit code 1']],
    ['the first of two regressions', along([PASS, FAIL, PASS, FAIL]), {}, ['test.regressed: a passes at the base and is fail at patch 1 "s1"']],
    ['the last kernel on which it passed', along([PASS, PASS, FAIL].map(beside)), {}, ['test.regressed: a passes at patch 1 "s1" and is fail at patch 2 "s2"']],
    ['a promise that is kept too early', along([FAIL, PASS, PASS]), { a: 2 }, ['promise.early: a is promised from patch 2 and passes at patch 1 "s1" already: the promise is wrong, or the test proves nothing']],
    ['a promise that the base keeps', along([PASS, PASS]), { a: 1 }, ['promise.held-before: a is promised from patch 1 and passes at the base already: the promise is wrong, or the test proves nothing']],
    ['a promise that is not kept', along([FAIL, because('crash')].map(beside)), { a: 1 }, ['promise.broken: a is promised from patch 1 and is crash at patch 1 "s1": exit code 1']],
    ['a promise on both sides wrong', along([PASS, FAIL].map(beside)), { a: 1 }, ['promise.broken: a is promised from patch 1 and is fail at patch 1 "s1"']],
    ['a promise for a kernel that was not built', along([FAIL, NOT_BUILT].map(beside)), { a: 1 }, ['build.failed: patch 1 "s1": vmlinux does not build: make: *** Error 2']],
    ['a warning without a line', along([PASS, PASS], { 1: { warnings: [{ severity: 'warning', file: 'a.c', message: 'w' }] } }), {}, ['warning.new: patch 1 "s1": the compiler warns: a.c: w']],
    ['what ran nowhere', along([ran({ a: 'pass', c: 'missing' }), ran({ a: 'pass', c: 'missing' })]), {}, ['test.never-ran: c ran on none of these kernels']],
    ['no proof', along([FAIL, FAIL]), {}, ['nothing.proven: no test passed on the last kernel: nothing is proven']],
    ['what is not stable', along([PASS, PASS], { 1: { unstable: [{ about: 'test', name: 'a', text: 'a was pass, then fail' }] } }), {}, ['unstable: patch 1 "s1": a was pass, then fail']],
    ['ends that differ', along([PASS, FAIL], { 1: { unstable: [{ about: 'end', name: '', text: 'it ended so and so' }] } }), {}, ['unstable: patch 1 "s1": it ended so and so', 'nothing.proven: no test passed on the last kernel: nothing is proven', 'test.regressed: a passes at the base and is fail at patch 1 "s1"']],
  ])('%s', (_, points, promises, told) => {
    expect(decideWalk(points, promises).reasons.map(({ code, text }) => `${code}: ${text}`)).toEqual(told);
  });

  it('a kernel that was not tried keeps a walk from being good', () => {
    expect(decideWalk(along([PASS, undefined, PASS]), {})).toMatchObject({ verdict: 'untestable', reasons: [{ code: 'not-run', text: 'patch 1 "s1" was not tried' }], bisectable: false });
  });

  it('ends that differ leave nothing proven', () => {
    const unstable = [{ about: 'end' as const, name: '', text: 'it ended so and so' }];
    expect(judged(along([PASS, FAIL], { 1: { unstable } }))).toMatchObject({ verdict: 'untestable', exitCode: 125 });
  });

  it('a patch that does not apply is told of a walk that has nothing else', () => {
    expect(judged(along([rejected(1)], {}, 1))).toMatchObject({ verdict: 'bad', codes: ['patch.rejected'] });
  });

  it('a promise that is kept too early and a test that breaks again are both told', () => {
    expect(judged(along([FAIL, PASS, FAIL, PASS]), { a: 3 }).codes).toEqual(['promise.early', 'test.regressed']);
  });

  it('what ran nowhere is told beside what was not built', () => {
    const causes = [{ kind: 'contained' as const, text: '6.12 has it', hint: '', patches: [1] }];
    const outcome = rejected(1);
    const contained: SideOutcome = outcome.kind === 'rejected' ? { ...outcome, rejected: { ...outcome.rejected, causes } } : outcome;
    expect(judged(along([ran({ a: 'pass', c: 'missing' }), contained])).codes).toEqual(['patch.contained', 'test.never-ran']);
  });

  it('rows are in the order of the last kernel, then of those before it, then what was promised', () => {
    const points = along([ran({ x: 'pass', a: 'pass', b: 'pass' }), ran({ y: 'pass', a: 'pass' }), ran({ b: 'pass', a: 'pass' })]);
    expect(decideWalk(points, { late: 2, later: 3 }).rows.map(({ name }) => name)).toEqual(['b', 'a', 'y', 'x', 'late']);
  });

  it('a test that is gone is lost, though another was there in name alone', () => {
    const points = along([ran({ t: 'pass', u: 'missing', a: 'pass' }), ran({ u: 'missing', a: 'pass' }), PASS]);
    expect(decideWalk(points, {}).rows.map(({ name }) => name)).toEqual(['a', 't']);
    expect(judged(points).codes).toEqual(['test.regressed']);
  });

  it('the reason is that of the test', () => {
    const failing = (reason: string): SideOutcome => ({ kind: 'ran', end: { kind: 'complete' }, findings: [], results: [{ name: 'b', program: 'p', status: 'pass', reason: 'of another', lines: [] }, { name: 'a', program: 'p', status: 'fail', reason, lines: [] }] });
    expect(decideWalk(along([PASS, failing('of this')]), {}).reasons[0]?.text).toBe('a passes at the base and is fail at patch 1 "s1": of this');
  });

  it('code that was not compiled keeps a walk from being good, and a fault from nothing', () => {
    expect(decideWalk(along([PASS, PASS]), {}, 'not compiled')).toMatchObject({ verdict: 'untestable', exitCode: 125, reasons: [{ code: 'code.not-built', text: 'not compiled' }], bisectable: true });
    expect(decideWalk(along([PASS, FAIL]), {}, 'not compiled').verdict).toBe('bad');
  });

  it('a report that comes and goes is none', () => {
    const stall = ran({ a: 'pass' }, { findings: [{ ...SPLAT, class: 'rcu-stall' }] });
    const unstable = [{ about: 'report' as const, name: 'warning:f', text: 'it came in 1 of 2 boots' }];
    expect(judged(along([PASS, stall], { 1: { unstable } }))).toEqual({ verdict: 'untestable', exitCode: 125, codes: ['unstable'], bisectable: false });
    expect(judged(along([PASS, stall]))).toMatchObject({ verdict: 'bad', codes: ['finding.new'] });
  });

  it('a broken stream of results in the middle is no fault of its patch', () => {
    const corrupt = ran({ a: 'pass' }, { end: { kind: 'corrupt', detail: 'gap' } });
    expect(judged(along([PASS, corrupt, PASS]))).toEqual({ verdict: 'untestable', exitCode: 125, codes: ['boot.corrupt'], bisectable: false });
  });

  it('a test that passed from the first kernel on is brought by no patch', () => {
    expect(decideWalk(along([PASS, FAIL, PASS]), {}).brings).toEqual([{ patch: 2, tests: ['a'] }]);
    expect(decideWalk(along([PASS, NOT_BUILT, PASS]), {}).brings).toEqual([]);
    expect(decideWalk(along([ran({ a: 'fail', b: 'fail' }), ran({ a: 'pass', b: 'pass' })]), {}).brings).toEqual([{ patch: 1, tests: ['a', 'b'] }]);
    const order = along([ran({ a: 'fail', b: 'fail' }), ran({ a: 'fail', b: 'pass' }), ran({ a: 'pass', b: 'pass' })]);
    expect(decideWalk(order, {}).brings).toEqual([{ patch: 1, tests: ['b'] }, { patch: 2, tests: ['a'] }]);
  });
});
