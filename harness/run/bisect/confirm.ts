import type { Step } from '../../evidence/bisect-schema.js';
import { WITHOUT, type Confirmation } from '../../verdict/bisection.js';
import { askKernel, buildKernel, type Bench, type Question } from './inspect.js';
import type { Journal } from './journal.js';
import type { Point } from './point.js';

export interface ConfirmRequest<P extends Point> {
  readonly parent: P;
  readonly culprit: P;
  /** The tip without the culprit alone; undefined where there is nothing but the culprit. */
  readonly without: P | undefined;
  /** What that is called. */
  readonly withoutLabel?: string;
  /** Whether the change that fixes was searched for. */
  readonly fixed: boolean;
}

type Mark = Step['mark'];

async function seeAgain<P extends Point>(bench: Bench<P>, what: string, point: P, question: Question, expected: Mark): Promise<Confirmation> {
  const kernel = await buildKernel(bench, point);
  if (kernel.prepared.kind === 'failed' && kernel.prepared.outcome.kind === 'rejected') {
    return { what, held: undefined, text: 'it does not revert cleanly: later patches build on it' };
  }
  const { mark, why, rate } = await askKernel(kernel, question, true);
  const boots = kernel.boots().length === 0 ? '' : ` (${rate.runs === 1 ? 'one boot' : `${rate.runs} boots`})`;
  return { what, held: mark === 'unclear' ? undefined : mark === expected, text: `${why}${boots}` };
}

/** Looks again at what tells a culprit: its parent, itself, and the tip without it. Of the steps of the search nothing is taken. */
export async function confirm<P extends Point>(
  bench: Bench<P>,
  journal: Journal,
  question: Question,
  { parent, culprit, without, withoutLabel = WITHOUT, fixed }: ConfirmRequest<P>,
): Promise<readonly Confirmation[]> {
  const [before, after]: readonly [Mark, Mark] = fixed ? ['shown', 'absent'] : ['absent', 'shown'];
  const wanted: readonly (readonly [what: string, point: P, mark: Mark])[] = [
    [`its parent (${parent.id}) again`, parent, before],
    [`${culprit.id} again`, culprit, after],
    ...(without === undefined ? [] : [[withoutLabel, without, before] as const]),
  ];
  for (const [what, point, mark] of wanted) {
    if (journal.confirmations().some((one) => one.what === what)) continue;
    await journal.confirm(await seeAgain(bench, what, point, question, mark));
  }
  return journal.confirmations();
}
