import type { Context } from '../../context.js';
import { expectationsIn } from '../../spec/suite.js';
import type { Stopwatch } from '../../stages.js';
import { lookAtStep, type StepFault } from '../../verdict/step.js';
import { withTree } from '../healed-tree.js';
import type { Plan } from '../plan.js';
import { prepareSide } from '../prepare-side.js';
import type { PreparedSide, SideRecord } from '../side.js';
import { askKernel, buildKernel, type Shown } from './inspect.js';
import type { Point } from './point.js';

export interface StepRequest {
  readonly fault: StepFault;
  /** Parts of titles of reports that are there anyway. */
  readonly known: readonly string[];
}

/** What a kernel showed by itself, and what was done for it. */
export interface LookedAt {
  readonly record: SideRecord;
  readonly shown: Shown;
}

/** Builds the kernel of a plan, without a series, and boots it until it has shown the fault or was without it as often as was asked. */
export async function lookAtKernel(ctx: Context, stopwatch: Stopwatch, plan: Plan, { fault, known }: StepRequest): Promise<LookedAt> {
  const prepare = async ({ id }: Point): Promise<PreparedSide> =>
    withTree(ctx, stopwatch, plan, (shared) => prepareSide(ctx, stopwatch, { ...shared, what: id, series: plan.series }));
  const kernel = await buildKernel({ ctx, stopwatch, plan, prepare }, { id: 'kernel', subject: '' });
  const question = { fault, known, expected: expectationsIn(plan.suite) };
  const look = { look: (outcome: Parameters<typeof lookAtStep>[1]) => lookAtStep(question, outcome), needed: plan.repeat };
  // What builds need not be booted to say so.
  if (fault.kind === 'build' && kernel.prepared.kind === 'ready') {
    return { record: kernel.prepared.record, shown: { mark: 'absent', why: 'it builds', rate: { bad: 0, runs: 0 } } };
  }
  const shown = await askKernel(kernel, look, false);
  return { record: { ...kernel.prepared.record, boots: kernel.boots() }, shown };
}
