import type { BootEnd, Diagnostic, SideOutcome, TestStatus } from '../model.js';
import { describeEnd, describeMisses } from './decide.js';
import { isHeld } from './held-findings.js';

/** What is searched for: fixed on the end that shows it, before anything between the ends is looked at. */
export type Symptom =
  | {
      readonly kind: 'test';
      readonly name: string;
      /** How the test came out where it was bad. */
      readonly statuses: readonly TestStatus[];
      /** How those boots ended. */
      readonly ends: readonly BootEnd['kind'][];
    }
  | { readonly kind: 'finding'; readonly fingerprint: string; readonly title: string }
  | {
      readonly kind: 'build';
      /** What did not build: `vmlinux` or a test program. */
      readonly what: string;
      /** The errors, as `file: message`. */
      readonly errors: readonly string[];
    }
  | {
      readonly kind: 'boot';
      /** How it ended: a panic, a stop, a hang. */
      readonly end: Exclude<BootEnd['kind'], 'complete' | 'corrupt'>;
      /** What the kernel reported then; one of them has to come again. Empty for an end without a word. */
      readonly fingerprints: readonly string[];
    };

/** What the user asks to be searched for. */
export type SymptomRequest =
  | { readonly kind: 'test'; readonly name: string }
  /** A part of a finding's title, or its fingerprint. */
  | { readonly kind: 'finding'; readonly text: string }
  | { readonly kind: 'build' }
  | { readonly kind: 'boot' };

/** What one kernel shows of a symptom. */
export interface Sight {
  readonly mark: 'shown' | 'absent' | 'unclear';
  /** In one line: what was seen. */
  readonly why: string;
}

const shown = (why: string): Sight => ({ mark: 'shown', why });
const absent = (why: string): Sight => ({ mark: 'absent', why });
const unclear = (why: string): Sight => ({ mark: 'unclear', why });

type Failed = Extract<SideOutcome, { kind: 'build-failed' }>;
type Ran = Extract<SideOutcome, { kind: 'ran' }>;

/** How a test that ran can come out badly. */
export const FAILING: ReadonlySet<TestStatus> = new Set(['fail', 'crash', 'timeout']);

function errorKey({ file, message }: Diagnostic): string {
  return `${file}: ${message}`;
}

/** The errors of a build as `file: message`, or where it names none its last words. */
export function errorsOf({ diagnostics, tail }: Failed): readonly string[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(errorKey);
  return errors.length > 0 ? [...new Set(errors)] : tail.slice(-1);
}

/** What was asked for, as this kernel shows it; or why it does not, in words. */
export function findSymptom(request: SymptomRequest, outcome: SideOutcome): Symptom | string {
  switch (request.kind) {
    case 'test':
      return outcome.kind === 'ran' ? failingTest(request.name, outcome) : whyNotRun(outcome);
    case 'finding':
      return outcome.kind === 'ran' ? namedFinding(request.text, outcome) : whyNotRun(outcome);
    case 'build':
      return outcome.kind === 'build-failed' ? { kind: 'build', what: outcome.what, errors: errorsOf(outcome) } : 'it builds';
    case 'boot':
      return outcome.kind === 'ran' ? brokenBoot(outcome) : whyNotRun(outcome);
  }
}

/** What kept a kernel from being run, in one line. */
export function whyNotRun(outcome: Exclude<SideOutcome, Ran>): string {
  switch (outcome.kind) {
    case 'rejected':
      return `patch ${outcome.rejected.patch} does not apply`;
    case 'config-failed':
      return outcome.misses.length > 0 ? `its configuration lacks ${describeMisses(outcome.misses)}` : 'its configuration cannot be made';
    case 'build-failed':
      return `${outcome.what} does not build: ${errorsOf(outcome)[0] ?? 'no output'}`;
  }
}

function failingTest(name: string, { results, end }: Ran): Symptom | string {
  const result = results.find((found) => found.name === name);
  if (!result) return `it has no test ${name}`;
  if (!FAILING.has(result.status)) return `${name} is ${result.status}`;
  return { kind: 'test', name, statuses: [result.status], ends: [end.kind] };
}

function namedFinding(text: string, { findings }: Ran): Symptom | string {
  const fitting = findings.filter(({ title, fingerprint }) => fingerprint === text || title.includes(text));
  const fingerprints = new Set(fitting.map(({ fingerprint }) => fingerprint));
  const [first] = fitting;
  if (!first) return findings.length === 0 ? 'the kernel reports nothing' : `the kernel reports: ${findings.map(({ title }) => title).join('; ')}`;
  if (fingerprints.size > 1) return `${fingerprints.size} reports fit: ${[...new Set(fitting.map(({ title }) => title))].join('; ')}`;
  return { kind: 'finding', fingerprint: first.fingerprint, title: first.title };
}

function brokenBoot({ end, findings }: Ran): Symptom | string {
  if (end.kind === 'complete') return 'it boots and comes to its last test';
  if (end.kind === 'corrupt') return `nothing can be told: ${describeEnd(end)}`;
  return { kind: 'boot', end: end.kind, fingerprints: [...new Set(findings.map(({ fingerprint }) => fingerprint))] };
}

/**
 * The symptom in which two ends differ, when the user names none: what keeps the bad one from being judged, else the one
 * report or the one test that is worse there.
 * @returns the candidates in words when it is not one
 */
export function differingSymptom(good: SideOutcome, bad: SideOutcome): Symptom | readonly string[] {
  const requests: readonly SymptomRequest[] =
    bad.kind === 'build-failed'
      ? [{ kind: 'build' }]
      : bad.kind === 'ran' && bad.end.kind !== 'complete'
        ? [{ kind: 'boot' }]
        : bad.kind === 'ran'
          ? [
              ...[...new Set(bad.findings.filter((finding) => isHeld(finding, {})).map(({ fingerprint }) => fingerprint))].map((text) => ({ kind: 'finding', text }) as const),
              ...bad.results.map(({ name }) => ({ kind: 'test', name }) as const),
            ]
          : [];
  const symptoms = requests
    .map((request) => findSymptom(request, bad))
    .filter((found): found is Symptom => typeof found !== 'string')
    .filter((symptom) => look(symptom, good, new Set()).mark === 'absent');
  const [first] = symptoms;
  return first && symptoms.length === 1 ? first : symptoms.map(describeSymptom);
}

/** In words, and for a test or a report as the option that asks for it. */
export function describeSymptom(symptom: Symptom): string {
  switch (symptom.kind) {
    case 'test':
      return `the test ${symptom.name} does not pass (${symptom.statuses.join(', ')})`;
    case 'finding':
      return `the kernel reports: ${symptom.title}`;
    case 'build':
      return `${symptom.what} does not build: ${symptom.errors[0] ?? ''}`;
    case 'boot':
      return `the kernel does not come to its last test (${symptom.end})`;
  }
}

/**
 * What a kernel shows of a symptom. Anything else that goes wrong there makes it unclear, and never `shown`.
 * @param known fingerprints of what the ends report, which is nothing new
 */
export function look(symptom: Symptom, outcome: SideOutcome, known: ReadonlySet<string>): Sight {
  if (outcome.kind === 'build-failed') return lookAtFailedBuild(symptom, outcome);
  if (outcome.kind !== 'ran') return unclear(whyNotRun(outcome));
  if (symptom.kind === 'build') return absent('it builds');
  if (outcome.end.kind === 'corrupt') return unclear(describeEnd(outcome.end));
  switch (symptom.kind) {
    case 'test':
      return lookAtTest(symptom, outcome, known);
    case 'finding':
      if (outcome.findings.some(({ fingerprint }) => fingerprint === symptom.fingerprint)) return shown(`the kernel reports: ${symptom.title}`);
      return outcome.end.kind === 'complete' ? absent('the kernel does not report it') : unclear(describeEnd(outcome.end));
    case 'boot':
      return lookAtBoot(symptom, outcome);
  }
}

function lookAtFailedBuild(symptom: Symptom, outcome: Failed): Sight {
  const why = whyNotRun(outcome);
  if (symptom.kind !== 'build') return unclear(why);
  const same = symptom.what === outcome.what && errorsOf(outcome).some((error) => symptom.errors.includes(error));
  return same ? shown(why) : unclear(`another failure: ${why}`);
}

function lookAtTest(symptom: Extract<Symptom, { kind: 'test' }>, outcome: Ran, known: ReadonlySet<string>): Sight {
  const { name } = symptom;
  const result = outcome.results.find((found) => found.name === name);
  if (!result) return unclear(`it has no test ${name}`);
  const { status, reason } = result;
  if (status === 'pass') return absent(`${name} passes`);
  const story = `${name} is ${status}${reason === '' ? '' : `: ${reason}`}`;
  if (!symptom.statuses.includes(status)) return unclear(story);
  if (!symptom.ends.includes(outcome.end.kind)) return unclear(`${story}; ${describeEnd(outcome.end)}`);
  const other = outcome.findings.find((finding) => !known.has(finding.fingerprint) && isHeld(finding, {}));
  return other ? unclear(`${story}, and the kernel reports what neither end does: ${other.title}`) : shown(story);
}

function lookAtBoot({ end, fingerprints }: Extract<Symptom, { kind: 'boot' }>, outcome: Ran): Sight {
  if (outcome.end.kind === 'complete') return absent('it boots and comes to its last test');
  const why = describeEnd(outcome.end);
  if (outcome.end.kind !== end) return unclear(why);
  const seen = outcome.findings.map(({ fingerprint }) => fingerprint);
  const same = fingerprints.length === 0 ? seen.length === 0 : fingerprints.some((fingerprint) => seen.includes(fingerprint));
  return same ? shown(why) : unclear(`another fault: ${outcome.findings[0]?.title ?? why}`);
}
