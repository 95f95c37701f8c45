import type { DeclaredFindings, Diagnostic, Finding, Promises, Reason, SideOutcome, TestStatus, VerdictName } from '../model.js';
import { EXIT_CODES, failureOf, patchName } from './decide.js';
import { diagnosticKey } from './diagnostic-key.js';
import { shakyNames, type Disagreement } from './disagreements.js';
import { isHeld } from './held-findings.js';

/** A series as far as one of its patches. */
export interface WalkPoint {
  /** The last patch that is applied; 0 for the base. */
  readonly number: number;
  /** Of that patch. */
  readonly subject: string;
  /** Undefined when it was not tried, because the base was of no use. */
  readonly outcome: SideOutcome | undefined;
  /** What the compiler warned of. */
  readonly warnings: readonly Diagnostic[];
  /** What was not the same in all of its boots. */
  readonly unstable: readonly Disagreement[];
}

/** What a cell of the matrix says: how a test came out, or that there was no kernel to run it on. */
export type Cell = TestStatus | 'not built';

export interface WalkRow {
  readonly name: string;
  /** One for each point, in order. */
  readonly cells: readonly Cell[];
  /** From which patch on it is promised to pass. */
  readonly promised: number | undefined;
}

export interface WalkVerdict {
  readonly verdict: VerdictName;
  readonly exitCode: 0 | 1 | 125;
  readonly reasons: readonly Reason[];
  readonly rows: readonly WalkRow[];
  /** Patch by patch, which tests pass from it on and did not before; only patches that brought something. */
  readonly brings: readonly { readonly patch: number; readonly tests: readonly string[] }[];
  /** Whether each patch builds without a new warning, boots, and leaves no new kernel report. */
  readonly bisectable: boolean;
  /** The kernels whose boots make the series bad, by their number: those that show a fault, and those before them that do not. */
  readonly suspects: readonly number[];
}

/** Something that is wrong, and on which kernel it is seen first. */
interface Fault extends Reason {
  readonly on: number;
}

type Ran = Extract<SideOutcome, { kind: 'ran' }>;

interface RanPoint extends WalkPoint {
  readonly outcome: Ran;
}

function isRan(point: WalkPoint): point is RanPoint {
  return point.outcome?.kind === 'ran';
}

function cellOf(point: WalkPoint, name: string): Cell {
  if (!isRan(point)) return 'not built';
  return point.outcome.results.find((result) => result.name === name)?.status ?? 'missing';
}

/** A selftest that earlier kernels did not have and that the last one reports under other names: a target with its programs. */
function isNameOnly(points: readonly WalkPoint[], name: string): boolean {
  const ran = points.filter(isRan);
  const statuses = ran.map(({ outcome }) => outcome.results.find((result) => result.name === name)?.status);
  return statuses.at(-1) === undefined && statuses.every((status) => status === undefined || status === 'missing');
}

/** In the order of the last kernel that ran, then of those before it, then what was promised and never seen. */
function rowsOf(points: readonly WalkPoint[], promises: Promises): readonly WalkRow[] {
  const last = points.at(-1)?.number ?? 0;
  const seen = [...points].reverse().filter(isRan).flatMap(({ outcome }) => outcome.results.map(({ name }) => name));
  const promised = Object.entries(promises).flatMap(([name, patch]) => (patch <= last ? [name] : []));
  const names = [...new Set([...seen, ...promised])].filter((name) => promises[name] !== undefined || !isNameOnly(points, name));
  return names.map((name) => ({
    name,
    cells: points.map((point) => cellOf(point, name)),
    promised: promises[name],
  }));
}

function at({ number, subject }: WalkPoint): string {
  return number === 0 ? 'the base' : patchName({ patch: number, subject });
}

/** Faults of one kernel as such, seen after those before it. */
function pointFaults(point: WalkPoint, before: readonly WalkPoint[], declared: DeclaredFindings): readonly Fault[] {
  const { outcome } = point;
  if (outcome === undefined) return [];
  const failures = (failureOf(outcome) ?? []).map(({ code, text }) => ({ code, text: code.startsWith('patch.') ? text : `${at(point)}: ${text}` }));
  const known = new Set(before.filter(isRan).flatMap((one) => one.outcome.findings.map(({ fingerprint }) => fingerprint)));
  const shaky = shakyNames(point.unstable, 'report');
  const findings = outcome.kind === 'ran' ? outcome.findings.filter((finding) => isHeld(finding, declared) && !shaky.has(finding.fingerprint)) : [];
  const fresh = new Map<string, Finding>(findings.filter(({ fingerprint }) => !known.has(fingerprint)).map((finding) => [finding.fingerprint, finding]));
  const warned = new Set(before.flatMap(({ warnings }) => warnings.map(diagnosticKey)));
  const warnings = point.warnings.filter((warning) => !warned.has(diagnosticKey(warning)));
  return [
    ...failures,
    ...[...fresh.values()].map(({ title }) => ({ code: 'finding.new', text: `${at(point)}: the kernel reports: ${title}` })),
    ...warnings.map(({ file, line, message }) => ({
      code: 'warning.new',
      text: `${at(point)}: the compiler warns: ${[file, line].filter((part) => part !== undefined).join(':')}: ${message}`,
    })),
  ].map((reason) => ({ ...reason, on: point.number }));
}

function reasonAt(point: WalkPoint, name: string): string {
  const reason = isRan(point) ? point.outcome.results.find((result) => result.name === name)?.reason : undefined;
  return reason ? `: ${reason}` : '';
}

/** The first kernel on which a test stopped to pass, whether it was promised or not. */
function regressions(row: WalkRow, points: readonly WalkPoint[]): readonly Fault[] {
  let passedAt: WalkPoint | undefined;
  for (const [index, point] of points.entries()) {
    const cell = row.cells[index] ?? 'missing';
    if (cell === 'not built') continue;
    if (cell === 'pass') passedAt = point;
    else if (passedAt) {
      return [{ code: 'test.regressed', text: `${row.name} passes at ${at(passedAt)} and is ${cell} at ${at(point)}${reasonAt(point, row.name)}`, on: point.number }];
    }
  }
  return [];
}

/** A promise has two sides: before its patch the test does not pass, from it on it does. */
function brokenPromises(row: WalkRow, points: readonly WalkPoint[]): readonly Fault[] {
  const { name, promised, cells } = row;
  if (promised === undefined) return [];
  const early = points.find((point, index) => point.number < promised && cells[index] === 'pass');
  const late = points.find((point, index) => point.number >= promised && cells[index] !== 'pass' && cells[index] !== 'not built');
  return [
    ...(early === undefined
      ? []
      : [
          {
            code: early.number === 0 ? 'promise.held-before' : 'promise.early',
            text: `${name} is promised from patch ${promised} and passes at ${at(early)} already: the promise is wrong, or the test proves nothing`,
            on: early.number,
          },
        ]),
    ...(late === undefined
      ? []
      : [{ code: 'promise.broken', text: `${name} is promised from patch ${promised} and is ${cells[points.indexOf(late)] ?? 'missing'} at ${at(late)}${reasonAt(late, name)}`, on: late.number }]),
  ];
}

function bringsOf(rows: readonly WalkRow[], points: readonly WalkPoint[]): WalkVerdict['brings'] {
  const byPatch = new Map<number, string[]>();
  for (const { name, cells } of rows) {
    // What was not built neither speaks for a test nor against it.
    const judged = points.flatMap((point, index) => (cells[index] === 'not built' ? [] : [{ point, passes: cells[index] === 'pass' }]));
    const failedLast = judged.findLastIndex(({ passes }) => !passes);
    const first = judged[failedLast + 1];
    if (failedLast < 0 || !first) continue;
    const same = byPatch.get(first.point.number);
    if (same) same.push(name);
    else byPatch.set(first.point.number, [name]);
  }
  return [...byPatch].sort(([a], [b]) => a - b).map(([patch, tests]) => ({ patch, tests }));
}

/** What makes a base of no use to judge patches by. */
function baseFaults([first]: readonly WalkPoint[]): readonly Reason[] {
  if (!first) return [{ code: 'base.not-run', text: 'nothing was run' }];
  const { outcome } = first;
  if (outcome?.kind === 'rejected' && outcome.rejected.patch > 0) return [];
  const failures = outcome === undefined ? [{ code: 'not-run', text: 'it was not run' }] : (failureOf(outcome) ?? []);
  const none = outcome?.kind === 'ran' && outcome.results.length === 0 ? [{ code: 'no-tests', text: 'no test ran on it' }] : [];
  return [...failures, ...none].map(({ code, text }) => ({ code: `base.${code}`, text: `${at(first)} cannot be judged: ${text}` }));
}

/** What was booted at a fault, and just before it. */
function suspectsOf(faults: readonly Fault[], points: readonly WalkPoint[]): readonly number[] {
  const booted = faults.filter(({ code }) => code !== 'warning.new').map(({ on }) => points.findIndex(({ number }) => number === on));
  const indices = booted.filter((index) => points[index] && isRan(points[index]));
  const near = new Set(indices.flatMap((index) => [points.slice(0, index).findLastIndex(isRan), index]));
  return points.filter((_, index) => near.has(index)).map(({ number }) => number);
}

/** What a base says that a patch said would keep a series from being bisected. */
const BREAKS_BISECTION = /^(patch\.(?:rejected|contained)|config\.failed|build\.failed|boot\..*|finding\.new|warning\.new)$/;
/** A fault of nobody's patch. */
const PROVES_NOTHING: ReadonlySet<string> = new Set(['promise.held-before', 'boot.corrupt', 'patch.contained']);

/**
 * What a walk along a series proves. Good is a series whose every patch builds without a new warning, boots, leaves no new
 * kernel report and breaks no test, with every promise kept on both sides of its patch.
 * @param nothingBuilt why nothing of the series was compiled
 * @param declared what the suite provokes on purpose
 * @param points in order; the first is what the others are judged against: the base, unless the walk began later
 */
export function decideWalk(points: readonly WalkPoint[], promises: Promises, nothingBuilt?: string, declared: DeclaredFindings = {}): WalkVerdict {
  const rows = rowsOf(points, promises);
  const rest = { rows, brings: bringsOf(rows, points) };
  const conclude = (verdict: VerdictName, reasons: readonly Reason[], bisectable: boolean, suspects: readonly number[] = []): WalkVerdict => ({
    ...{ verdict, exitCode: EXIT_CODES[verdict], reasons: reasons.map(({ code, text }) => ({ code, text })), bisectable, suspects },
    ...rest,
  });
  const ofBase = baseFaults(points);
  if (ofBase.length > 0) return conclude('untestable', ofBase, false);

  const ofPoints = points.flatMap((point, index) => (index === 0 && point.outcome?.kind !== 'rejected' ? [] : pointFaults(point, points.slice(0, index), declared)));
  // A patch that does not apply keeps all that follow from being built: it is said once.
  const isFirstOf = (reason: Fault): boolean => ofPoints.find(({ text }) => text === reason.text) === reason;
  const shaky = new Set(points.flatMap((point) => [...shakyNames(point.unstable, 'test')]));
  const found: readonly Fault[] = [
    ...ofPoints.filter(isFirstOf),
    ...rows.filter(({ name }) => !shaky.has(name)).flatMap((row) => {
      const promised = brokenPromises(row, points);
      return promised.some(({ code }) => code === 'promise.broken') ? promised : [...promised, ...regressions(row, points)];
    }),
  ];
  const faults = found.filter(({ code }) => !PROVES_NOTHING.has(code));
  const unstable = points.flatMap((point) => point.unstable.map(({ text }) => ({ code: 'unstable', text: `${at(point)}: ${text}` })));
  const untried = points.filter(({ outcome }) => outcome === undefined).map((point) => ({ code: 'not-run', text: `${at(point)} was not tried` }));
  const last = points.findLastIndex(isRan);
  const doubts: readonly Reason[] = [
    ...unstable,
    ...untried,
    ...(nothingBuilt === undefined ? [] : [{ code: 'code.not-built', text: nothingBuilt }]),
    ...found.filter(({ code }) => PROVES_NOTHING.has(code)),
    ...rows
      .filter(({ cells }) => cells.every((cell) => cell === 'missing' || cell === 'not built'))
      .map(({ name }) => ({ code: 'test.never-ran', text: `${name} ran on none of these kernels` })),
    ...(rows.some(({ cells }) => cells[last] === 'pass') ? [] : [{ code: 'nothing.proven', text: 'no test passed on the last kernel: nothing is proven' }]),
  ];
  const bisectable = unstable.length === 0 && untried.length === 0 && !found.some(({ code }) => BREAKS_BISECTION.test(code));
  if (points.some((point) => point.unstable.some(({ about }) => about === 'end'))) return conclude('untestable', [...doubts, ...faults], bisectable);
  if (faults.length > 0) return conclude('bad', [...faults, ...unstable], bisectable, suspectsOf(faults, points));
  if (doubts.length > 0) return conclude('untestable', doubts, bisectable);
  return conclude('good', [], bisectable);
}
