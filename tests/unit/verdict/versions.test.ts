import { describe, expect, it } from 'vitest';
import type { BootEnd, Diagnostic, Finding, SideOutcome, TestStatus } from '../../../harness/model.js';
import { compareVersions, differ, type Version, type VersionsVerdict } from '../../../harness/verdict/versions.js';

type Statuses = Readonly<Record<string, TestStatus>>;

const COMPLETE: BootEnd = { kind: 'complete' };
const PANIC: BootEnd = { kind: 'panic', detail: 'oops' };
const WARN: Finding = { class: 'warning', title: 'WARNING in f', function: 'f', fingerprint: 'warning:f', lines: [], line: 1 };
const UNUSED: Diagnostic = { severity: 'warning', file: 'ipc/sem.c', line: 3, message: "unused variable 'x'" };

function boot(results: Statuses, findings: readonly Finding[] = [], end: BootEnd = COMPLETE): SideOutcome {
  return { kind: 'ran', end, findings, results: Object.entries(results).map(([name, status]) => ({ name, program: 'p', status, reason: '', lines: [] })) };
}

function failing(status: TestStatus, reason: string): SideOutcome {
  return { kind: 'ran', end: COMPLETE, findings: [], results: [{ name: 't', program: 'p', status, reason, lines: [] }, { name: 'other', program: 'p', status: 'pass', reason: '', lines: [] }] };
}

function version(...outcomes: readonly SideOutcome[]): Version {
  return { outcomes, warnings: [] };
}

const rejected: SideOutcome = { kind: 'rejected', rejected: { patch: 2, subject: 'two', rejections: [{ file: 'a.c', hunk: undefined, problem: 'the hunk does not match', expected: [], found: [], line: undefined }] } };
const contained: SideOutcome = { kind: 'rejected', rejected: { ...rejected.rejected, causes: [{ kind: 'contained', text: 'it is there', hint: '' }] } };
const noBase: SideOutcome = { kind: 'rejected', rejected: { ...rejected.rejected, patch: 0 } };
const unbuilt: SideOutcome = { kind: 'build-failed', what: 'vmlinux', diagnostics: [{ severity: 'error', file: 'a.c', message: 'no' }], tail: [] };
const passes = boot({ t: 'pass' });
const fails = boot({ t: 'fail' });
const panics = boot({ t: 'crash' }, [], PANIC);
const corrupt = boot({ t: 'pass' }, [], { kind: 'corrupt', detail: 'gap' });

function judge(old: Version, now: Version, base: Version = version(passes), nothingBuilt?: string): VersionsVerdict {
  return compareVersions({ base, old, now, expected: {}, nothingBuilt });
}

describe('how far each version comes', () => {
  const ends = { rejected, contained, noBase, unbuilt, panics, corrupt, fails, passes };
  type Name = keyof typeof ends;
  const table: readonly (readonly [Name, Name, VersionsVerdict['verdict']])[] = [
    ['rejected', 'rejected', 'untestable'],
    ['rejected', 'unbuilt', 'better'],
    ['rejected', 'panics', 'mixed'],
    ['rejected', 'passes', 'better'],
    ['rejected', 'fails', 'mixed'],
    ['rejected', 'contained', 'untestable'],
    ['rejected', 'noBase', 'untestable'],
    ['unbuilt', 'rejected', 'worse'],
    ['unbuilt', 'unbuilt', 'untestable'],
    ['unbuilt', 'passes', 'better'],
    ['unbuilt', 'fails', 'mixed'],
    ['panics', 'rejected', 'worse'],
    ['panics', 'unbuilt', 'worse'],
    ['panics', 'panics', 'untestable'],
    ['panics', 'passes', 'better'],
    ['panics', 'corrupt', 'untestable'],
    ['corrupt', 'passes', 'untestable'],
    ['contained', 'passes', 'untestable'],
    ['passes', 'rejected', 'worse'],
    ['passes', 'unbuilt', 'worse'],
    ['passes', 'panics', 'worse'],
    ['passes', 'corrupt', 'untestable'],
    ['passes', 'contained', 'untestable'],
    ['passes', 'noBase', 'untestable'],
    ['passes', 'fails', 'worse'],
    ['passes', 'passes', 'same'],
    ['fails', 'passes', 'better'],
    ['fails', 'panics', 'worse'],
    ['fails', 'rejected', 'worse'],
  ];
  it.each(table)('%s, then %s: %s', (old, now, verdict) => {
    const found = judge(version(ends[old]), version(ends[now]));
    expect(found).toMatchObject({ verdict, exitCode: { better: 0, same: 0, worse: 1, mixed: 1, untestable: 125 }[verdict] });
  });

  it('nothing that passes on either proves nothing', () => {
    expect(judge(version(fails), version(fails))).toMatchObject({ verdict: 'untestable', doubts: [{ code: 'nothing.proven' }], tests: [{ change: 'still failing' }] });
  });

  it('a version that was not tried is a doubt', () => {
    expect(judge(version(), version(passes))).toMatchObject({ verdict: 'untestable' });
  });

  it('a test that fails where the base fails it is no fault of a version whose old one did not build', () => {
    expect(judge(version(unbuilt), version(boot({ t: 'fail', u: 'pass' })), version(boot({ t: 'fail', u: 'pass' }))).verdict).toBe('better');
  });

  it('what the old version did not come to is no new failure when the base fails it, and is one when the base passes it', () => {
    const early = boot({ a: 'pass', t: 'missing' }, [], PANIC);
    const whole = boot({ a: 'pass', t: 'fail' });
    expect(judge(version(early), version(whole), version(boot({ a: 'pass', t: 'fail' }))).verdict).toBe('better');
    expect(judge(version(early), version(whole), version(boot({ a: 'pass', t: 'pass' }))).verdict).toBe('mixed');
  });
});

describe('tests', () => {
  const change = (old: TestStatus | undefined, now: TestStatus | undefined): readonly [string | undefined, string] => {
    const more: Statuses = { other: 'pass' };
    const of = (status: TestStatus | undefined): Version => version(boot(status === undefined ? more : { ...more, t: status }));
    const { tests, verdict } = judge(of(old), of(now));
    return [tests.find(({ name }) => name === 't')?.change, verdict];
  };
  it.each([
    ['pass', 'pass', 'same', 'same'],
    ['fail', 'pass', 'fixed', 'better'],
    ['timeout', 'pass', 'fixed', 'better'],
    ['skip', 'pass', 'fixed', 'better'],
    ['pass', 'fail', 'regressed', 'worse'],
    ['pass', 'skip', 'regressed', 'worse'],
    ['pass', 'missing', 'regressed', 'worse'],
    ['fail', 'crash', 'regressed', 'worse'],
    ['fail', 'fail', 'still failing', 'same'],
    ['skip', 'skip', 'same', 'same'],
    ['missing', 'missing', 'still failing', 'untestable'],
    [undefined, 'pass', 'new', 'same'],
    [undefined, 'fail', 'new', 'worse'],
    ['pass', undefined, 'gone', 'worse'],
    ['fail', undefined, 'gone', 'same'],
  ] as const)('%s, then %s: %s and %s', (old, now, row, verdict) => {
    expect(change(old, now)).toEqual([row, verdict]);
  });

  it('a new test that fails as its suite knows is no fault', () => {
    const old = version(boot({ other: 'pass' }));
    const now = version(boot({ other: 'pass', t: 'fail' }));
    expect(compareVersions({ base: old, old, now, expected: { t: { status: 'fail', reason: 'known' } }, nothingBuilt: undefined }).verdict).toBe('same');
  });

  it('what the base fails as well is told apart', () => {
    const { worse } = judge(version(passes), version(fails), version(fails));
    expect(worse[0]?.text).toBe('t was pass and is fail (it is fail on the base as well)');
  });

  it('better in one and worse in another is mixed', () => {
    expect(judge(version(boot({ a: 'fail', b: 'pass' })), version(boot({ a: 'pass', b: 'fail' })))).toMatchObject({ verdict: 'mixed', exitCode: 1 });
  });
});

describe('what differs from boot to boot', () => {
  const P = 'pass';
  const F = 'fail';
  const of = (...statuses: readonly TestStatus[]): Version => version(...statuses.map((status) => boot({ other: 'pass', t: status })));
  it.each([
    [[P, P, P, P], [P, F, P, P], 'untestable'],
    [[P, F, P, P], [F, F, F, F], 'untestable'],
    [[P, F, P, P], [P, P, F, P], 'same'],
    [[P, F, P, P], [P, P, P, P], 'same'],
    [[F, F, F, F], [P, F, F, F], 'same'],
    [[P, F], [P, F, 'skip'], 'untestable'],
    [[P, F], [P, 'crash'], 'untestable'],
    [['skip', F], [F, 'skip'], 'same'],
  ] as const)('%j, then %j is never regressed: %s', (old, now, verdict) => {
    expect(judge(of(...old), of(...now))).toMatchObject({ verdict, worse: [], better: [], tests: [{ change: 'same' }, { change: 'flaky' }] });
  });

  it('does not hide what every boot shows', () => {
    const old = version(boot({ a: 'pass', t: 'pass' }), boot({ a: 'pass', t: 'pass' }));
    const now = version(boot({ a: 'fail', t: 'pass' }), boot({ a: 'fail', t: 'fail' }));
    expect(judge(old, now)).toMatchObject({ verdict: 'worse', doubts: [{ code: 'test.flaky' }] });
  });

  it('an end that comes and goes is a doubt', () => {
    const late = boot({ t: 'pass' }, [], PANIC);
    expect(judge(version(passes, passes), version(passes, late))).toMatchObject({ verdict: 'untestable', doubts: [{ code: 'new.unclear' }] });
    expect(judge(version(passes, late), version(passes, passes)).verdict).toBe('untestable');
  });
});

describe('reports of the kernel', () => {
  const clean = boot({ t: 'pass' });
  const warns = boot({ t: 'pass' }, [WARN]);
  it.each([
    [[clean], [warns], [clean], 'worse', 'new'],
    [[clean], [warns], [warns], 'worse', 'new'],
    [[warns], [clean], [clean], 'better', 'gone'],
    [[warns], [warns], [clean], 'same', 'staying'],
    [[clean, clean], [warns, clean], [clean], 'untestable', 'flaky'],
    [[warns, clean], [clean, clean], [clean], 'same', 'flaky'],
    [[warns, clean], [warns, warns], [clean], 'untestable', 'flaky'],
    [[warns, clean], [clean, warns], [clean], 'same', 'flaky'],
    [[warns, warns], [warns, clean], [clean], 'same', 'flaky'],
  ] as const)('%#', (old, now, base, verdict, change) => {
    expect(judge(version(...old), version(...now), version(...base))).toMatchObject({ verdict, findings: [{ change }] });
  });

  it('one that the base has is no new one where the old version ended early', () => {
    expect(judge(version(panics), version(warns), version(warns)).verdict).toBe('better');
    expect(judge(version(panics), version(warns), version(clean)).verdict).toBe('mixed');
  });

  it('one that a kernel did not come to is not gone', () => {
    expect(judge(version(warns), version(panics)).better).toEqual([]);
  });
});

describe('warnings of the compiler', () => {
  const warned = (outcome: SideOutcome): Version => ({ outcomes: [outcome], warnings: [UNUSED] });
  it.each([
    [version(passes), warned(passes), 'worse'],
    [warned(passes), version(passes), 'better'],
    [warned(passes), { ...warned(passes), warnings: [{ ...UNUSED, line: 30 }] }, 'same'],
    // A build that failed has told a part of its warnings.
    [warned(passes), version(unbuilt), 'worse'],
    [version(unbuilt), warned(passes), 'mixed'],
  ] as const)('%#', (old, now, verdict) => {
    expect(judge(old, now).verdict).toBe(verdict);
  });

  it('one that the base has is no new one where the old version does not build', () => {
    expect(judge(version(unbuilt), warned(passes), warned(passes)).verdict).toBe('better');
  });

  it('those of a version that does not build are not gone', () => {
    expect(judge(warned(passes), version(unbuilt)).better).toEqual([]);
  });
});

it('code that was not compiled keeps from saying that nothing is worse', () => {
  expect(judge(version(passes), version(passes), version(passes), 'not compiled')).toMatchObject({ verdict: 'untestable', doubts: [{ code: 'code.not-built' }] });
  expect(judge(version(passes), version(fails), version(passes), 'not compiled').verdict).toBe('worse');
});

it('versions are booted again when they differ in a test, a report or an end, and not for a failure of both', () => {
  expect(differ(version(passes), version(passes))).toBe(false);
  expect(differ(version(fails), version(fails))).toBe(false);
  expect(differ(version(boot({ t: 'pass' }, [WARN])), version(boot({ t: 'pass' }, [WARN])))).toBe(false);
  expect(differ(version(boot({ a: 'pass', t: 'pass' })), version(boot({ a: 'pass', t: 'fail' })))).toBe(true);
  expect(differ(version(passes), version(fails))).toBe(true);
  expect(differ(version(fails), version(passes))).toBe(true);
  expect(differ(version(passes), version(panics))).toBe(true);
  expect(differ(version(passes), version(boot({ t: 'pass' }, [], PANIC)))).toBe(true);
  expect(differ(version(passes), version(boot({ t: 'pass' }, [WARN])))).toBe(true);
});

describe('in words', () => {
  const P = boot({ other: 'pass', t: 'pass' });
  const F = boot({ other: 'pass', t: 'fail' });
  const without = boot({ other: 'pass' });
  const warned = (outcome: SideOutcome): Version => ({ outcomes: [outcome], warnings: [UNUSED, UNUSED, { ...UNUSED, severity: 'error', message: 'no warning' }] });
  const onBase = version(boot({ other: 'pass', t: 'fail' }, [WARN]));
  const clean = version(P);
  it.each<[string, Version, Version, Version, Partial<Record<'better' | 'worse' | 'doubts', readonly string[]>>]>([
    ['not tried', version(), version(P), clean, { doubts: ['old.unclear: the old version cannot be judged: it was not tried'] }],
    ['a prerequisite', version(P), version(noBase), clean, { doubts: ['new.unclear: the new version cannot be judged: a prerequisite of it does not apply to this kernel'] }],
    ['contained', version(contained), version(P), clean, { doubts: ['old.unclear: the old version cannot be judged: patch 2 is in this kernel already'] }],
    ['two ends', version(P, boot({ other: 'pass', t: 'pass' }, [], PANIC)), version(P), clean, { doubts: ['old.unclear: the old version cannot be judged: its boots ended differently: complete, panic'] }],
    ['corrupt', version(P), version(corrupt), clean, { doubts: ['new.unclear: the new version cannot be judged: its result stream is broken'] }],
    ['not applied any more', version(P), version(rejected), clean, { worse: ['reach.worse: the old version was applied, the new one is not: patch 2 "two" does not apply: a.c: the hunk does not match'] }],
    ['not built any more', version(P), version(unbuilt), clean, { worse: ['reach.worse: the old version was built, the new one is not: vmlinux does not build: a.c: no'] }],
    ['not booted any more', version(without), version(boot({ other: 'pass' }, [], PANIC)), clean, { worse: ['reach.worse: the old version was booted to its last test, the new one is not: kernel panic: oops'] }],
    ['applied now', version(rejected), version(unbuilt), clean, { better: ['reach.better: the new version is applied, the old one was not: patch 2 "two" does not apply: a.c: the hunk does not match'] }],
    ['neither', version(unbuilt), version(unbuilt), clean, { doubts: ['reach.neither: neither version is built, and what comes behind that was not compared: vmlinux does not build: a.c: no'] }],
    ['fixed', version(F), version(P), clean, { better: ['test.fixed: t was fail and passes'] }],
    ['regressed', version(P), version(F), onBase, { worse: ['test.regressed: t was pass and is fail (it is fail on the base as well)'] }],
    ['regressed, for a reason', version(P), version(failing('crash', 'signal 11')), clean, { worse: ['test.regressed: t was pass and is crash: signal 11'] }],
    ['gone', version(P), version(without), clean, { worse: ['test.gone: t passed and is gone: nothing shows any more what it did'] }],
    ['gone, as the kernel ended early', version(P), version(boot({ other: 'pass' }, [], PANIC)), clean, { worse: ['reach.worse: the old version was booted to its last test, the new one is not: kernel panic: oops'] }],
    ['new and failing', version(without), version(failing('fail', 'exit code 1')), clean, { worse: ['test.new-failure: t is new and is fail: exit code 1'] }],
    ['not known before', version(boot({ other: 'pass', t: 'missing' }, [], PANIC)), version(failing('fail', 'exit code 1')), clean, { better: ['reach.better: the new version is booted to its last test, the old one was not: kernel panic: oops'], worse: ['test.base-regressed: t passes on the base and is fail in the new version: exit code 1; the old one did not come to it'] }],
    ['flaky', version(P, P), version(P, F), clean, { doubts: ['test.flaky: t differs from boot to boot and may be worse: pass 2 of 2 boots in the old version, pass 1, fail 1 of 2 in the new one'] }],
    ['nothing proven', version(fails), version(fails), clean, { doubts: ['nothing.proven: no test passed on either version: nothing is proven'] }],
    ['never ran', version(failing('missing', 'not run')), version(failing('missing', 'not run')), clean, { doubts: ['test.never-ran: t ran on neither version: not run'] }],
    ['a report anew', version(P), version(boot({ other: 'pass', t: 'pass' }, [WARN])), clean, { worse: ['finding.new: the kernel reports anew: WARNING in f'] }],
    ['a report anew, as on the base', version(P), version(boot({ other: 'pass', t: 'pass' }, [WARN])), onBase, { worse: ['finding.new: the kernel reports anew: WARNING in f (the base reports it as well)'] }],
    ['no report any more', version(boot({ other: 'pass', t: 'pass' }, [WARN])), version(P), clean, { better: ['finding.gone: the kernel does not report any more: WARNING in f'] }],
    ['a report in some boots', version(P, P), version(P, boot({ other: 'pass', t: 'pass' }, [WARN])), clean, { doubts: ['finding.flaky: the kernel reports in some boots alone, and it may be worse: WARNING in f (0 of 2 boots of the old version, 1 of 2 of the new one)'] }],
    ['a warning', version(P), warned(P), clean, { worse: ["warning.new: the compiler warns anew: ipc/sem.c: unused variable 'x'"] }],
    ['no warning any more', warned(P), version(P), clean, { better: ["warning.gone: the compiler does not warn any more: ipc/sem.c: unused variable 'x'"] }],
  ])('%s', (_, old, now, base, { better = [], worse = [], doubts = [] }) => {
    const found = judge(old, now, base);
    const told = (reasons: readonly { readonly code: string; readonly text: string }[]): readonly string[] => reasons.map(({ code, text }) => `${code}: ${text}`);
    expect({ better: told(found.better), worse: told(found.worse), doubts: told(found.doubts) }).toEqual({ better, worse, doubts });
  });

  it('what differs from boot to boot is told of a test that one boot does not know', () => {
    const { doubts, tests } = judge(version(P, P), version(P, boot({ other: 'pass' })));
    expect(doubts.map(({ text }) => text)).toEqual(['t differs from boot to boot and may be worse: pass 2 of 2 boots in the old version, pass 1, missing 1 of 2 in the new one']);
    expect(tests.map(({ name, now }) => [name, now])).toEqual([['other', 'pass'], ['t', 'mixed']]);
  });

  it('a test that a kernel did not come to has no row, and what was there in name alone is not lost', () => {
    const early = version(boot({ other: 'pass', t: 'missing' }, [], PANIC));
    expect(judge(early, early).tests.map(({ name }) => name)).toEqual(['other']);
    expect(judge(version(boot({ other: 'pass', t: 'missing' })), version(without)).tests.find(({ name }) => name === 't')?.change).toBe('same');
  });

  it('nothing is said of a base that does not know a test, or differs in it', () => {
    for (const base of [version(without), version(P, F)]) expect(judge(version(P), version(F), base).worse[0]?.text).toBe('t was pass and is fail');
  });

  it('a new test that crashes is no failure that its suite knows', () => {
    const expected = { t: { status: 'fail', reason: 'known' } } as const;
    expect(compareVersions({ base: version(without), old: version(without), now: version(failing('crash', '')), expected, nothingBuilt: undefined }).worse.map(({ text }) => text)).toEqual(['t is new and is crash']);
  });

  it('nothing that passes is a doubt only where both came to their end', () => {
    expect(judge(version(fails), version(panics)).doubts).toEqual([]);
    expect(judge(version(panics), version(fails)).doubts).toEqual([]);
  });

  it('a test that ran on one version is not one that never ran, and no reason is none', () => {
    const never = failing('missing', '');
    expect([judge(version(P), version(never)), judge(version(never), version(P))].map(({ doubts }) => doubts)).toEqual([[], []]);
    expect(judge(version(never), version(never)).doubts.map(({ text }) => text)).toEqual(['t ran on neither version']);
  });

  it('one report is not another, and what is kept of one is of the new version', () => {
    const other: Finding = { ...WARN, title: 'WARNING in g', fingerprint: 'warning:g' };
    const found = judge(version(boot({ t: 'pass' }, [other])), version(boot({ t: 'pass' }, [WARN])));
    expect(found.findings.map(({ finding, change }) => [finding.title, change])).toEqual([['WARNING in f', 'new'], ['WARNING in g', 'gone']]);
    expect(judge(version(boot({ t: 'pass' }, [{ ...WARN, line: 9 }])), version(boot({ t: 'pass' }, [WARN, { ...WARN, line: 7 }]))).findings.map(({ finding }) => finding.line)).toEqual([1]);
  });

  it('a report that comes and goes is a doubt where the old version did not run', () => {
    const { doubts } = judge(version(unbuilt), version(P, boot({ other: 'pass', t: 'pass' }, [WARN])));
    expect(doubts.map(({ text }) => text)).toEqual(['the kernel reports in some boots alone, and it may be worse: WARNING in f (0 of 0 boots of the old version, 1 of 2 of the new one)']);
  });

  it('the reason of a row is that of the new version, else that of the old one', () => {
    const reasonOf = (old: SideOutcome, now: SideOutcome): string | undefined => judge(version(old), version(now)).tests.find(({ name }) => name === 't')?.reason;
    expect(reasonOf(failing('fail', 'old'), failing('fail', 'new'))).toBe('new');
    expect(reasonOf(failing('fail', 'old'), failing('pass', ''))).toBe('old');
    expect(reasonOf(P, P)).toBe('');
    expect(reasonOf(P, without)).toBe('');
    const beside = (status: TestStatus): SideOutcome => ({ kind: 'ran', end: COMPLETE, findings: [], results: [{ name: 'a', program: 'p', status: 'skip', reason: 'no root', lines: [] }, { name: 't', program: 'p', status, reason: '', lines: [] }] });
    expect(reasonOf(beside('pass'), beside('pass'))).toBe('');
  });

  it('a row says how each kernel came out', () => {
    expect(judge(version(P, F), version(P), onBase).tests).toEqual([
      { name: 'other', base: 'pass', old: 'pass', now: 'pass', change: 'same', reason: '' },
      { name: 't', base: 'fail', old: 'mixed', now: 'pass', change: 'flaky', reason: '' },
    ]);
  });
});
