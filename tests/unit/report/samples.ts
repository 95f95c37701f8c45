import type { BisectEvidence } from '../../../harness/evidence/bisect-schema.js';
import type { CheckReport } from '../../../harness/evidence/check-schema.js';
import type { CompareEvidence } from '../../../harness/evidence/compare-schema.js';
import type { KnownEvidence, SingleEvidence } from '../../../harness/evidence/kinds.js';
import type { MatrixCell, MatrixEvidence } from '../../../harness/evidence/matrix-schema.js';
import type { Evidence, EvidenceSide, WalkEvidence } from '../../../harness/evidence/schema.js';
import type { StepEvidence } from '../../../harness/evidence/step-schema.js';
import { judgedOutcome } from '../../../harness/matrix/run-plan.js';
import { matrixVerdict } from '../../../harness/matrix/verdict.js';
import { withTexts } from '../../../harness/run/compare/patch-texts.js';
import type { ConsoleText } from '../../../harness/report/console-text.js';
import { sidesOf } from '../../../harness/report/sides.js';
import { sampleEvidence } from '../evidence/sample.js';
import { cellOf, planOf } from '../matrix/sample.js';

const DIGEST = 'b'.repeat(64);

/** What a patch, a file name, a test or a console may say to break a report or whoever reads it. */
export const HOSTILE: readonly string[] = [
  '\u001b[31mred\u001b[0m',
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '::error::file=x',
  '##[error]x',
  ']]>',
  'a\u0000b',
  'line\nFrom mallory Mon Sep 17 00:00:00 2001\nBcc: all@example.org\r\n\r\n---\ndiff --git a/x b/x',
  'From mallory Mon Sep 17 00:00:00 2001',
  '``` `` ` ``` | @everyone #1 [x](javascript:alert(1)) ![](http://example.org/x.png)',
  '# not ok 1 x # SKIP',
  '- ok 2 - x',
  '# Subtest: x',
  'KTAP version 1',
  '[    1.0] reboot: System halted',
  '1..99',
  'lone \ud800 surrogate, \ufffe, \u202eright to left',
  'überlang 漢字 '.repeat(400),
  '=?UTF-8?B?Zm9v?=',
];

type Finding = Evidence['verdict']['newFindings'][number];

function finding(text: string, fingerprint = 'kasan:f'): Finding {
  return { class: 'kasan', title: `KASAN: ${text}`, function: 'f', fingerprint, lines: ['BUG: KASAN', text, ' f+0x1/0x2'], line: 2 };
}

/** A side that was built and booted; what its tests did is by name. */
export function side(folder: string, statuses: Readonly<Record<string, EvidenceSide['boots'][number]['results'][number]['status']>>, more: Partial<EvidenceSide['boots'][number]> = {}): EvidenceSide {
  return {
    build: { ok: true, what: 'vmlinux', argv: ['make', 'vmlinux'], ms: 1500, objects: 3, reused: false, vmlinux: DIGEST, diagnostics: [], tail: [] },
    initramfs: DIGEST,
    boots: [
      {
        ...{ argv: ['qemu-system-x86_64', '-append', 'a b'], end: { kind: 'complete', description: 'complete' }, totalMs: 900, at: '2026-11-20T00:00:00.000Z', reused: false, findings: [] },
        results: Object.entries(statuses).map(([name, status]) => ({ name, program: name.split('.')[0] ?? name, status, reason: status === 'pass' ? '' : 'not ok', lines: status === 'pass' ? [] : ['# why'] })),
        console: `${folder}/console.log`,
        ...more,
      },
    ],
  };
}

const LETTER = { messageId: '20240101.1-ada@example.org', subject: '[PATCH v3 0/2] ipc: do it', date: undefined, from: 'Ada Lovelace <ada@example.org>', to: ['linux-kernel@vger.kernel.org'], cc: ['Grüße, Ørjan <oe@example.org>'], references: ['root@example.org'] };

/** A run of two programs: one test fixed, one that fails on both, one skipped. */
export function goodRun(): Evidence {
  const base = { 'a.fixed': 'fail', 'a.known': 'fail', 'b.skipped': 'skip', 'b.same': 'pass' } as const;
  const tip = { ...base, 'a.fixed': 'pass' } as const;
  const sample = sampleEvidence();
  return sampleEvidence({
    series: { ...sample.series, promises: { 'a.fixed': 1 }, letters: [LETTER] },
    maintainers: { kind: 'ran', maintainers: [{ who: 'Davidlohr Bueso <dave@example.net>', role: 'maintainer:IPC' }, { who: 'linux-kernel@vger.kernel.org', role: 'open list' }] },
    base: side('base', base),
    tip: side('tip', tip),
    verdict: {
      ...sample.verdict,
      tests: [
        { name: 'a.fixed', base: 'fail', tip: 'pass', change: 'fixed', promised: 1, reason: '' },
        { name: 'a.known', base: 'fail', tip: 'fail', change: 'same', reason: 'not ok' },
        { name: 'b.skipped', base: 'skip', tip: 'skip', change: 'same', reason: 'no such thing' },
        { name: 'b.same', base: 'pass', tip: 'pass', change: 'same', reason: '' },
      ],
    },
  });
}

/** The same with a regression and a new kernel report. */
export function badRun(): Evidence {
  const good = goodRun();
  const fresh = finding('use-after-free in f');
  const tests = good.verdict.tests.map((test) => (test.name === 'b.same' ? { ...test, tip: 'timeout' as const, change: 'regressed' as const, reason: 'it did not end' } : test));
  return {
    ...good,
    tip: side('tip', { 'a.fixed': 'pass', 'a.known': 'fail', 'b.skipped': 'skip', 'b.same': 'timeout' }, { findings: [fresh] }),
    verdict: {
      ...good.verdict,
      ...{ name: 'bad', exitCode: 1, tests, newFindings: [fresh] },
      reasons: [
        { code: 'finding.new', text: `the kernel reports, and the base does not: ${fresh.title}` },
        { code: 'test.regressed', text: 'b.same was pass on the base and is timeout now: it did not end' },
      ],
    },
  };
}

/** A run whose base does not boot. */
export function untestableRun(): Evidence {
  const good = goodRun();
  return {
    ...good,
    base: side('base', {}, { end: { kind: 'panic', description: 'kernel panic: no init' } }),
    tip: { boots: [] },
    verdict: { ...good.verdict, name: 'untestable', exitCode: 125, reasons: [{ code: 'base.boot.panic', text: 'the base cannot be judged: kernel panic: no init' }], tests: [] },
  };
}

/** A walk of a base and two patches. */
export function goodWalk(): WalkEvidence {
  const { base: _base, tip: _tip, verdict: _verdict, kind: _kind, ...common } = goodRun();
  const patches = [1, 2].map((number) => ({ number, subject: `ipc: step ${number}`, digest: DIGEST }));
  return {
    ...{ ...common, kind: 'walk', series: { ...common.series, patches, promises: { 'a.first': 1, 'a.second': 2 } } },
    points: [
      { patch: 0, subject: '', outcome: 'ran', side: side('base', { 'a.first': 'fail', 'a.second': 'skip', b: 'pass' }) },
      { patch: 1, subject: 'ipc: step 1', outcome: 'ran', side: side('patch-1', { 'a.first': 'pass', 'a.second': 'skip', b: 'pass' }) },
      { patch: 2, subject: 'ipc: step 2', outcome: 'ran', side: side('patch-2', { 'a.first': 'pass', 'a.second': 'pass', b: 'pass' }) },
    ],
    verdict: {
      ...{ name: 'good', exitCode: 0, reasons: [], bisectable: true },
      rows: [
        { name: 'a.first', cells: ['fail', 'pass', 'pass'], promised: 1 },
        { name: 'a.second', cells: ['skip', 'skip', 'pass'], promised: 2 },
        { name: 'b', cells: ['pass', 'pass', 'pass'] },
      ],
      brings: [{ patch: 1, tests: ['a.first'] }, { patch: 2, tests: ['a.second'] }],
    },
  };
}

/** A walk that is bad: a test stops to pass at the second patch, which leaves a kernel report. */
export function badWalk(): WalkEvidence {
  const good = goodWalk();
  const fresh = finding('in g', 'kasan:g');
  return {
    ...good,
    points: good.points.map((point) => (point.patch === 2 ? { ...point, side: side('patch-2', { 'a.first': 'pass', 'a.second': 'pass', b: 'fail' }, { findings: [fresh] }) } : point)),
    verdict: {
      ...good.verdict,
      ...{ name: 'bad', exitCode: 1, bisectable: false },
      rows: good.verdict.rows.map((row) => (row.name === 'b' ? { ...row, cells: ['pass', 'pass', 'fail'] } : row)),
      reasons: [
        { code: 'finding.new', text: `patch 2 "ipc: step 2": the kernel reports: ${fresh.title}` },
        { code: 'test.regressed', text: 'b passes at patch 1 "ipc: step 1" and is fail at patch 2 "ipc: step 2": not ok' },
      ],
    },
  };
}

export function bisection(): BisectEvidence {
  const { base: _base, tip: _tip, verdict: _verdict, kind: _kind, ...common } = goodRun();
  const step = (point: string, mark: 'shown' | 'absent', folder: string): BisectEvidence['steps'][number] => ({ point, subject: 'ipc: step', mark, why: 'a.b is fail: not ok', shown: mark === 'shown' ? 1 : 0, runs: 1, ms: 1000, side: side(folder, { 'a.b': mark === 'shown' ? 'fail' : 'pass' }) });
  return {
    ...{ ...common, kind: 'bisect', fixed: false, ends: { symptom: 'the test a.b does not pass', confidence: 0.99, shown: 6, runs: 6, needed: 1 } },
    steps: [step('patch 4', 'shown', 'a'), step('base', 'absent', 'b'), step('patch 2', 'shown', 'c'), step('patch 1', 'absent', 'd')],
    ranges: [{ cells: '.???#', left: 4 }, { cells: '.?###', left: 2 }, { cells: '..###', left: 1 }],
    confirmations: [{ what: 'patch 2 again', held: true, text: 'a.b is fail' }, { what: 'the tip without it', held: undefined, text: 'it does not revert' }],
    verdict: { name: 'found', exitCode: 0, reasons: [], culprit: 'patch 2', suspects: ['patch 2'] },
  };
}

/** One step of somebody's git bisect run. */
export function step(): StepEvidence {
  const { base: _base, tip, verdict: _verdict, kind: _kind, ...common } = badRun();
  return { ...common, kind: 'step', fault: 'the test b.same does not pass', shown: 1, runs: 1, side: tip, verdict: { name: 'bad', exitCode: 1, reasons: [{ code: 'test.failed', text: 'b.same is timeout: it did not end' }] } };
}

function patchText(subject: string, changes: readonly string[], left = 0): { lines: string[]; left: number } {
  return { lines: ['From: A B <a@example.org>', `Subject: ${subject}`, '', 'It does something.', '', 'Signed-off-by: A B <a@example.org>', '---', 'diff --git a/ipc/sem.c b/ipc/sem.c', 'index 1111111..2222222 100644', '--- a/ipc/sem.c', '+++ b/ipc/sem.c', '@@ -1,2 +1,2 @@ int f(void)', ...changes], left };
}

const RANGE = ['@@ Metadata', '  ## Commit message ##', '     ipc: step 1', '  ## ipc/sem.c ##', '  @@ ipc/sem.c: int f(void)', ' -int a;', '-+int b;', '++int c;'];

/** Two versions of a series, of which the new one is better in one test and worse in another. */
export function comparison(): CompareEvidence {
  const { base, tip: _tip, verdict: _verdict, kind: _kind, ...common } = goodRun();
  const fresh = finding('in h', 'kasan:h');
  return {
    ...{ ...common, kind: 'compare', older: { ...common.series, name: 'semundo-v0', title: 'semundo, as it was' }, base, sameKernel: false },
    patches: [
      { change: 'new', now: 1, subject: 'ipc: step 0', moved: false, size: 0, nowText: patchText('ipc: step 0', ['+int fresh;'], 5) },
      { change: 'changed', old: 1, now: 2, subject: 'ipc: step 1', moved: true, size: 2, difference: { lines: RANGE, left: 0 }, oldText: patchText('ipc: step 1', ['-int a;', '+int b;']), nowText: patchText('ipc: step 1', ['-int a;', '+int c;']) },
      { change: 'unchanged', old: 3, now: 3, subject: 'ipc: step 3', moved: false, size: 0, nowText: patchText('ipc: step 3', [' int x;', '+int y;']) },
      { change: 'dropped', old: 2, subject: 'ipc: step 2', moved: false, size: 0, oldText: patchText('ipc: step 2', ['-int gone;']) },
      { change: 'unchanged', old: 4, now: 4, subject: 'ipc: step 4, of which no text was kept', moved: false, size: 0 },
    ],
    old: side('old', { 'a.fixed': 'fail', 'b.same': 'pass' }),
    now: side('new', { 'a.fixed': 'pass', 'b.same': 'fail' }, { findings: [fresh] }),
    size: { kind: 'measured', before: 1000, after: 1010, symbols: [{ name: 'semundo_show', old: 10, now: 20, delta: 10 }, { name: 'gone', old: 5, delta: -5 }] },
    verdict: {
      ...{ name: 'mixed', exitCode: 1, doubts: [] },
      better: [{ code: 'test.fixed', text: 'a.fixed was fail and passes' }],
      worse: [{ code: 'test.regressed', text: 'b.same was pass and is fail: not ok' }],
      tests: [
        { name: 'a.fixed', base: 'fail', old: 'fail', now: 'pass', change: 'fixed', reason: '' },
        { name: 'b.same', base: 'pass', old: 'pass', now: 'fail', change: 'regressed', reason: 'not ok' },
        { name: 'b.flaky', old: 'mixed', now: 'pass', change: 'flaky', reason: '' },
      ],
      findings: [{ finding: fresh, base: { times: 0, boots: 1 }, old: { times: 0, boots: 4 }, now: { times: 4, boots: 4 }, change: 'new' }],
      warnings: [{ diagnostic: { severity: 'warning', file: 'ipc/sem.c', message: 'unused variable' }, change: 'gone' }],
    },
  };
}

/** What the cells of a plan came to, in order; undefined for a machine that failed. */
const CELLS: Readonly<Record<'good' | 'bad', readonly (() => WalkEvidence | undefined)[]>> = {
  good: [goodWalk, goodWalk, goodWalk, goodWalk],
  bad: [goodWalk, badWalk, () => undefined, goodWalk],
};

/** Two kernels by two profiles, judged patch by patch; of a bad one a cell is bad and a machine failed. */
export function matrix(which: 'good' | 'bad' = 'good'): MatrixEvidence {
  const plan = planOf({ judges: 'walk', cells: ['6.12', '6.1'].flatMap((kernel) => ['plain', 'kasan'].map((profile) => cellOf(kernel, profile, 2))) });
  const cells = plan.cells.map(({ id, kernel, profile }, index): MatrixCell => {
    const walk = CELLS[which][index]?.();
    return { id, kernel, profile, ms: 60_000, outcome: walk ? judgedOutcome(walk, `cells/${id}`) : { kind: 'failed', fault: 'host', code: 'disk.full', message: 'no space left', hint: 'make room' } };
  });
  return { version: 1, kind: 'matrix', respin: '0.1.0', command: ['respin', 'run', '--plan', 'plan.json'], startedAt: '2026-11-20T00:00:00.000Z', plan, cells, verdict: matrixVerdict(cells), totalMs: 240_000 };
}

/** The evidence of the cells of a plan, as it lies beside that of the whole. */
export function cellsFor(evidence: KnownEvidence): readonly SingleEvidence[] {
  if (evidence.kind !== 'matrix') return [];
  return evidence.cells.flatMap(({ outcome, profile, kernel }) =>
    outcome.kind === 'judged' ? [{ ...(outcome.name === 'bad' ? badWalk() : goodWalk()), profile: { name: `${kernel} ${profile}`, cpus: 1, memoryMiB: 256 } }] : [],
  );
}

export function check(exitCode: CheckReport['exitCode'] = 1): CheckReport {
  const rejected = { patch: 2, subject: 'ipc: two', rejections: [{ file: 'ipc/sem.c', hunk: '@@ -1 +1 @@', problem: 'the hunk does not match', expected: ['int a;'], found: ['int b;'], line: 3 }] };
  const second = exitCode === 1 ? { outcome: 'rejected' as const, rejected } : { outcome: 'applies' as const };
  return {
    ...{ version: 1, kind: 'check', respin: '0.1.0', command: ['respin', 'check', 'x'], startedAt: '2026-11-20T00:00:00.000Z', exitCode, totalMs: 5 },
    kernels: [
      {
        ...{ spec: '6.12', version: '6.12.117', label: 'debian 6.12.117-1', digest: DIGEST, checks: [], ms: 3, stated: [], files: [] },
        series: { name: 'x', title: 'ipc: do it', origin: '/x', digest: DIGEST, notes: [] },
        patches: [
          { number: 1, subject: 'ipc: one', digest: DIGEST, outcome: 'applies', checkpatch: { kind: 'ran', errors: 0, warnings: 1, checks: 0, messages: [{ severity: 'WARNING', type: 'LONG_LINE', text: 'line length', file: 'ipc/sem.c', line: 7 }] } },
          { number: 2, subject: 'ipc: two', digest: DIGEST, checkpatch: exitCode === 3 ? { kind: 'not-run', why: 'no perl' } : { kind: 'ran', errors: 0, warnings: 0, checks: 0, messages: [] }, ...second },
        ],
        maintainers: { kind: 'ran', maintainers: [{ who: 'a@example.org', role: 'maintainer' }] },
      },
    ],
  };
}

/** Words of evidence that a schema fixes, and digests: hostile text cannot be there. */
const FIXED = new Set(['kind', 'name', 'status', 'change', 'mark', 'outcome', 'base', 'tip', 'old', 'now', 'id', 'state', 'judges', 'digest', 'vmlinux', 'initramfs', 'at', 'startedAt', 'cells', 'console', 'consoleDigest', 'code', 'severity', 'class', 'fingerprint', 'point', 'culprit']);

/** The same evidence with hostile text wherever a stranger's text may be; what is a name stays the same name throughout. */
export function hostile<E extends KnownEvidence>(evidence: E): E {
  let next = 0;
  const names = new Map<string, string>();
  const text = (): string => HOSTILE[next++ % HOSTILE.length] ?? '';
  const nameOf = (name: string): string => {
    const known = names.get(name) ?? `${name} ${text()}`;
    names.set(name, known);
    return known;
  };
  const isTest = (value: object): boolean => 'status' in value || 'change' in value || ('cells' in value && 'name' in value);
  const replaced = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => (['cells', 'suspects', 'parts'].includes(key) && typeof one === 'string' ? one : replaced(one, key)));
    if (typeof value === 'object' && value !== null) {
      const isNamed = isTest(value);
      return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, isNamed && inner === 'name' && typeof one === 'string' ? nameOf(one) : inner === 'promises' ? one : replaced(one, inner)]));
    }
    return typeof value === 'string' && !FIXED.has(key) && !/^[0-9a-f]{64}$/.test(value) && !(key === 'fault' && /^(?:host|usage)$/.test(value)) ? `${text()} ${value}` : value;
  };
  return replaced(evidence, '') as E;
}

/** Every kind of evidence, good and bad, and each with hostile text. */
export function everyEvidence(): readonly (readonly [string, KnownEvidence])[] {
  const plain: readonly (readonly [string, KnownEvidence])[] = [
    ['good run', goodRun()],
    ['bad run', badRun()],
    ['untestable run', untestableRun()],
    ['good walk', goodWalk()],
    ['bad walk', badWalk()],
    ['bisection', bisection()],
    ['step', step()],
    ['comparison', comparison()],
    ['good plan', matrix()],
    ['bad plan', matrix('bad')],
    ['check', check()],
    ['clean check', check(0)],
  ];
  return [...plain, ...plain.map(([name, evidence]) => [`hostile ${name}`, hostile(evidence)] as const)];
}

/** A console for each boot, hostile, with the reports where the evidence has them. */
export function consolesFor(evidence: KnownEvidence): ReadonlyMap<string, ConsoleText> {
  return new Map(sidesOf(evidence).flatMap(({ side: { boots } }) => boots.map((boot) => [boot.console, { head: ['[    0.0] Linux version', ...HOSTILE, 'x'.repeat(5000)], left: { lines: 0, bytes: 0 }, tail: [], isOther: false }] as const)));
}

/** A comparison of many patches that all changed, with as much of their texts as evidence keeps, of what takes most room as HTML. */
export function hugeComparison(patches: number): CompareEvidence {
  const all = Array.from({ length: patches }, (_, index) => index + 1);
  const version = (sign: string) => ({ patches: all.map((number) => ({ number, subject: `mm: step ${number}`, author: undefined, message: 'why', messageId: undefined, origin: 'x', digest: DIGEST, diff: `diff --git a/a b/a\n${`${sign}if (a && b < c) "<>&<>&<>&<>&<>&<>&<>&"\n`.repeat(100)}`, files: [] })) });
  const matches = all.map((number) => ({ change: 'changed' as const, old: number, now: number, subject: `mm: step ${number}`, moved: false, size: 100, difference: Array.from({ length: 100 }, () => '-+if (a && b < c) "<>&<>&<>&"') }));
  return { ...comparison(), patches: withTexts(matches, version('-'), version('+')) };
}

/** A walk of many patches and tests, with a large console at each. */
export function hugeWalk(patches: number, tests: number): { readonly evidence: WalkEvidence; readonly consoles: ReadonlyMap<string, ConsoleText> } {
  const good = goodWalk();
  const first = (test: number): number => (test * 7919) % (patches + 20);
  const status = (test: number, patch: number): 'pass' | 'fail' | 'skip' => (patch >= first(test) ? 'pass' : test % 5 === 0 ? 'skip' : 'fail');
  const name = (test: number): string => `big.program_${test % 40}.test_number_${test}`;
  const numbers = Array.from({ length: patches + 1 }, (_, patch) => patch);
  const subject = (patch: number): string => `mm: patch number ${patch} of a long series that does something`;
  const evidence: WalkEvidence = {
    ...good,
    series: { ...good.series, promises: {}, patches: numbers.slice(1).map((number) => ({ number, subject: subject(number), digest: DIGEST })) },
    points: numbers.map((patch) => ({
      ...{ patch, subject: patch === 0 ? '' : subject(patch), outcome: 'ran' },
      side: side(`patch-${patch}`, Object.fromEntries(Array.from({ length: tests }, (_, test) => [name(test), status(test, patch)])), { findings: patch % 50 === 3 ? [{ ...finding(`in f${patch}`, `kasan:${patch}`), line: 500 }] : [] }),
    })),
    verdict: {
      ...good.verdict,
      rows: Array.from({ length: tests }, (_, test) => ({ name: name(test), cells: numbers.map((patch) => status(test, patch)) })),
      brings: numbers.slice(1).flatMap((patch) => {
        const brought = Array.from({ length: tests }, (_, test) => test).filter((test) => first(test) === patch);
        return brought.length === 0 ? [] : [{ patch, tests: brought.map(name) }];
      }),
    },
    timings: numbers.flatMap((patch) => ['build', 'guest', 'boot'].map((stage, index) => ({ stage, what: `patch ${patch}`, startMs: (3 * patch + index) * 1000, ms: 900, outcome: 'done' }))),
  };
  const head = Array.from({ length: 900 }, (_, index) => `[    ${(index / 1000).toFixed(6)}] a line of the console with <b>tags</b> & more, number ${index}`);
  return { evidence, consoles: new Map(numbers.map((patch) => [`patch-${patch}/console.log`, { head, left: patch === 53 ? { lines: 700_000, bytes: 50_000_000 } : { lines: 0, bytes: 0 }, tail: patch === 53 ? head : [], isOther: false }])) };
}
