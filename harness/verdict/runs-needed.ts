/** What boots of one kernel showed: how often it was bad in how many runs. */
export interface Rate {
  readonly bad: number;
  readonly runs: number;
}

/**
 * How sure one is, before anything is seen, that a fault shows at every run. Most faults of a kernel do, and to ask for
 * dozens of boots of each good kernel would help nobody; what is seen outweighs it.
 */
const ALWAYS_PRIOR = 0.9;
/** A fault that shows less often than this is beyond what boots can tell. */
const MOST_RUNS = 1000;
/** What tells a rate well enough: so many bad runs, or so many runs altogether. */
const ENOUGH_BAD = 8;
const ENOUGH_RUNS = 40;
/** A kernel that was good so often is not shown to be bad by going on. */
const HOPELESS_RUNS = 12;

/**
 * The probability that a kernel with this fault is good `good` times in a row, by Bayes: the fault shows at every run (prior
 * 0.9), or at a rate of which nothing is known (uniform).
 */
export function missProbability({ bad, runs }: Rate, good: number): number {
  const sometimes = missIfSometimes(bad, runs, good);
  if (bad < runs) return sometimes;
  // The chance of `runs` bad ones in a row at an unknown rate is 1 / (runs + 1).
  const always = ALWAYS_PRIOR / (ALWAYS_PRIOR + (1 - ALWAYS_PRIOR) / (runs + 1));
  return good === 0 ? 1 : (1 - always) * sometimes;
}

function missIfSometimes(bad: number, runs: number, good: number): number {
  let probability = 1;
  for (let index = 0; index < good; index += 1) probability *= (runs - bad + 1 + index) / (runs + 2 + index);
  return probability;
}

/**
 * How often a kernel has to be good in a row to count as good.
 * @param rate of the bad end
 * @param confidence in the answer as a whole, such as 0.99
 * @param steps how many kernels are taken for good on the way
 * @returns undefined when the fault shows too seldom for any number of runs
 */
export function runsForGood(rate: Rate, confidence: number, steps: number): number | undefined {
  const allowed = (1 - confidence) / Math.max(1, steps);
  for (let good = 1; good <= MOST_RUNS; good += 1) if (missProbability(rate, good) <= allowed) return good;
  return undefined;
}

/** Whether the bad end was run often enough: so that one good run will do if it was always bad, else until the rate is known. */
export function isRateKnown(rate: Rate, confidence: number, steps: number): boolean {
  if (rate.bad === rate.runs) return rate.runs > 0 && runsForGood(rate, confidence, steps) === 1;
  if (rate.bad === 0) return rate.runs >= HOPELESS_RUNS;
  return rate.bad >= ENOUGH_BAD || rate.runs >= ENOUGH_RUNS;
}
