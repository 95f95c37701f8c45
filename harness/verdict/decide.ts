import type { BootEnd, ConfigMiss, DeclaredFindings, Expectations, PatchRejected, Promises, Reason, SideOutcome, TestComparison, Verdict, VerdictName } from '../model.js';
import { compareFindings, compareTests } from './compare.js';
import { shakyNames, type Disagreement } from './disagreements.js';
import { unmetExpectations } from './expectations.js';
import { findingNotes, isHeld } from './held-findings.js';

export const EXIT_CODES: Readonly<Record<VerdictName, 0 | 1 | 125>> = { good: 0, bad: 1, untestable: 125 };

/** The two sides of a run. A base that was not needed for the verdict is undefined. */
export interface Sides {
  readonly base: SideOutcome | undefined;
  readonly tip: SideOutcome | undefined;
  readonly promises: Promises;
  /** What was not the same in all boots of the base, or of the tip. */
  readonly unstable: readonly Disagreement[];
  /** What the suite knows of its tests. */
  readonly expected?: Expectations | undefined;
  /** What the suite provokes on purpose. */
  readonly declared?: DeclaredFindings | undefined;
  /** Why nothing of the series was compiled; undefined when something was, or when it touches no code. */
  readonly nothingBuilt?: string | undefined;
}

/** A boot's end in words. */
export function describeEnd(end: BootEnd): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const where = { boot: 'before its init spoke', tests: 'in the tests' };
  switch (end.kind) {
    case 'complete':
      return 'complete';
    case 'reset':
      return `it reset the machine ${where[end.phase]} (a triple fault, or a reboot)`;
    case 'stopped':
      return `it stopped before its last result: ${end.detail}`;
    case 'panic':
      return `kernel panic: ${end.detail}`;
    case 'silent':
      return `it hung ${where[end.phase]}: silent for ${seconds(end.afterMs)}`;
    case 'overtime':
      return `it did not come to an end within ${seconds(end.afterMs)}, ${where[end.phase]}`;
    case 'flood':
      return `it printed without end: ${end.bytes} bytes of console`;
    case 'corrupt':
      return `its result stream is broken: ${end.detail}`;
  }
}

/** `patch 3 "ipc/sem: show"`, `prerequisite "ipc: take it out"` */
export function patchName({ patch, subject }: Pick<PatchRejected, 'patch' | 'subject'>): string {
  return patch === 0 ? `prerequisite "${subject}"` : `patch ${patch} "${subject}"`;
}

function containedCause({ causes }: PatchRejected): NonNullable<PatchRejected['causes']>[number] | undefined {
  return causes?.find(({ kind }) => kind === 'contained');
}

/** Whether the tree has the patch that it does not take. */
export function isContained(rejected: PatchRejected): boolean {
  return containedCause(rejected) !== undefined;
}

function rejectionReasons(rejected: PatchRejected): readonly Reason[] {
  const contained = containedCause(rejected);
  if (contained !== undefined) {
    return [{ code: 'patch.contained', text: `${patchName(rejected)} is in this kernel already, so there is no base to judge it against: ${contained.text}` }];
  }
  return rejected.rejections.map((rejection) => ({
    code: 'patch.rejected',
    text: `${patchName(rejected)} does not apply: ${rejection.file}${rejection.hunk === undefined ? '' : ` ${rejection.hunk}`}: ${rejection.problem}`,
  }));
}

/** Options that did not come out as they were asked for, in words. */
export function describeMisses(misses: readonly ConfigMiss[]): string {
  return misses
    .map(({ option, wanted, got, dependsOn }) => {
      const why = dependsOn.length === 0 ? 'this tree has no such option' : `depends on ${dependsOn.join(' and on ')}`;
      return `${option}=${wanted} came out as ${got} (${why})`;
    })
    .join('; ');
}

/** Why a side could not be judged at all; undefined for one that was. */
export function failureOf(side: SideOutcome): readonly Reason[] | undefined {
  switch (side.kind) {
    case 'rejected':
      return rejectionReasons(side.rejected);
    case 'config-failed':
      return [{ code: 'config.failed', text: side.misses.length > 0 ? `the configuration lacks ${describeMisses(side.misses)}` : `the configuration fails: ${side.detail}` }];
    case 'build-failed': {
      const errors = side.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
      const shown = errors.slice(0, 5).map((error) => {
        const place = error.line === undefined ? error.file : `${error.file}:${error.line}`;
        return { code: 'build.failed', text: `${side.what} does not build: ${place}: ${error.message}${error.patch === undefined ? '' : ` (a line of patch ${error.patch})`}` };
      });
      return shown.length > 0 ? shown : [{ code: 'build.failed', text: `${side.what} does not build: ${side.tail.at(-1) ?? 'no output'}` }];
    }
    case 'ran':
      return side.end.kind === 'complete' ? undefined : [{ code: `boot.${side.end.kind}`, text: describeEnd(side.end) }];
  }
}

function testReasons(tests: readonly TestComparison[], expected: Expectations): readonly Reason[] {
  return tests.flatMap((test): readonly Reason[] => {
    const tip = test.tip ?? 'missing';
    const because = test.reason === '' ? '' : `: ${test.reason}`;
    if (test.promised !== undefined && tip !== 'pass') {
      return [{ code: 'promise.broken', text: `${test.name} is promised from patch ${test.promised} and does not pass (${tip})${because}` }];
    }
    if (test.change === 'regressed' || test.change === 'gone') {
      return [{ code: 'test.regressed', text: `${test.name} was ${test.base} on the base and is ${tip} now${because}` }];
    }
    // An expectation excuses a new test that fails as it is known to, and nothing that was better before.
    if (test.change === 'new' && tip !== 'pass' && tip !== 'skip' && !(tip === 'fail' && expected[test.name]?.status === 'fail')) {
      return [{ code: 'test.new-failure', text: `${test.name} does not pass (${tip}), and the base has no result of it${because}` }];
    }
    return [];
  });
}

function unstableReasons(unstable: readonly Disagreement[]): readonly Reason[] {
  return unstable.map(({ text }) => ({ code: 'unstable', text }));
}

/** What keeps a run without a fault from being good: a thing that was not proven. */
function doubts(sides: Sides, tests: readonly TestComparison[]): readonly Reason[] {
  const early = tests.filter((test) => test.promised !== undefined && test.base === 'pass');
  return [
    ...unstableReasons(sides.unstable),
    ...(sides.nothingBuilt === undefined ? [] : [{ code: 'code.not-built', text: sides.nothingBuilt }]),
    ...early.map((test) => ({
      code: 'promise.held-before',
      text: `${test.name} is promised from patch ${test.promised ?? 0} and passes on the base: the base has it already, or the test proves nothing`,
    })),
    ...tests
      .filter((test) => test.base === 'missing' && test.tip === 'missing')
      .map((test) => ({ code: 'test.never-ran', text: `${test.name} ran on neither side${test.reason === '' ? '' : `: ${test.reason}`}` })),
    ...(tests.some((test) => test.tip === 'pass') ? [] : [{ code: 'nothing.proven', text: 'no test passed on the tip: nothing is proven' }]),
  ];
}

const NOTHING = { tests: [], newFindings: [], knownFindings: [], goneFindings: [], notes: [] } as const;

/** A broken result stream is no evidence against a series, only the lack of evidence for it. */
const PROVES_NOTHING: ReadonlySet<BootEnd['kind']> = new Set(['corrupt']);

/**
 * What a run proves. Good is only what was proven on both sides; bad needs a fault on the tip that a base which was
 * itself judged does not have; all else is untestable. What was not the same in all boots of a kernel is no fault.
 */
export function decide(sides: Sides): Verdict {
  const { base, tip, promises, expected = {}, declared = {} } = sides;
  const conclude = (verdict: VerdictName, reasons: readonly Reason[], rest: Omit<Verdict, 'verdict' | 'exitCode' | 'reasons'>): Verdict => ({
    verdict,
    exitCode: EXIT_CODES[verdict],
    reasons,
    ...rest,
  });
  // A patch that does not apply needs no base to be compared with.
  if (tip?.kind === 'rejected') {
    const reasons = rejectionReasons(tip.rejected);
    return tip.rejected.patch > 0
      ? conclude(isContained(tip.rejected) ? 'untestable' : 'bad', reasons, NOTHING)
      : conclude('untestable', reasons.map(({ text }) => ({ code: 'base.prerequisite', text: `the base cannot be made: ${text}` })), NOTHING);
  }
  const ofBase = base === undefined ? [{ code: 'not-run', text: 'it was not run' }] : failureOf(base);
  if (base?.kind !== 'ran' || ofBase !== undefined) {
    const reasons = (ofBase ?? []).map(({ code, text }) => ({ code: `base.${code}`, text: `the base cannot be judged: ${text}` }));
    return conclude('untestable', reasons, { ...NOTHING, knownFindings: base?.kind === 'ran' ? base.findings : [] });
  }
  if (base.results.length === 0) {
    return conclude('untestable', [{ code: 'base.no-tests', text: 'the base cannot be judged: no test ran on it' }], NOTHING);
  }
  if (tip === undefined) return conclude('untestable', [{ code: 'tip.not-run', text: 'the tip was not run' }], NOTHING);
  const ofTip = failureOf(tip);
  if (tip.kind !== 'ran') return conclude('bad', ofTip ?? [], NOTHING);

  const tests = compareTests(base.results, tip.results, promises);
  const { fresh, known, gone } = compareFindings(base.findings, tip.findings);
  const [shakyTests, shakyReports] = [shakyNames(sides.unstable, 'test'), shakyNames(sides.unstable, 'report')];
  const held = fresh.filter((finding) => isHeld(finding, declared) && !shakyReports.has(finding.fingerprint));
  const unmet = unmetExpectations(expected, (name) => tests.find((test) => test.name === name)?.tip);
  const notes = [...unmet, ...findingNotes(declared, fresh, tip.findings)];
  const rest = { tests, newFindings: fresh, knownFindings: known, goneFindings: gone, notes };
  const faults: readonly Reason[] = [
    ...(ofTip ?? []),
    ...held.map((finding) => ({
      code: 'finding.new',
      text: `the kernel reports, and the base does not: ${finding.title}${finding.corrupt ? ' (the report is not whole)' : ''}`,
    })),
    ...testReasons(tests.filter(({ name }) => !shakyTests.has(name)), expected),
  ];
  const unsettled = doubts(sides, tests);
  if (sides.unstable.some(({ about }) => about === 'end')) return conclude('untestable', [...unsettled, ...faults], rest);
  if (PROVES_NOTHING.has(tip.end.kind) && held.length === 0) return conclude('untestable', [...(ofTip ?? []), ...unsettled], rest);
  if (faults.length > 0) return conclude('bad', [...faults, ...unstableReasons(sides.unstable)], rest);
  if (unsettled.length > 0) return conclude('untestable', unsettled, rest);
  return conclude('good', [], rest);
}
