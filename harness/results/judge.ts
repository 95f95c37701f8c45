import type { GuestProgram, ProgramRun, TestResult, TestStatus } from '../model.js';
import { extractKtap } from './ktap-extract.js';
import { parseKtap, type KtapCase, type KtapDocument } from './ktap.js';

/** kselftest's exit code for a skip (KSFT_SKIP in tools/testing/selftests/kselftest.h). */
const EXIT_SKIP = 4;
/** How many lines of output a result keeps. */
const MAX_LINES = 200;

type Outcome = Pick<TestResult, 'status' | 'reason'>;

/** From the worst: what a name that was reported twice counts as. */
const WORST_FIRST: readonly TestStatus[] = ['crash', 'timeout', 'fail', 'missing', 'skip', 'pass'];

function signalText(signal: number): string {
  return `killed by signal ${String(signal)}`;
}

/** How the process as such came out, whatever it printed. */
function judgeEnd(run: ProgramRun, limitMs: number): Outcome {
  if (run.unkillable) {
    const status = run.end.kind === 'timeout' ? 'timeout' : 'fail';
    return { status, reason: 'a process of it could not be killed: it sleeps in the kernel' };
  }
  switch (run.end.kind) {
    case 'exit':
      if (run.end.code === 0) return { status: 'pass', reason: '' };
      if (run.end.code === EXIT_SKIP) return { status: 'skip', reason: run.output.at(-1) ?? 'exit code 4' };
      return { status: 'fail', reason: `exit code ${String(run.end.code)}` };
    case 'signal':
      return { status: 'crash', reason: signalText(run.end.signal) };
    case 'timeout':
      return { status: 'timeout', reason: `longer than ${String(limitMs)} ms` };
    case 'cut':
      return { status: 'crash', reason: 'the guest ended while it ran' };
  }
}

/** What a test says first about a failure, without the `#`. */
function firstWords(diagnostics: readonly string[]): string {
  return diagnostics.map((line) => line.replace(/^\s*#\s*/, '').trim()).find((line) => line !== '') ?? '';
}

function judgeCase(found: KtapCase): Outcome {
  const detail = found.detail === found.name ? '' : found.detail;
  switch (found.directive) {
    case 'skip':
      return { status: 'skip', reason: detail };
    case 'xfail':
      return { status: 'skip', reason: `expected to fail: ${detail}` };
    case 'todo':
      return found.ok ? { status: 'pass', reason: '' } : { status: 'skip', reason: `to do: ${detail}` };
    case 'timeout':
      return { status: 'timeout', reason: detail };
    case 'error':
      return { status: 'fail', reason: `error: ${detail}` };
    case undefined:
      break;
  }
  if (found.ok && found.isEmpty) return { status: 'skip', reason: 'none of its subtests was reported' };
  if (!found.ok) return { status: 'fail', reason: detail || firstWords(found.diagnostics) || 'not ok' };
  return found.subtests.some((subtest) => isBad(judgeCase(subtest).status))
    ? { status: 'fail', reason: 'a subtest of it failed' }
    : { status: 'pass', reason: '' };
}

function isBad(status: TestStatus): boolean {
  return status !== 'pass' && status !== 'skip';
}

interface Reported extends Outcome {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Every case with the names of those that hold it in front: `parent/child`. */
function flatten(cases: readonly KtapCase[], prefix = ''): readonly Reported[] {
  return cases.flatMap((found, index) => {
    const name = prefix + (found.name || `test ${String(index + 1)}`);
    const own = { name, ...judgeCase(found), lines: found.diagnostics };
    return [...flatten(found.subtests, `${name}/`), own];
  });
}

function byName(reported: readonly Reported[]): ReadonlyMap<string, readonly Reported[]> {
  const names = new Map<string, Reported[]>();
  for (const one of reported) {
    const same = names.get(one.name);
    if (same) same.push(one);
    else names.set(one.name, [one]);
  }
  return names;
}

/** One of several reports under one name: the worst, so that a later `ok` mends nothing. */
function worstOf(same: readonly Reported[]): Reported | undefined {
  return WORST_FIRST.map((status) => same.find((one) => one.status === status)).find((one) => one !== undefined);
}

/** What is wrong with the program as a whole beside its cases; undefined when nothing is. */
function wholeFault(
  run: ProgramRun,
  limitMs: number,
  document: KtapDocument,
  names: ReadonlyMap<string, readonly Reported[]>,
): Outcome | undefined {
  const end = judgeEnd(run, limitMs);
  if (end.status === 'crash' || end.status === 'timeout') return end;
  if (run.unkillable) return end;
  if (document.bailOut !== undefined) return { status: 'fail', reason: `bailed out: ${document.bailOut}` };
  if (run.truncated) return { status: 'fail', reason: 'it printed more than is kept, so results may be lost' };
  if (names.size === 0 && document.skipAll === undefined) {
    return end.status === 'pass' ? { status: 'fail', reason: 'it reported no case' } : end;
  }
  if (document.problems[0] !== undefined) return { status: 'fail', reason: document.problems[0] };
  const twice = [...names].find(([, same]) => same.length > 1);
  if (twice) return { status: 'fail', reason: `${twice[0]} was reported ${String(twice[1].length)} times` };
  const anyBad = [...names.values()].some((same) => same.some((one) => isBad(one.status)));
  if (end.status === 'fail' && !anyBad) return { status: 'fail', reason: `${end.reason}, although no case failed` };
  return undefined;
}

/**
 * Whether output is a KTAP or TAP document: it has a version line, a plan, which TAP 12 has alone, or subtests. A line `ok 1` by
 * itself proves nothing: ordinary programs print such things.
 */
function isDocument(document: KtapDocument): boolean {
  return document.version !== undefined || document.plan !== undefined || document.cases.some(({ subtests, isEmpty }) => isEmpty || subtests.length > 0);
}

/** The document that a program printed; one that it copied from the kernel's log has time stamps in front of its lines. */
function documentOf(output: readonly string[]): KtapDocument {
  const document = parseKtap(output);
  const copied = isDocument(document) || document.cases.length > 0 ? undefined : extractKtap(output);
  return copied === undefined ? document : parseKtap(copied);
}

/** By exit status; but a program that says `not ok` and ends well contradicts itself, and is believed in the worse. */
function judgeExit(run: ProgramRun, program: GuestProgram, document: KtapDocument | undefined): TestResult {
  const end = judgeEnd(run, program.timeoutMs);
  const complaint = end.status === 'pass' ? document?.cases.find((found) => isBad(judgeCase(found).status)) : undefined;
  const outcome: Outcome = complaint ? { status: 'fail', reason: `it ended well, but printed "not ok" (${complaint.name || 'without a name'}), without a plan` } : end;
  return { program: program.name, name: program.name, ...outcome, lines: run.output.slice(-MAX_LINES) };
}

function judgeKtap(run: ProgramRun, program: GuestProgram, document: KtapDocument): readonly TestResult[] {
  const names = byName(flatten(document.cases));
  const end = judgeEnd(run, program.timeoutMs);
  const fault = wholeFault(run, program.timeoutMs, document, names);
  const lines = document.trailing;
  const skipped = document.skipAll ?? (end.status === 'skip' && names.size === 0 ? end.reason : undefined);
  const wasCutShort = end.status === 'crash' || end.status === 'timeout';

  let isFirstUnreported = true;
  const listed = program.tests.map((name): TestResult => {
    const found = worstOf(names.get(name) ?? []);
    if (found) return { program: program.name, name, status: found.status, reason: found.reason, lines: found.lines };
    if (skipped !== undefined) return { program: program.name, name, status: 'skip', reason: skipped, lines: [] };
    const blame = wasCutShort && isFirstUnreported;
    isFirstUnreported = false;
    return blame
      ? { program: program.name, name, ...end, lines }
      : { program: program.name, name, status: 'missing', reason: 'it was not reported', lines: [] };
  });
  const others = [...names].flatMap(([name, same]): readonly TestResult[] => {
    const found = worstOf(same);
    if (!found || program.tests.includes(name)) return [];
    const { status, reason } = found;
    return [{ program: program.name, name: `${program.name}.${name}`, status, reason, lines: found.lines }];
  });
  const whole: readonly TestResult[] = fault
    ? [{ program: program.name, name: program.name, ...fault, lines }]
    : names.size === 0 && program.tests.length === 0
      ? [{ program: program.name, name: program.name, status: 'skip', reason: skipped ?? '', lines }]
      : [];
  return [...listed, ...others, ...whole];
}

/**
 * The test results of one program, in order: for judge `exit` one, named as the program; for `ktap` one for each case
 * that the suite lists, then those that were reported beside them (as `program.case`), then one for the program itself
 * when something is wrong with it as a whole: a crash, a time limit, a bad exit code although every case passed, a plan
 * that is not met, a name twice, or no case at all. `auto` is `ktap` for a program that prints a document or whose cases
 * the suite lists, else `exit`.
 *
 * A listed case that was not reported is missing; when the program was cut short, the first of them is where it was.
 * What is skipped or expected to fail is never a pass.
 */
export function judgeProgram(run: ProgramRun, program: GuestProgram): readonly TestResult[] {
  if (program.judge === 'exit') return [judgeExit(run, program, undefined)];
  const document = documentOf(run.output);
  const isKtap = program.judge === 'ktap' || program.tests.length > 0 || isDocument(document);
  return isKtap ? judgeKtap(run, program, document) : [judgeExit(run, program, document)];
}

/** The results of a program of which the guest never spoke: everything it should have said is missing, or what `status` says. */
export function judgeAbsent(program: GuestProgram, reason: string, status: TestStatus = 'missing'): readonly TestResult[] {
  const names = program.judge !== 'exit' && program.tests.length > 0 ? program.tests : [program.name];
  return names.map((name) => ({ program: program.name, name, status, reason, lines: [] }));
}
