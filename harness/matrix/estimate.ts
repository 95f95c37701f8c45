import { z } from 'zod';

/** What of earlier evidence tells how long things take. */
export const timedSchema = z.object({
  kind: z.enum(['run', 'walk']),
  kernel: z.object({ spec: z.string() }),
  profile: z.object({ name: z.string() }),
  timings: z.array(z.object({ stage: z.string(), what: z.string(), ms: z.number(), outcome: z.string() })),
});

export type Timed = z.infer<typeof timedSchema>;

/** What one kernel with one profile costs. */
export interface Cost {
  /** Until the base has been built and booted. */
  readonly baseMs: number;
  /** To build and boot what comes behind it: a tip, or the next prefix. */
  readonly stepMs: number;
}

/** On two cores without KVM and with a cold cache; a kernel with a sanitizer has more to compile and boots slower. */
const DEFAULTS: Readonly<Record<string, Cost>> = {
  kasan: { baseMs: 420_000, stepMs: 240_000 },
  lockdep: { baseMs: 300_000, stepMs: 180_000 },
  kmemleak: { baseMs: 300_000, stepMs: 180_000 },
};
const DEFAULT: Cost = { baseMs: 200_000, stepMs: 120_000 };

/** What costs nothing the second time says nothing of the first. */
function wasDone({ outcome }: Timed['timings'][number]): boolean {
  return outcome !== 'reused' && outcome !== 'failed' && outcome !== '0 objects';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function median(numbers: readonly number[]): number | undefined {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** Undefined where the base was not built this time. */
function baseOf({ timings }: Timed): number | undefined {
  const own = timings.filter(({ stage, what }) => ['source', 'tree', 'config'].includes(stage) || what === 'base' || what.startsWith('base,'));
  if (!own.some((timing) => timing.stage === 'build' && wasDone(timing))) return undefined;
  return sum(own.map(({ ms }) => ms));
}

/** For one tip or prefix; undefined where none was built this time. */
function stepOf({ timings }: Timed): number | undefined {
  const own = timings.filter(({ stage, what }) => (stage === 'build' || stage === 'boot') && /^(?:tip|patch \d+)(?:,|$)/.test(what));
  const built = own.filter((timing) => timing.stage === 'build' && wasDone(timing)).length;
  return built === 0 ? undefined : sum(own.filter(wasDone).map(({ ms }) => ms)) / built;
}

/**
 * How long a kernel with a profile takes: the median of what earlier evidence of both says, else of the profile on any kernel, else
 * a figure of this file.
 */
export function estimator(evidence: readonly Timed[]): (kernel: string, profile: string) => Cost {
  const known = new Map<string, Cost>();
  const pick = (kernel: string, profile: string, of: (one: Timed) => number | undefined): number | undefined => {
    const samples = (fits: (one: Timed) => boolean): number | undefined =>
      median(evidence.filter(fits).flatMap((one) => of(one) ?? []));
    return samples((one) => one.profile.name === profile && one.kernel.spec === kernel) ?? samples((one) => one.profile.name === profile);
  };
  return (kernel, profile) => {
    const key = `${kernel}\0${profile}`;
    const fallback = DEFAULTS[profile] ?? DEFAULT;
    const cost = known.get(key) ?? { baseMs: pick(kernel, profile, baseOf) ?? fallback.baseMs, stepMs: pick(kernel, profile, stepOf) ?? fallback.stepMs };
    known.set(key, cost);
    return cost;
  };
}
