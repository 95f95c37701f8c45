import type { Step } from '../../evidence/bisect-schema.js';

/** How long a step takes; the ends, which are booted often, count for nothing, nor does what was known. */
export function msPerStep(steps: readonly Pick<Step, 'ms'>[]): number | undefined {
  const timed = steps.slice(2).filter(({ ms }) => ms > 0);
  return timed.length === 0 ? undefined : timed.reduce((sum, { ms }) => sum + ms, 0) / timed.length;
}
