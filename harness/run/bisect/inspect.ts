import type { Context } from '../../context.js';
import type { Step } from '../../evidence/bisect-schema.js';
import type { SideOutcome } from '../../model.js';
import type { Stopwatch } from '../../stages.js';
import type { Rate } from '../../verdict/runs-needed.js';
import { look, type Sight, type Symptom } from '../../verdict/symptom.js';
import { sideEvidence, sideFiles } from '../assemble.js';
import { bootOnce, outcomeOf } from '../boot-ready.js';
import { wantsSecondLook, type Boot } from '../boot-side.js';
import type { Plan } from '../plan.js';
import type { PreparedSide, SideRecord } from '../side.js';
import type { Journal } from './journal.js';
import type { Point } from './point.js';

/** What is asked of a kernel. */
export interface Question {
  readonly look: (outcome: SideOutcome) => Sight;
  /** How often in a row it must be without the symptom. */
  readonly needed: number;
}

/**
 * Asks for a symptom.
 * @param known fingerprints of what the ends report
 */
export function questionOf(symptom: Symptom, known: Iterable<string>, needed: number): Question {
  const fingerprints = new Set(known);
  return { look: (outcome) => look(symptom, outcome, fingerprints), needed };
}

/** A kernel that was built, or was not, and the boots it has seen in this bisection. */
export interface Kernel {
  readonly point: Point;
  readonly prepared: PreparedSide;
  /** Boots it once more and says what came of it; for one that could not be built, what kept it from that. */
  readonly boot: (fresh: boolean) => Promise<SideOutcome>;
  readonly boots: () => readonly Boot[];
}

/** What a kernel showed in several boots. */
export interface Shown extends Sight {
  readonly rate: Rate;
}

/** Everything that the kernels of a bisection have in common. */
export interface Bench<P extends Point = Point> {
  readonly ctx: Context;
  readonly stopwatch: Stopwatch;
  readonly plan: Plan;
  /** Builds the kernel of a point and packs its guest, or takes them from the cache. */
  readonly prepare: (point: P) => Promise<PreparedSide>;
}

/** A kernel that says nothing twice is asked no more. */
const MOST_UNCLEAR = 2;

/** Builds the kernel of a point, or takes it from the cache. */
export async function buildKernel<P extends Point>({ ctx, stopwatch, plan, prepare }: Bench<P>, point: P): Promise<Kernel> {
  const prepared = await prepare(point);
  const boots: Boot[] = [];
  return {
    ...{ point, prepared },
    boots: () => boots,
    boot: async (fresh) => {
      if (prepared.kind === 'failed') return prepared.outcome;
      const boot = await bootOnce(ctx, stopwatch, plan, point.id, prepared, { round: boots.length, fresh: fresh || plan.fresh });
      boots.push(boot);
      return outcomeOf(prepared, [boot]) ?? { kind: 'config-failed', misses: [], detail: 'it was not booted' };
    },
  };
}

/**
 * Boots a kernel until it has shown the symptom, or was without it as often as is asked for.
 * @param fresh leaves out what earlier boots of it are known to have shown
 */
export async function askKernel(kernel: Kernel, question: Question, fresh: boolean): Promise<Shown> {
  const { look: see, needed } = question;
  if (kernel.prepared.kind === 'failed') {
    const sight = see(kernel.prepared.outcome);
    return { ...sight, rate: { bad: sight.mark === 'shown' ? 1 : 0, runs: 1 } };
  }
  let runs = 0;
  let absent = 0;
  let unclear = 0;
  for (;;) {
    const sight = see(await kernel.boot(fresh));
    runs += 1;
    if (sight.mark === 'shown') {
      // A hang may be the host's doing: it counts when it comes again.
      const last = kernel.boots().at(-1);
      if (last === undefined || !wantsSecondLook(last)) return { ...sight, rate: { bad: 1, runs } };
      const second = see(await kernel.boot(true));
      if (second.mark === 'shown') return { ...sight, rate: { bad: 2, runs: runs + 1 } };
      return { mark: 'unclear', why: `${sight.why}; on a second look: ${second.why}`, rate: { bad: 1, runs: runs + 1 } };
    }
    if (sight.mark === 'absent') absent += 1;
    else unclear += 1;
    if (sight.mark === 'absent' && absent >= needed) return { ...sight, rate: { bad: 0, runs } };
    if (unclear >= MOST_UNCLEAR) return { ...sight, mark: 'unclear', rate: { bad: 0, runs } };
  }
}

function digestsOf(prepared: PreparedSide): Pick<Step, 'vmlinux' | 'initramfs'> {
  return prepared.kind === 'ready' ? { vmlinux: prepared.build.image.digest, initramfs: prepared.guest.digest } : {};
}

/** A folder name for a point's files. */
function folderOf({ id }: Point): string {
  return id.replace(/[^\w.-]+/g, '-');
}

/** Writes down what a kernel showed. */
export async function writeStep(journal: Journal, kernel: Kernel, shown: Shown, ms: number, sameAs?: string): Promise<Step> {
  const { point, prepared } = kernel;
  const record: SideRecord = { ...prepared.record, boots: kernel.boots().slice(-1) };
  const folder = folderOf(point);
  const step: Step = {
    ...{ point: point.id, subject: point.subject, mark: shown.mark, why: shown.why, shown: shown.rate.bad, runs: shown.rate.runs },
    ...digestsOf(prepared),
    ...(sameAs === undefined ? {} : { sameAs }),
    ...{ ms, side: sideEvidence(folder, record) },
  };
  await journal.add(step, sideFiles(folder, record));
  return step;
}

/**
 * What a point shows: as the journal has it, as another point with the same kernel showed it, or by building and booting it.
 * @param begun when work on it began, where some of it was done before
 */
export async function inspect<P extends Point>(bench: Bench<P>, journal: Journal, point: P, question: Question, begun = bench.ctx.effects.clock.now()): Promise<Step> {
  const known = journal.steps().find((step) => step.point === point.id);
  if (known) return known;
  const { clock } = bench.ctx.effects;
  const kernel = await buildKernel(bench, point);
  const { vmlinux, initramfs } = digestsOf(kernel.prepared);
  const same = vmlinux === undefined ? undefined : journal.steps().find((step) => step.vmlinux === vmlinux && step.initramfs === initramfs);
  if (same) {
    const shown: Shown = { mark: same.mark, why: same.why, rate: { bad: 0, runs: 0 } };
    return writeStep(journal, kernel, shown, clock.now() - begun, same.point);
  }
  const shown = await askKernel(kernel, question, false);
  return writeStep(journal, kernel, shown, clock.now() - begun);
}
