import type { Diagnostic, Expectations, Finding, Reason, SideOutcome, TestStatus } from '../model.js';
import { changeOf } from './compare.js';
import { failureOf, isContained } from './decide.js';
import { diagnosticKey } from './diagnostic-key.js';

/** One kernel of a comparison: what each of its boots said, or the one thing that kept it from being booted. */
export interface Version {
  /** Empty when it was not tried. */
  readonly outcomes: readonly SideOutcome[];
  readonly warnings: readonly Diagnostic[];
}

export interface Versions {
  readonly base: Version;
  readonly old: Version;
  readonly now: Version;
  /** What the suite knows of its tests. */
  readonly expected: Expectations;
  /** Why what was run says nothing of the new version's code; undefined when it does. */
  readonly nothingBuilt: string | undefined;
}

/** What became of a test or a report from one version to the next. `same` is well on both, or skipped. */
export type VersionChange = 'same' | 'fixed' | 'regressed' | 'still failing' | 'new' | 'gone' | 'flaky';

/** How something came out in all boots of a kernel: `mixed` when they differ, undefined where it was not run. */
export type Seen = TestStatus | 'mixed' | undefined;

export interface VersionRow {
  readonly name: string;
  readonly base: Seen;
  readonly old: Seen;
  readonly now: Seen;
  readonly change: VersionChange;
  /** Why it is as it is in the new version, or was in the old one. */
  readonly reason: string;
}

/** In how many of its boots a kernel reported something. */
export interface Times {
  readonly times: number;
  readonly boots: number;
}

export interface FindingRow {
  readonly finding: Finding;
  readonly base: Times;
  readonly old: Times;
  readonly now: Times;
  readonly change: 'new' | 'gone' | 'staying' | 'flaky';
}

export interface WarningRow {
  readonly diagnostic: Diagnostic;
  readonly change: 'new' | 'gone';
}

export type VersionsVerdictName = 'better' | 'same' | 'worse' | 'mixed' | 'untestable';

export interface VersionsVerdict {
  readonly verdict: VersionsVerdictName;
  readonly exitCode: 0 | 1 | 125;
  /** What was seen to be better in the new version. */
  readonly better: readonly Reason[];
  readonly worse: readonly Reason[];
  /** What may be worse and was not shown to be, or was not compared. */
  readonly doubts: readonly Reason[];
  readonly tests: readonly VersionRow[];
  readonly findings: readonly FindingRow[];
  readonly warnings: readonly WarningRow[];
}

const EXIT: Readonly<Record<VersionsVerdictName, 0 | 1 | 125>> = { better: 0, same: 0, worse: 1, mixed: 1, untestable: 125 };

type Ran = Extract<SideOutcome, { kind: 'ran' }>;

/** How far a version came. Only what comes as far as another can be compared with it in all. */
const STAGES: readonly string[] = ['applied', 'built', 'booted to its last test'];
const WHOLE = 3;

const isFailing = (status: TestStatus): boolean => status !== 'pass' && status !== 'skip';

function ranIn({ outcomes }: Version): readonly Ran[] {
  return outcomes.filter((outcome) => outcome.kind === 'ran');
}

/** How many of the stages a version came through; or, in words, why that cannot be told. */
function reachOf(version: Version): number | string {
  const [first] = version.outcomes;
  if (first === undefined) return 'it was not tried';
  if (first.kind === 'rejected') {
    if (first.rejected.patch === 0) return 'a prerequisite of it does not apply to this kernel';
    return isContained(first.rejected) ? `patch ${first.rejected.patch} is in this kernel already` : 0;
  }
  if (first.kind !== 'ran') return 1;
  const ends = [...new Set(ranIn(version).map(({ end }) => end.kind))];
  if (ends.length > 1) return `its boots ended differently: ${ends.join(', ')}`;
  if (ends[0] === 'corrupt') return 'its result stream is broken';
  return ends[0] === 'complete' ? WHOLE : 2;
}

function failureText({ outcomes: [first] }: Version): string {
  return (first && failureOf(first)?.[0]?.text) ?? '';
}

interface Judgement {
  readonly better: Reason[];
  readonly worse: Reason[];
  readonly doubts: Reason[];
}

function judgeReach(old: Version, now: Version, into: Judgement): void {
  const [before, after] = [reachOf(old), reachOf(now)];
  for (const [name, reach] of [['old', before], ['new', after]] as const) {
    if (typeof reach === 'string') into.doubts.push({ code: `${name}.unclear`, text: `the ${name} version cannot be judged: ${reach}` });
  }
  if (typeof before === 'string' || typeof after === 'string') return;
  if (after < before) into.worse.push({ code: 'reach.worse', text: `the old version was ${STAGES[after] ?? ''}, the new one is not: ${failureText(now)}` });
  else if (after > before) into.better.push({ code: 'reach.better', text: `the new version is ${STAGES[before] ?? ''}, the old one was not: ${failureText(old)}` });
  else if (after < WHOLE) {
    into.doubts.push({ code: 'reach.neither', text: `neither version is ${STAGES[after] ?? ''}, and what comes behind that was not compared: ${failureText(now)}` });
  }
}

/** How each test came out in every boot of a kernel that tells of it. */
type Statuses = ReadonlyMap<string, readonly TestStatus[]>;

/** A test that a boot does not know at all differs from any status: it is `missing` there. What never ran counts only where the kernel came to its end. */
function statusesOf(version: Version): Statuses {
  const runs = ranIn(version);
  const names = new Set(runs.flatMap(({ results }) => results.map(({ name }) => name)));
  return new Map(
    [...names].flatMap((name) => {
      const statuses = runs.flatMap(({ results, end }): readonly TestStatus[] => {
        const status = results.find((result) => result.name === name)?.status ?? 'missing';
        return status === 'missing' && end.kind !== 'complete' ? [] : [status];
      });
      return statuses.length === 0 ? [] : [[name, statuses] as const];
    }),
  );
}

function seenIn(statuses: readonly TestStatus[] | undefined): Seen {
  const [first] = statuses ?? [];
  return new Set(statuses).size > 1 ? 'mixed' : first;
}

function reasonOf(name: string, ...versions: readonly Version[]): string {
  for (const version of versions) {
    for (const { results } of ranIn(version)) {
      const reason = results.find((result) => result.name === name)?.reason ?? '';
      if (reason !== '') return reason;
    }
  }
  return '';
}

function rowOf(name: string, base: Seen, old: Seen, now: Seen, reason: string): VersionRow {
  const row = { name, base, old, now, reason };
  if (old === 'mixed' || now === 'mixed') return { ...row, change: 'flaky' };
  const change = changeOf(old, now);
  const isStill = change === 'same' && old !== undefined && now !== undefined && isFailing(now);
  return { ...row, change: isStill ? 'still failing' : change };
}

function rowsOf({ base, old, now }: Versions): readonly VersionRow[] {
  const [ofBase, ofOld, ofNow] = [statusesOf(base), statusesOf(old), statusesOf(now)];
  return [...new Set([...ofNow.keys(), ...ofOld.keys()])].map((name) =>
    rowOf(name, seenIn(ofBase.get(name)), seenIn(ofOld.get(name)), seenIn(ofNow.get(name)), reasonOf(name, now, old)),
  );
}

/** Whether boots that differ leave it open that the new version is worse, and not that it passes always, was never better before, or was not run. */
function mayBeWorse(old: readonly TestStatus[], now: readonly TestStatus[]): boolean {
  if (now.every((status) => status === 'pass')) return false;
  if (old.every(isFailing)) return false;
  const [before, after] = [new Set(old), new Set(now)];
  return !(before.size === after.size && [...before].every((status) => after.has(status)));
}

function tally(statuses: readonly TestStatus[]): string {
  const counts = new Map<TestStatus, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return `${[...counts].map(([status, times]) => `${status} ${times}`).join(', ')} of ${statuses.length}`;
}

function judgeTests(versions: Versions, tests: readonly VersionRow[], into: Judgement): void {
  const { old, now, expected } = versions;
  const [ofOld, ofNow] = [statusesOf(old), statusesOf(now)];
  const isOldWhole = reachOf(old) === WHOLE;
  const isNowWhole = reachOf(now) === WHOLE;
  for (const { name, base, old: before, now: after, change, reason } of tests) {
    const because = reason === '' ? '' : `: ${reason}`;
    const onBase = base !== undefined && base !== 'mixed' && isFailing(base) ? ` (it is ${base} on the base as well)` : '';
    if (change === 'flaky') {
      const [was, is] = [ofOld.get(name) ?? [], ofNow.get(name) ?? []];
      if (!mayBeWorse(was, is)) continue;
      into.doubts.push({ code: 'test.flaky', text: `${name} differs from boot to boot and may be worse: ${tally(was)} boots in the old version, ${tally(is)} in the new one` });
    } else if (change === 'fixed') {
      into.better.push({ code: 'test.fixed', text: `${name} was ${before ?? ''} and passes` });
    } else if (change === 'regressed') {
      into.worse.push({ code: 'test.regressed', text: `${name} was ${before ?? ''} and is ${after ?? ''}${because}${onBase}` });
    } else if (change === 'gone' && isNowWhole && before === 'pass') {
      into.worse.push({ code: 'test.gone', text: `${name} passed and is gone: nothing shows any more what it did` });
    } else if (change === 'new' && after !== undefined && after !== 'mixed' && isFailing(after)) {
      if (isOldWhole && !(after === 'fail' && expected[name]?.status === 'fail')) {
        into.worse.push({ code: 'test.new-failure', text: `${name} is new and is ${after}${because}` });
      } else if (!isOldWhole && base === 'pass') {
        into.worse.push({ code: 'test.base-regressed', text: `${name} passes on the base and is ${after} in the new version${because}; the old one did not come to it` });
      }
    }
  }
  const passes = (statuses: Statuses): boolean => [...statuses.values()].some((all) => all.includes('pass'));
  if (isOldWhole && isNowWhole && !passes(ofOld) && !passes(ofNow)) into.doubts.push({ code: 'nothing.proven', text: 'no test passed on either version: nothing is proven' });
  for (const { name, old: before, now: after, reason } of tests) {
    if (before === 'missing' && after === 'missing') into.doubts.push({ code: 'test.never-ran', text: `${name} ran on neither version${reason === '' ? '' : `: ${reason}`}` });
  }
}

function timesIn(version: Version, fingerprint: string): Times {
  const runs = ranIn(version);
  return { times: runs.filter(({ findings }) => findings.some((finding) => finding.fingerprint === fingerprint)).length, boots: runs.length };
}

const isSome = ({ times, boots }: Times): boolean => times > 0 && times < boots;

function findingRows({ base, old, now }: Versions): readonly FindingRow[] {
  const found = new Map<string, Finding>();
  for (const finding of [now, old].flatMap(ranIn).flatMap(({ findings }) => findings)) if (!found.has(finding.fingerprint)) found.set(finding.fingerprint, finding);
  return [...found.values()].map((finding): FindingRow => {
    const [ofBase, ofOld, ofNow] = [base, old, now].map((version) => timesIn(version, finding.fingerprint)) as [Times, Times, Times];
    const change = isSome(ofOld) || isSome(ofNow) ? 'flaky' : ofOld.times === 0 ? 'new' : ofNow.times === 0 ? 'gone' : 'staying';
    return { finding, base: ofBase, old: ofOld, now: ofNow, change };
  });
}

const share = ({ times, boots }: Times): number => (boots === 0 ? 0 : times / boots);

function judgeFindings({ old, now }: Versions, rows: readonly FindingRow[], into: Judgement): void {
  const isOldWhole = reachOf(old) === WHOLE;
  const isNowWhole = reachOf(now) === WHOLE;
  for (const { finding, base, old: before, now: after, change } of rows) {
    const { title } = finding;
    const onBase = base.times > 0 ? ' (the base reports it as well)' : '';
    // An old version that ended early may not have come to what the base reports too.
    if (change === 'new' && (isOldWhole || base.times === 0)) into.worse.push({ code: 'finding.new', text: `the kernel reports anew: ${title}${onBase}` });
    if (change === 'gone' && isNowWhole) into.better.push({ code: 'finding.gone', text: `the kernel does not report any more: ${title}` });
    if (change === 'flaky' && after.times > 0 && share(before) < 1 && !(isSome(before) && isSome(after))) {
      into.doubts.push({ code: 'finding.flaky', text: `the kernel reports in some boots alone, and it may be worse: ${title} (${before.times} of ${before.boots} boots of the old version, ${after.times} of ${after.boots} of the new one)` });
    }
  }
}

/** What some warn of and others do not; lines move, what is said of which file does not. */
function onlyIn(some: readonly Diagnostic[], others: readonly Diagnostic[]): readonly Diagnostic[] {
  const known = new Set(others.map(diagnosticKey));
  return some.filter((warning) => warning.severity === 'warning' && !known.has(diagnosticKey(warning)) && known.add(diagnosticKey(warning)).size > 0);
}

/** A kernel that was not built has told only a part of its warnings. */
function isBuilt({ outcomes: [first] }: Version): boolean {
  return first?.kind === 'ran';
}

function warningRows({ base, old, now }: Versions): readonly WarningRow[] {
  if (!isBuilt(now)) return [];
  const fresh = onlyIn(now.warnings, isBuilt(old) ? old.warnings : base.warnings);
  const gone = isBuilt(old) ? onlyIn(old.warnings, now.warnings) : [];
  return [...fresh.map((diagnostic) => ({ diagnostic, change: 'new' as const })), ...gone.map((diagnostic) => ({ diagnostic, change: 'gone' as const }))];
}

function judgeWarnings(rows: readonly WarningRow[], into: Judgement): void {
  for (const { diagnostic, change } of rows) {
    const place = `${diagnostic.file}: ${diagnostic.message}`;
    if (change === 'new') into.worse.push({ code: 'warning.new', text: `the compiler warns anew: ${place}` });
    else into.better.push({ code: 'warning.gone', text: `the compiler does not warn any more: ${place}` });
  }
}

function verdictOf({ better, worse, doubts }: Judgement): VersionsVerdictName {
  if (worse.length > 0) return better.length > 0 ? 'mixed' : 'worse';
  // What may be worse keeps from saying that it is not.
  if (doubts.length > 0) return 'untestable';
  return better.length > 0 ? 'better' : 'same';
}

/**
 * Compares two versions of a series by what their tips came to. Worse is only what every boot showed; what differs from
 * boot to boot is a doubt at most. The base tells apart what is not the series' own.
 */
export function compareVersions(versions: Versions): VersionsVerdict {
  const { old, now, nothingBuilt } = versions;
  const tests = rowsOf(versions);
  const findings = findingRows(versions);
  const warnings = warningRows(versions);
  const judgement: Judgement = { better: [], worse: [], doubts: [] };
  judgeReach(old, now, judgement);
  judgeTests(versions, tests, judgement);
  judgeFindings(versions, findings, judgement);
  judgeWarnings(warnings, judgement);
  if (nothingBuilt !== undefined) judgement.doubts.push({ code: 'code.not-built', text: nothingBuilt });
  const verdict = verdictOf(judgement);
  return { verdict, exitCode: EXIT[verdict], ...judgement, tests, findings, warnings };
}

/**
 * Whether boots of two kernels differ in anything that decides: then each is booted again, so that chance is told from change.
 */
export function differ(old: Version, now: Version): boolean {
  const nothing: Version = { outcomes: [], warnings: [] };
  const { tests, findings } = compareVersions({ base: nothing, old, now, expected: {}, nothingBuilt: undefined });
  const isQuiet = ({ change }: { readonly change: string }): boolean => change === 'same' || change === 'still failing' || change === 'staying';
  return !tests.every(isQuiet) || !findings.every(isQuiet) || reachOf(old) !== reachOf(now);
}
