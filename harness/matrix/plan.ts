import { usageError } from '../errors.js';
import { PLAN_VERSION, type MatrixPlan, type PlanCell, type PlanOptions, type PlanPart } from '../evidence/plan-schema.js';
import { keyOf } from '../store/digest.js';
import { balance } from './balance.js';
import type { Cost } from './estimate.js';

/** As many jobs as a matrix of GitHub has at most. */
export const MOST_SHARDS = 256;

/** A kernel with a profile, and the series as it is for that kernel. */
export interface CellRequest {
  readonly kernel: string;
  readonly profile: string;
  /** Its digest; undefined where only the kernel itself tells. */
  readonly series: string | undefined;
  /** How many patches it has; needed for a walk. */
  readonly patches: number | undefined;
}

export interface PlanRequest {
  readonly respin: string;
  readonly judges: 'run' | 'walk';
  readonly series: readonly string[];
  readonly kernelNamed: boolean;
  readonly options: PlanOptions;
  readonly cells: readonly CellRequest[];
  readonly shards: number;
  readonly cost: (kernel: string, profile: string) => Cost;
}

/** Into how many ranges of about `targetMs` the prefixes of a walk go; each more costs a base of its own. */
function piecesOf({ baseMs, stepMs }: Cost, patches: number, targetMs: number): number {
  const forSteps = targetMs - baseMs - stepMs;
  if (forSteps <= stepMs) return Math.max(1, Math.min(patches, Math.ceil((baseMs + patches * stepMs) / targetMs)));
  return Math.max(1, Math.min(patches, Math.ceil((patches * stepMs) / forSteps)));
}

/** Ranges that cover 0 to `patches`; each begins where the one before ends, with the kernel that it is judged against. */
function rangesOf(patches: number, pieces: number): readonly { readonly from: number; readonly to: number }[] {
  return Array.from({ length: pieces }, (_, index) => ({
    from: Math.floor((patches * index) / pieces),
    to: Math.floor((patches * (index + 1)) / pieces),
  }));
}

function totalOf({ baseMs, stepMs }: Cost, steps: number): number {
  return Math.round(baseMs + steps * stepMs);
}

function partsOf(id: string, cell: CellRequest, request: PlanRequest, cost: Cost, targetMs: number): readonly PlanPart[] {
  if (request.judges === 'run') return [{ id, ms: totalOf(cost, 1) }];
  const patches = cell.patches ?? 0;
  const pieces = request.shards === 1 ? 1 : piecesOf(cost, patches, targetMs);
  // A later range builds the prefix that it is judged against as well.
  return rangesOf(patches, pieces).map((range) => ({
    id: pieces === 1 ? id : `${id}-p${range.from}-${range.to}`,
    range,
    ms: totalOf(cost, range.to - range.from + (range.from > 0 ? 1 : 0)),
  }));
}

/** `6.12-plain-1a2b3c4d`: for people, and different for different content. */
function cellId({ kernel, profile, series }: CellRequest, asked: string): string {
  const safe = kernel.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^[-.]+/, '').slice(0, 40) || 'kernel';
  return `${safe}-${profile}-${keyOf({ kernel, profile, series, asked }).slice(0, 8)}`;
}

/**
 * Plans kernels and profiles on machines. The same request gives the same plan, byte for byte.
 * @throws HarnessError `usage` `plan.twice` when a cell is asked for twice, `plan.patches` for a walk along a series of which the length is not known
 */
export function makePlan(request: PlanRequest): MatrixPlan {
  const { respin, judges, series, kernelNamed, options, shards } = request;
  const costs = request.cells.map((cell) => ({ cell, cost: request.cost(cell.kernel, cell.profile) }));
  const nameless = request.cells.find(({ patches }) => patches === undefined || patches === 0);
  if (judges === 'walk' && nameless) {
    throw usageError('plan.patches', `how many patches the series has for --kernel ${nameless.kernel} is not known before that kernel is there`, {
      hint: 'name the kernel by its version, such as --kernel 6.12, or a series that is the same for every kernel',
    });
  }
  const all = costs.reduce((total, { cell, cost }) => total + totalOf(cost, judges === 'run' ? 1 : (cell.patches ?? 0)), 0);
  const asked = keyOf({ judges, options });
  const cells = costs.map(({ cell, cost }): PlanCell => {
    const id = cellId(cell, asked);
    const { kernel, profile } = cell;
    return { id, kernel, profile, ...(cell.series === undefined ? {} : { series: cell.series }), parts: [...partsOf(id, cell, request, cost, all / shards)] };
  });
  const ids = new Set<string>();
  for (const { id, kernel, profile } of cells) {
    if (ids.has(id)) throw usageError('plan.twice', `--kernel ${kernel} with --profile ${profile} is asked for twice`);
    ids.add(id);
  }
  const order = new Map(cells.flatMap(({ parts }) => parts).map(({ id }, index) => [id, index]));
  const shares = balance(cells.flatMap(({ parts }) => parts), shards).map(({ ids: share, ms }) => ({
    ms,
    parts: [...share].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)),
  }));
  const content = { version: PLAN_VERSION as typeof PLAN_VERSION, kind: 'plan' as const, respin, judges, series: [...series], kernelNamed, options, cells };
  const digest = planDigest({ ...content, shards: shares });
  return { ...content, digest, shards: shares.map((share, index) => ({ id: `${index + 1}of${shares.length}-${digest.slice(0, 12)}`, ...share })) };
}

/** The digest that a plan has to have: of all of it but the digest and what is made from it. */
export function planDigest(plan: Omit<MatrixPlan, 'digest' | 'shards'> & { readonly shards: readonly Pick<MatrixPlan['shards'][number], 'ms' | 'parts'>[] }): string {
  const { version, kind, respin, judges, series, kernelNamed, options, cells, shards } = plan;
  return keyOf({ version, kind, respin, judges, series, kernelNamed, options, cells, shards: shards.map(({ ms, parts }) => ({ ms, parts })) });
}
