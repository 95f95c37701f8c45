import type { Reason } from '../model.js';

/** One thing that was looked at again once a culprit was known. */
export interface Confirmation {
  /** `its parent again`, `it again`, `the tip without it`. */
  readonly what: string;
  /** Undefined when it could not be looked at. */
  readonly held?: boolean | undefined;
  readonly text: string;
}

/** What a bisection has come to. */
export interface BisectionState {
  /** Why the ends do not prove what is claimed of them; undefined when they do. */
  readonly ends: Reason | undefined;
  /** The points among which the first that differs is, in order, as far as the search came. */
  readonly suspects: readonly string[];
  /** Two points that contradict each other, in words. */
  readonly contradiction: string | undefined;
  readonly confirmations: readonly Confirmation[];
}

export interface BisectionVerdict {
  readonly verdict: 'found' | 'untestable';
  readonly exitCode: 0 | 125;
  readonly reasons: readonly Reason[];
  readonly culprit: string | undefined;
  readonly suspects: readonly string[];
}

/**
 * What a bisection proves. A culprit is found when it is the only suspect and was seen again: it shows what its parent does
 * not. That the tip without it is well is told, and not demanded: others may have built on it.
 */
export function decideBisection({ ends, suspects, contradiction, confirmations }: BisectionState): BisectionVerdict {
  const untestable = (reasons: readonly Reason[]): BisectionVerdict => ({
    ...{ verdict: 'untestable', exitCode: 125, reasons, culprit: undefined, suspects },
  });
  if (ends) return untestable([ends]);
  if (contradiction !== undefined) return untestable([{ code: 'bisect.contradiction', text: contradiction }]);
  const [only] = suspects;
  if (only === undefined || suspects.length > 1) {
    const text = `the range cannot be narrowed further: it is one of ${suspects.length} points, of which none but the last could be judged`;
    return untestable([{ code: 'bisect.range', text }]);
  }
  const demanded = confirmations.filter(({ what }) => what !== WITHOUT && what !== WITHOUT_OPTIONS);
  if (demanded.length < 2) return untestable([{ code: 'bisect.unconfirmed', text: `${only} and what is before it were not both looked at again` }]);
  const failed = demanded.filter(({ held }) => held !== true);
  if (failed.length > 0) return untestable(failed.map(({ what, text }) => ({ code: 'bisect.unconfirmed', text: `${what}: ${text}` })));
  return { verdict: 'found', exitCode: 0, reasons: [], culprit: only, suspects };
}

/** The confirmations that are not demanded. */
export const WITHOUT = 'the tip without it';
export const WITHOUT_OPTIONS = 'the bad configuration without them';
