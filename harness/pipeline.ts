import type { Context } from './context.js';
import { usageError } from './errors.js';
import type { Evidence, WalkEvidence } from './evidence/schema.js';
import { carryOut, type Judged, type JudgeRequest } from './request.js';
import { nothingBuiltAlong, runAlong } from './run/along.js';
import { assembleEvidence, assembleWalkEvidence } from './run/assemble.js';
import { runBothSides } from './run/both-sides.js';
import { decide } from './verdict/decide.js';
import { decideWalk } from './verdict/walk.js';

/**
 * Judges series on a kernel: base and tip are built and booted, their tests and findings compared, and the evidence is
 * written. Every fault of the kernel or of the series is in the verdict.
 * @throws HarnessError `usage` for a request that is wrong; `host` for a host that failed; Interrupted
 */
export async function judge(ctx: Context, request: JudgeRequest): Promise<Judged<Evidence>> {
  return carryOut(ctx, request, async (plan, stopwatch) => {
    const { base, tip, sides } = await runBothSides(ctx, stopwatch, plan);
    return (common) => assembleEvidence({ ...common, base, tip, verdict: decide(sides) });
  });
}

/** A walk as the command line asks for it. */
export interface WalkRequest extends JudgeRequest {
  /** The first patch; 0 is the base. */
  readonly from: number;
  /** The last patch; undefined for the last one there is. */
  readonly to: number | undefined;
}

/**
 * Judges series patch by patch: every prefix is built and booted, and what is promised is looked for on both sides.
 * @throws HarnessError as `judge`; `usage` `walk.range`
 */
export async function walk(ctx: Context, request: WalkRequest): Promise<Judged<WalkEvidence>> {
  return carryOut(ctx, request, async (plan, stopwatch) => {
    const last = plan.series.patches.length;
    const { from, to = last } = request;
    if (from > to || to > last) {
      throw usageError('walk.range', `--from ${from} --to ${to} is no part of ${plan.series.name}, which has patches 1 to ${last}`, {
        hint: 'patch 0 is the base; --from is not after --to',
      });
    }
    const points = await runAlong(ctx, stopwatch, plan, { from, to });
    return (common) => assembleWalkEvidence({ ...common, points, verdict: decideWalk(points, plan.series.promises, nothingBuiltAlong(points)) });
  });
}
