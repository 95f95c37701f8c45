import type { Finding, Reason, SideOutcome } from '../../model.js';
import { isRateKnown, runsForGood, type Rate } from '../../verdict/runs-needed.js';
import { describeSymptom, differingSymptom, findSymptom, look, type Symptom, type SymptomRequest } from '../../verdict/symptom.js';
import { askKernel, buildKernel, questionOf, writeStep, type Bench, type Kernel } from './inspect.js';
import type { Journal, Proven } from './journal.js';
import type { Point } from './point.js';

export interface EndsRequest<P extends Point = Point> {
  /** The end that shows it. */
  readonly bad: P;
  /** The end that does not. */
  readonly good: P;
  /** Undefined for what the ends differ in. */
  readonly symptom: SymptomRequest | undefined;
  readonly confidence: number;
  /** How many kernels may be taken for good on the way. */
  readonly steps: number;
}

/** Why the ends do not prove what is claimed of them. */
export interface Unproven {
  readonly kind: 'unproven';
  readonly reason: Reason;
}

const unproven = (code: string, text: string): Unproven => ({ kind: 'unproven', reason: { code: `bisect.${code}`, text } });

function fingerprintsOf(outcomes: readonly SideOutcome[]): readonly string[] {
  const findings: readonly Finding[] = outcomes.flatMap((outcome) => (outcome.kind === 'ran' ? outcome.findings : []));
  return [...new Set(findings.map(({ fingerprint }) => fingerprint))];
}

/** What is searched for, as the bad end shows it, and the outcomes that were seen until it did. */
async function searchSymptom(request: EndsRequest, bad: Kernel, good: Kernel, seen: SideOutcome[]): Promise<Symptom | Unproven> {
  if (request.symptom === undefined) {
    const first = await bad.boot(false);
    const found = differingSymptom(await good.boot(false), first);
    seen.push(first);
    if ('kind' in found) return found;
    return found.length === 0
      ? unproven('no-difference', `${request.good.id} and ${request.bad.id} do not differ in a test, a report, the build or the boot`)
      : unproven('many-differences', `${request.bad.id} shows ${found.length} things that ${request.good.id} does not: ${found.join('; ')}`);
  }
  for (;;) {
    const outcome = await bad.boot(false);
    seen.push(outcome);
    const found = findSymptom(request.symptom, outcome);
    if (typeof found !== 'string') return found;
    // One that comes and goes may need several boots until it is seen once.
    if (outcome.kind !== 'ran' || isRateKnown({ bad: 0, runs: seen.length }, request.confidence, request.steps)) {
      const times = seen.length === 1 ? '' : ` (${seen.length} boots)`;
      return unproven('not-shown', `${request.bad.id} does not show what is searched for: ${found}${times}`);
    }
  }
}

async function rateOf(request: EndsRequest, bad: Kernel, symptom: Symptom, seen: SideOutcome[]): Promise<Rate> {
  const known = new Set(fingerprintsOf(seen));
  const isShown = (outcome: SideOutcome): boolean => look(symptom, outcome, known).mark === 'shown';
  // What does not build does so always.
  if (bad.prepared.kind === 'failed') return { bad: 1000, runs: 1000 };
  let rate: Rate = { bad: seen.filter(isShown).length, runs: seen.length };
  while (!isRateKnown(rate, request.confidence, request.steps)) {
    const outcome = await bad.boot(false);
    seen.push(outcome);
    for (const fingerprint of fingerprintsOf([outcome])) known.add(fingerprint);
    rate = { bad: rate.bad + (isShown(outcome) ? 1 : 0), runs: rate.runs + 1 };
  }
  return rate;
}

/**
 * Proves both ends: the bad one shows the symptom, at a rate that says how often a kernel has to be without it; the good
 * one is without it so often. Both become steps of the journal.
 */
export async function proveEnds<P extends Point>(bench: Bench<P>, journal: Journal, request: EndsRequest<P>): Promise<Proven | Unproven> {
  const known = journal.proven();
  if (known) return known;
  const { clock } = bench.ctx.effects;
  const begun = clock.now();
  const bad = await buildKernel(bench, request.bad);
  const good = await buildKernel(bench, request.good);
  const seen: SideOutcome[] = [];
  const symptom = await searchSymptom(request, bad, good, seen);
  if (symptom.kind === 'unproven') return symptom;
  const rate = await rateOf(request, bad, symptom, seen);
  const needed = runsForGood(rate, request.confidence, request.steps);
  if (needed === undefined) {
    return unproven('too-seldom', `${request.bad.id} shows it in ${rate.bad} of ${rate.runs} boots, which is too seldom for a confidence of ${request.confidence}`);
  }
  const told = { symptom: describeSymptom(symptom), confidence: request.confidence, shown: rate.bad, runs: rate.runs, needed };
  bench.ctx.progress({ type: 'notice', level: 'info', text: endsText(request, told) });
  const shown = await askKernel(good, questionOf(symptom, fingerprintsOf(seen), needed), false);
  if (shown.mark !== 'absent') {
    const what = shown.mark === 'shown' ? 'shows it too' : 'cannot be judged';
    return unproven('good-end', `${request.good.id} ${what}: ${shown.why} (boot ${shown.rate.runs})`);
  }
  const reports = good.boots().flatMap(({ findings }) => findings.map(({ fingerprint }) => fingerprint));
  await writeStep(journal, bad, { mark: 'shown', why: describeSymptom(symptom), rate }, clock.now() - begun);
  await writeStep(journal, good, shown, 0);
  const proven: Proven = { symptom, known: [...new Set([...fingerprintsOf(seen), ...reports])], ends: told };
  await journal.prove(proven);
  return proven;
}

function endsText({ bad, confidence }: EndsRequest, { symptom, shown, runs, needed }: Proven['ends']): string {
  const times = runs >= 1000 ? '' : ` in ${shown} of ${runs} boots`;
  return `searching: ${symptom}; ${bad.id} shows it${times}, so a kernel without it in ${needed === 1 ? 'one boot' : `${needed} boots`} counts as good (confidence ${confidence})`;
}
