import { describe, expect, it } from 'vitest';
import type { GuestProgram, ProgramRun, TestResult } from '../../../harness/model.js';
import { judgeAbsent, judgeProgram } from '../../../harness/results/judge.js';

function judge(run: Partial<ProgramRun> & { readonly text?: string }, program: Partial<GuestProgram> = {}): readonly TestResult[] {
  const { text, ...rest } = run;
  return judgeProgram(
    { name: 'prog', end: { kind: 'exit', code: 0 }, output: text === undefined ? [] : text.split('\n'), truncated: false, unkillable: false, ms: 1, ...rest },
    { name: 'prog', path: '/respin/bin/prog', timeoutMs: 5000, judge: 'ktap', tests: [], env: [], ...program },
  );
}

const outline = (results: readonly TestResult[]): readonly string[] => results.map(({ name, status }) => `${name} ${status}`);

describe('judge exit', () => {
  it.each([
    [{ kind: 'exit', code: 0 }, 'pass'],
    [{ kind: 'exit', code: 4 }, 'skip'],
    [{ kind: 'exit', code: 1 }, 'fail'],
    [{ kind: 'exit', code: 127 }, 'fail'],
    [{ kind: 'signal', signal: 11 }, 'crash'],
    [{ kind: 'timeout' }, 'timeout'],
    [{ kind: 'cut' }, 'crash'],
  ] as const)('%j is %s', (end, status) => {
    expect(outline(judge({ end }, { judge: 'exit' }))).toEqual([`prog ${status}`]);
  });

  it('looks at nothing that the program prints', () => {
    expect(outline(judge({ text: 'KTAP version 1\n1..1\nnot ok 1 a' }, { judge: 'exit', tests: ['a'] }))).toEqual(['prog pass']);
  });

  it('fails a program that left a process which cannot be killed', () => {
    expect(judge({ unkillable: true }, { judge: 'exit' })).toMatchObject([{ status: 'fail', reason: /could not be killed/ }]);
    expect(outline(judge({ unkillable: true, end: { kind: 'timeout' } }, { judge: 'exit' }))).toEqual(['prog timeout']);
  });
});

describe('judge auto', () => {
  const auto = { judge: 'auto' } as const;

  it.each<[string, string, number, readonly string[]]>([
    ['no output, by its exit status', '', 0, ['prog pass']],
    ['a line "ok 1" by chance, by its exit status', 'ok 1', 1, ['prog fail']],
    ['several of them', 'ok 1 - a\nok 2 - b', 1, ['prog fail']],
    ['a line "ok 1" and a skip', 'ok 1', 4, ['prog skip']],
    ['"not ok" without a plan, which no exit status mends', 'not ok 1 a', 0, ['prog fail']],
    ['"not ok # SKIP" without a plan', 'not ok 1 a # SKIP', 0, ['prog pass']],
    ['TAP 12: a plan and no version', '1..2\nok 1 - a\nnot ok 2 - b', 1, ['prog.a pass', 'prog.b fail']],
    ['TAP 12 with its plan last', 'ok 1 - a\n1..1', 0, ['prog.a pass']],
    ['a plan that is not met', '1..2\nok 1 - a', 0, ['prog.a pass', 'prog fail']],
    ['a plan by chance', '1..3', 0, ['prog fail']],
    ['TAP 13', 'TAP version 13\n1..1\nok 1 a', 0, ['prog.a pass']],
    ['TAP 14 with subtests', 'TAP version 14\n1..1\n# Subtest: s\n    1..1\n    ok 1 - a\nok 1 - s', 0, ['prog.s/a pass', 'prog.s pass']],
    ['KTAP and a bad exit status', 'KTAP version 1\n1..1\nok 1 a', 3, ['prog.a pass', 'prog fail']],
    ['a version line and nothing else', 'TAP version 13', 0, ['prog fail']],
    ['KTAP in a kernel log', '[    1.0] booting\n[    1.2] KTAP version 1\n[    1.3] 1..1\n[    1.4] not ok 1 a', 0, ['prog.a fail']],
    ['a suite of no subtests, which proves nothing', 'KTAP version 1\n1..1\n    KTAP version 1\nok 1 s', 0, ['prog.s skip']],
    ['everything skipped', '1..0 # SKIP no root', 4, ['prog skip']],
    ['everything skipped, before a kernel log with KTAP', '1..0 # SKIP no root\n[    1.2] KTAP version 1\n[    1.3] 1..1\n[    1.4] ok 1 a', 4, ['prog skip']],
    ['subtests without a plan', '    # Subtest: s\n    ok 1 a\nok 1 s', 0, ['prog.s/a pass', 'prog.s pass']],
    ['a header of subtests without any', '    # Subtest: s\nok 1 s', 0, ['prog.s skip']],
  ])('judges %s', (_, text, code, expected) => {
    expect(outline(judge({ text, end: { kind: 'exit', code } }, auto))).toEqual(expected);
  });

  it('holds a program to the cases that its suite lists', () => {
    expect(outline(judge({ text: 'fine' }, { ...auto, tests: ['a'] }))).toEqual(['a missing', 'prog fail']);
    expect(outline(judge({ text: 'ok 1 a\n[    1.2] KTAP version 1\n[    1.3] not ok 1 b' }, { ...auto, tests: ['a'] }))).toEqual(['a pass']);
  });
});

describe('judge ktap', () => {
  it('gives listed cases their own name and the others the name of the program too', () => {
    expect(outline(judge({ text: '1..2\nok 1 listed\nok 2 other' }, { tests: ['listed'] }))).toEqual(['listed pass', 'prog.other pass']);
  });

  it('keeps reason and diagnostics of a failure', () => {
    const [result] = judge({ text: '# expected 3, found 4\nnot ok 1 a', end: { kind: 'exit', code: 1 } }, { tests: ['a'] });
    expect(result).toMatchObject({ status: 'fail', lines: ['# expected 3, found 4'] });
  });

  it.each([
    ['ok 1 a # SKIP why', 'a skip'],
    ['not ok 1 a # SKIP why', 'a skip'],
    ['ok 1 # SKIP a', 'a skip'],
    ['ok 1 a # XFAIL known', 'a skip'],
    ['not ok 1 a # XFAIL known', 'a skip'],
    ['not ok 1 a # TODO', 'a skip'],
    ['ok 1 a # TODO', 'a pass'],
    ['ok 1 a # TIMEOUT', 'a timeout'],
    ['ok 1 a # ERROR', 'a fail'],
  ])('%s: %s', (text, expected) => {
    expect(outline(judge({ text }, { tests: ['a'] }))).toEqual([expected]);
  });

  it.each([
    ['no output', { text: '' }],
    ['output that is no KTAP', { text: 'all is well' }],
    ['a plan of nothing', { text: '1..0' }],
  ])('never passes with no case: %s', (_, run) => {
    expect(outline(judge(run))).toEqual(['prog fail']);
    expect(outline(judge(run, { tests: ['a'] }))).toEqual(['a missing', 'prog fail']);
  });

  it('skips all when the program says so, by plan or by exit code', () => {
    expect(outline(judge({ text: '1..0 # SKIP no root' }))).toEqual(['prog skip']);
    expect(outline(judge({ text: '1..0 # SKIP no root' }, { tests: ['a', 'b'] }))).toEqual(['a skip', 'b skip']);
    expect(outline(judge({ text: 'no root', end: { kind: 'exit', code: 4 } }, { tests: ['a'] }))).toEqual(['a skip', 'prog skip']);
  });

  it('misses what was not reported beside other cases, also at the exit code of a skip', () => {
    expect(outline(judge({ text: 'ok 1 a', end: { kind: 'exit', code: 4 } }, { tests: ['a', 'b'] }))).toEqual(['a pass', 'b missing']);
  });

  it('takes a time limit for a failure, of a subtest and beside a bad exit code', () => {
    expect(outline(judge({ text: '1..1\n  1..1\n  ok 1 b # TIMEOUT\nok 1 a' }, { tests: ['a', 'a/b'] }))).toEqual(['a fail', 'a/b timeout']);
    expect(outline(judge({ text: 'not ok 1 a # TIMEOUT', end: { kind: 'exit', code: 1 } }, { tests: ['a'] }))).toEqual(['a timeout']);
  });

  it('blames the first case that was not reported when the program was cut, and misses the later', () => {
    const text = 'ok 1 a';
    const tests = ['a', 'b', 'c'];
    expect(outline(judge({ text, end: { kind: 'timeout' } }, { tests }))).toEqual(['a pass', 'b timeout', 'c missing', 'prog timeout']);
    expect(outline(judge({ text, end: { kind: 'signal', signal: 9 } }, { tests }))).toEqual(['a pass', 'b crash', 'c missing', 'prog crash']);
    expect(outline(judge({ text, end: { kind: 'cut' } }, { tests }))).toEqual(['a pass', 'b crash', 'c missing', 'prog crash']);
    expect(outline(judge({ text }, { tests }))).toEqual(['a pass', 'b missing', 'c missing']);
  });

  it.each([
    ['a bad exit code although all passed', { text: 'ok 1 a', end: { kind: 'exit', code: 3 } as const }, /exit code 3, although/],
    ['a plan that is not met', { text: '1..2\nok 1 a' }, /2 were planned/],
    ['a name twice', { text: 'ok 1 a\nok 2 a' }, /reported 2 times/],
    ['a bail out', { text: 'ok 1 a\nBail out! gone' }, /gone/],
    ['lost output', { text: 'ok 1 a', truncated: true }, /more than is kept/],
    ['an unkillable process', { text: 'ok 1 a', unkillable: true }, /could not be killed/],
  ])('fails the program for %s', (_, run, reason) => {
    const results = judge(run, { tests: ['a'] });
    expect(results.at(-1)).toMatchObject({ name: 'prog', status: 'fail' });
    expect(results.at(-1)?.reason).toMatch(reason);
  });

  it('lets no later ok mend a not ok', () => {
    expect(outline(judge({ text: 'not ok 1 a\nok 2 a' }, { tests: ['a'] }))).toEqual(['a fail', 'prog fail']);
    expect(outline(judge({ text: 'ok 1 a\nok 2 a # SKIP' }, { tests: ['a'] }))).toEqual(['a skip', 'prog fail']);
  });

  it('does not blame the program for the exit code of a failed case', () => {
    expect(outline(judge({ text: 'not ok 1 a', end: { kind: 'exit', code: 1 } }, { tests: ['a'] }))).toEqual(['a fail']);
  });

  it('fails a parent whose subtest failed, and names subtests by their parents', () => {
    const text = '  KTAP version 1\n  1..1\n  not ok 1 child\nok 1 parent';
    expect(outline(judge({ text }, { tests: ['parent/child', 'parent'] }))).toEqual(['parent/child fail', 'parent fail']);
  });
});

describe('a program that never ran', () => {
  it('misses every case', () => {
    const program: GuestProgram = { name: 'prog', path: '/p', timeoutMs: 1, judge: 'ktap', tests: ['a', 'b'], env: [] };
    expect(outline(judgeAbsent(program, 'panic'))).toEqual(['a missing', 'b missing']);
    expect(outline(judgeAbsent({ ...program, judge: 'exit' }, 'panic'))).toEqual(['prog missing']);
  });
});

it('gives as reason of a failure what the test says about it first', () => {
  const text = 'TAP version 13\n1..1\n# got 3, expected 2\n# more\nnot ok 1 a\n';
  expect(judge({ text, end: { kind: 'exit', code: 1 } }, { tests: ['a'] })[0]).toMatchObject({ status: 'fail', reason: 'got 3, expected 2' });
});

describe('in words', () => {
  const told = (results: readonly TestResult[]): readonly string[] => results.map(({ name, status, reason }) => `${name} ${status}${reason === '' ? '' : `: ${reason}`}`);
  const auto = { judge: 'auto' } as const;

  it.each<[string, Parameters<typeof judge>[0], readonly string[]]>([
    ['a pass', {}, ['prog pass']],
    ['a skip', { end: { kind: 'exit', code: 4 } }, ['prog skip: exit code 4']],
    ['a skip with words', { end: { kind: 'exit', code: 4 }, text: 'first\nno root' }, ['prog skip: no root']],
    ['a failure', { end: { kind: 'exit', code: 7 } }, ['prog fail: exit code 7']],
    ['a signal', { end: { kind: 'signal', signal: 11 } }, ['prog crash: killed by signal 11']],
    ['a limit of time', { end: { kind: 'timeout' } }, ['prog timeout: longer than 5000 ms']],
    ['a guest that ended', { end: { kind: 'cut' } }, ['prog crash: the guest ended while it ran']],
    ['what cannot be killed', { unkillable: true }, ['prog fail: a process of it could not be killed: it sleeps in the kernel']],
  ])('%s, by the exit status', (_, run, expected) => {
    expect(told(judge(run, { judge: 'exit' }))).toEqual(expected);
  });

  it.each<[string, Parameters<typeof judge>[0], Partial<GuestProgram>, readonly string[]]>([
    ['"not ok" beside a good end', { text: 'not ok 1 a' }, auto, ['prog fail: it ended well, but printed "not ok" (a), without a plan']],
    ['"not ok" without a name', { text: 'not ok' }, auto, ['prog fail: it ended well, but printed "not ok" (without a name), without a plan']],
    ['"not ok" beside a bad end', { text: 'not ok 1 a', end: { kind: 'exit', code: 2 } }, auto, ['prog fail: exit code 2']],
    ['a skip', { text: '1..1\nok 1 a # SKIP no root' }, {}, ['prog.a skip: no root']],
    ['what may fail', { text: '1..1\nnot ok 1 a # XFAIL known' }, {}, ['prog.a skip: expected to fail: known']],
    ['what is to do', { text: '1..1\nnot ok 1 a # TODO later' }, {}, ['prog.a skip: to do: later']],
    ['what took too long', { text: '1..1\nnot ok 1 a # TIMEOUT 30 s' }, {}, ['prog.a timeout: 30 s']],
    ['an error', { text: '1..1\nnot ok 1 a # ERROR no file' }, {}, ['prog.a fail: error: no file']],
    ['a detail', { text: '1..1\nnot ok 1 a # got 3' }, {}, ['prog.a fail: got 3']],
    ['a detail that is the name', { text: '1..1\nok 1 # SKIP a' }, {}, ['prog.a skip']],
    ['the first words before it', { text: '1..1\n#\n#  \n  # got 3 \n# more\nnot ok 1 a' }, {}, ['prog.a fail: got 3']],
    ['first words with a number sign', { text: '1..1\ncount #3 is off\nnot ok 1 a' }, {}, ['prog.a fail: count #3 is off']],
    ['first words right behind it', { text: '1..1\n#got 3\nnot ok 1 a' }, {}, ['prog.a fail: got 3']],
    ['what was to do and is done', { text: '1..1\nok 1 a # TODO later' }, {}, ['prog.a pass']],
    ['no words', { text: '1..1\nnot ok 1 a' }, {}, ['prog.a fail: not ok']],
    ['no subtest', { text: '1..1\n  1..2\nok 1 a' }, {}, ['prog.a skip: none of its subtests was reported', 'prog fail: subtests: 2 were planned and 0 reported']],
    ['a subtest that failed', { text: '1..1\n  1..1\n  not ok 1 b\nok 1 a' }, {}, ['prog.a/b fail: not ok', 'prog.a fail: a subtest of it failed']],
    ['a case without a name', { text: '1..2\nok 1\nok 2' }, {}, ['prog.test 1 pass', 'prog.test 2 pass']],
    ['a bail out', { text: '1..1\nok 1 a\nBail out! no memory' }, {}, ['prog.a pass', 'prog fail: bailed out: no memory']],
    ['lost output', { text: '1..1\nok 1 a', truncated: true }, {}, ['prog.a pass', 'prog fail: it printed more than is kept, so results may be lost']],
    ['no case', { text: '' }, {}, ['prog fail: it reported no case']],
    ['no case and a bad end', { text: '', end: { kind: 'exit', code: 3 } }, {}, ['prog fail: exit code 3']],
    ['a name twice', { text: '1..2\nok 1 a\nnot ok 2 a' }, {}, ['prog.a fail: not ok', 'prog fail: a was reported 2 times']],
    ['a bad end beside good cases', { text: '1..1\nok 1 a', end: { kind: 'exit', code: 3 } }, {}, ['prog.a pass', 'prog fail: exit code 3, although no case failed']],
    ['a bad end beside a bad case', { text: '1..1\nnot ok 1 a # got 3', end: { kind: 'exit', code: 3 } }, {}, ['prog.a fail: got 3']],
    ['a skip of all', { text: '1..0 # SKIP no root' }, { tests: ['a'] }, ['a skip: no root']],
    ['a skip of all that lists nothing', { text: '1..0 # SKIP no root' }, {}, ['prog skip: no root']],
    ['a skip by the exit status', { text: 'no root', end: { kind: 'exit', code: 4 } }, { tests: ['a'] }, ['a skip: no root', 'prog skip: no root']],
    ['a case that was not reported', { text: '1..1\nok 1 a' }, { tests: ['a', 'b'] }, ['a pass', 'b missing: it was not reported']],
    ['a program that was cut', { text: 'ok 1 a', end: { kind: 'cut' } }, { tests: ['a', 'b', 'c'] }, ['a pass', 'b crash: the guest ended while it ran', 'c missing: it was not reported', 'prog crash: the guest ended while it ran']],
    ['what cannot be killed, at a limit of time', { text: 'ok 1 a', end: { kind: 'timeout' }, unkillable: true }, { tests: ['a'] }, ['a pass', 'prog timeout: a process of it could not be killed: it sleeps in the kernel']],
    ['what cannot be killed', { text: '1..1\nok 1 a', unkillable: true }, { tests: ['a'] }, ['a pass', 'prog fail: a process of it could not be killed: it sleeps in the kernel']],
  ])('%s, by the cases', (_, run, program, expected) => {
    expect(told(judge(run, program))).toEqual(expected);
  });

  it('a program that never ran, for the reason that is given', () => {
    const program: GuestProgram = { name: 'prog', path: '/p', timeoutMs: 1, judge: 'auto', tests: [], env: [] };
    expect(judgeAbsent(program, 'panic')).toEqual([{ program: 'prog', name: 'prog', status: 'missing', reason: 'panic', lines: [] }]);
    expect(judgeAbsent({ ...program, tests: ['a'] }, 'no compiler', 'skip')).toEqual([{ program: 'prog', name: 'a', status: 'skip', reason: 'no compiler', lines: [] }]);
  });

  it('no more than the last 200 lines of what a program printed are kept', () => {
    const text = Array.from({ length: 300 }, (_, index) => `line ${index + 1}`).join('\n');
    const kept = judge({ text }, { judge: 'exit' })[0]?.lines;
    expect([kept?.length, kept?.[0], kept?.at(-1)]).toEqual([200, 'line 101', 'line 300']);
    expect(judge({ text: `1..2\nok 1 a\n${text}` }, { tests: ['a'] }).at(-1)?.lines.length).toBe(200);
  });

  it('the lines of a case go with it, and those behind the last with the program', () => {
    const [a, whole] = judge({ text: '1..2\n# one\nok 1 a\n# two' }, { tests: ['a'] });
    expect([a?.lines, whole?.lines]).toEqual([['# one'], ['# two']]);
    expect(judge({ text: '# why\n1..0 # SKIP no root' }, { tests: ['a'] })[0]?.lines).toEqual([]);
    expect(judge({ text: '1..1\nok 1 a\n# two' }, { tests: ['a', 'b'] })[1]?.lines).toEqual([]);
    expect(judge({ text: '1..1\n# one\nok 1 b' })[0]?.lines).toEqual(['# one']);
  });
});
