import type { Expectations, Reason, SideOutcome } from '../model.js';
import { describeEnd } from './decide.js';
import { FAILING, errorsOf, whyNotRun, type Sight } from './symptom.js';

/** What is bad about a kernel that is looked at by itself, as somebody who drives `git bisect run` says it. */
export type StepFault =
  /** The test does not pass; without a name, one of those that were asked for. */
  | { readonly kind: 'test'; readonly name: string | undefined }
  /** A part of a finding's title, or its fingerprint. */
  | { readonly kind: 'finding'; readonly text: string }
  /** It does not build, with this text in an error where one is given. */
  | { readonly kind: 'build'; readonly text: string | undefined }
  /** It does not come to its last test, with this text in how it ends or in what the kernel reports where one is given. */
  | { readonly kind: 'boot'; readonly text: string | undefined };

type Ran = Extract<SideOutcome, { kind: 'ran' }>;

export interface StepQuestion {
  readonly fault: StepFault;
  /** Parts of titles of reports that are there anyway. */
  readonly known: readonly string[];
  /** What the suite knows of its tests. */
  readonly expected: Expectations;
}

const shown = (why: string): Sight => ({ mark: 'shown', why });
const absent = (why: string): Sight => ({ mark: 'absent', why });
const unclear = (why: string): Sight => ({ mark: 'unclear', why });

/** In words: what counts as bad. */
export function describeFault(fault: StepFault): string {
  const withText = (text: string | undefined): string => (text === undefined ? '' : ` (${text})`);
  switch (fault.kind) {
    case 'test':
      return fault.name === undefined ? 'one of the tests does not pass' : `the test ${fault.name} does not pass`;
    case 'finding':
      return `the kernel reports: ${fault.text}`;
    case 'build':
      return `it does not build${withText(fault.text)}`;
    case 'boot':
      return `it does not come to its last test${withText(fault.text)}`;
  }
}

/** What a kernel shows of a fault. Anything else that goes wrong makes it unclear, and never `shown`. */
export function lookAtStep({ fault, known, expected }: StepQuestion, outcome: SideOutcome): Sight {
  if (outcome.kind === 'build-failed') {
    const why = whyNotRun(outcome);
    if (fault.kind !== 'build') return unclear(why);
    const { text } = fault;
    return text === undefined || errorsOf(outcome).some((error) => error.includes(text)) ? shown(why) : unclear(`another failure: ${why}`);
  }
  if (outcome.kind !== 'ran') return unclear(whyNotRun(outcome));
  if (fault.kind === 'build') return absent('it builds');
  if (outcome.end.kind === 'corrupt') return unclear(describeEnd(outcome.end));
  switch (fault.kind) {
    case 'test':
      return lookAtTests(fault.name, known, expected, outcome);
    case 'finding': {
      const found = outcome.findings.find(({ title, fingerprint }) => fingerprint === fault.text || title.includes(fault.text));
      if (found) return shown(`the kernel reports: ${found.title}`);
      return outcome.end.kind === 'complete' ? absent('the kernel does not report it') : unclear(describeEnd(outcome.end));
    }
    case 'boot':
      return lookAtBoot(fault.text, outcome);
  }
}

function lookAtTests(name: string | undefined, known: readonly string[], expected: Expectations, { results, end, findings }: Ran): Sight {
  const asked = name === undefined ? results : results.filter((result) => result.name === name);
  if (asked.length === 0) return unclear(name === undefined ? 'it has no result' : `it has no test ${name}`);
  const isExpected = (test: string): boolean => name === undefined && expected[test]?.status === 'fail';
  const failing = asked.find((result) => FAILING.has(result.status) && !(result.status === 'fail' && isExpected(result.name)));
  if (!failing) {
    const silent = asked.find(({ status }) => status === 'missing');
    if (silent) return unclear(`${silent.name} is missing${silent.reason === '' ? '' : `: ${silent.reason}`}`);
    if (asked.some(({ status }) => status === 'pass')) return absent(name === undefined ? 'no test fails' : `${name} passes`);
    return unclear(name === undefined ? 'no test passes: all are skipped' : `${name} is skipped`);
  }
  const story = `${failing.name} is ${failing.status}${failing.reason === '' ? '' : `: ${failing.reason}`}`;
  if (end.kind !== 'complete') return unclear(`${story}; ${describeEnd(end)}`);
  const other = findings.find(({ title, fingerprint }) => !known.some((text) => fingerprint === text || title.includes(text)));
  return other ? unclear(`${story}, and the kernel reports: ${other.title}`) : shown(story);
}

function lookAtBoot(text: string | undefined, { end, findings }: Ran): Sight {
  if (end.kind === 'complete') return absent('it boots and comes to its last test');
  const why = describeEnd(end);
  const isMeant = text === undefined || why.includes(text) || findings.some(({ title, fingerprint }) => fingerprint === text || title.includes(text));
  return isMeant ? shown(why) : unclear(`another fault: ${findings[0]?.title ?? why}`);
}

export interface StepVerdict {
  readonly verdict: 'good' | 'bad' | 'untestable';
  /** As `git bisect run` understands it. */
  readonly exitCode: 0 | 1 | 125;
  readonly reasons: readonly Reason[];
}

/** What `git bisect run` is to be told. */
export function decideStep({ mark, why }: Sight): StepVerdict {
  switch (mark) {
    case 'absent':
      return { verdict: 'good', exitCode: 0, reasons: [{ code: 'step.good', text: why }] };
    case 'shown':
      return { verdict: 'bad', exitCode: 1, reasons: [{ code: 'step.bad', text: why }] };
    case 'unclear':
      return { verdict: 'untestable', exitCode: 125, reasons: [{ code: 'step.skip', text: why }] };
  }
}
