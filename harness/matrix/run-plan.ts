import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Context } from '../context.js';
import { HarnessError, messageOf, usageError } from '../errors.js';
import { EVIDENCE_VERSION, type Evidence, type WalkEvidence } from '../evidence/schema.js';
import { matrixEvidenceSchema, type MatrixCell, type MatrixEvidence } from '../evidence/matrix-schema.js';
import type { MatrixPlan, PlanCell, PlanPart } from '../evidence/plan-schema.js';
import { evidenceHome, evidenceName, refuseUsedFolder } from '../evidence/write.js';
import { Interrupted } from '../host/interruption.js';
import { jsonDocument } from '../json-document.js';
import { judge, walk } from '../pipeline.js';
import type { JudgeRequest } from '../request.js';
import { choices } from '../spec/nearest.js';
import { writeError } from '../store/atomic.js';
import { alongOf } from './along.js';
import { openSeriesReader } from './series-reader.js';
import { cellName, matrixVerdict } from './verdict.js';

/** A plan, or one shard of it, to be carried out here. */
export interface PlanRunRequest {
  readonly plan: MatrixPlan;
  /** Undefined for all of it. */
  readonly shard: string | undefined;
  /** Absolute path of the evidence folder; undefined for a new one. */
  readonly out: string | undefined;
  readonly version: string;
  readonly command: readonly string[];
  /** What the plan asks of one cell. */
  readonly requestOf: (cell: PlanCell) => Promise<JudgeRequest>;
}

/** What becomes one cell of the evidence. */
interface Work {
  readonly id: string;
  readonly cell: PlanCell;
  /** Of a shard of a walk. */
  readonly range: PlanPart['range'];
}

export interface MatrixDone {
  readonly evidence: MatrixEvidence;
  /** Where it lies. */
  readonly folder: string;
}

/** @throws HarnessError `usage` `plan.shard` */
function workOf(plan: MatrixPlan, shard: string | undefined): readonly Work[] {
  if (shard === undefined) return plan.cells.map((cell) => ({ id: cell.id, cell, range: undefined }));
  const found = plan.shards.find(({ id }) => id === shard);
  if (!found) {
    throw usageError('plan.shard', `this plan has no shard "${shard.slice(0, 100)}"`, { hint: choices(shard, plan.shards.map(({ id }) => id)) });
  }
  return plan.cells.flatMap((cell) => cell.parts.filter(({ id }) => found.parts.includes(id)).map(({ id, range }) => ({ id, cell, range })));
}

/**
 * That the series is still the one that was planned, told before anything is built.
 * @throws HarnessError `usage` `plan.series`
 */
async function checkSeries(ctx: Context, works: readonly Work[], requestOf: PlanRunRequest['requestOf']): Promise<void> {
  const [first] = works;
  if (!first) return;
  const read = openSeriesReader(ctx, await requestOf(first.cell));
  for (const { cell } of works) {
    if (cell.series === undefined) continue;
    const now = await read(cell.kernel);
    if (now?.digest === cell.series) continue;
    throw usageError('plan.series', `the series for --kernel ${cell.kernel} is another than the one that was planned (${now?.digest.slice(0, 12) ?? 'none'} instead of ${cell.series.slice(0, 12)})`, {
      hint: 'check out what the plan was made from, or make a new plan',
    });
  }
}

/** What of a verdict the whole tells. */
export function judgedOutcome(evidence: Evidence | WalkEvidence, folder: string): MatrixCell['outcome'] {
  const { verdict, kernel, series, maintainers } = evidence;
  return {
    ...{ kind: 'judged', name: verdict.name, exitCode: verdict.exitCode, folder, along: evidence.kind === 'walk' ? alongOf(evidence) : [] },
    reasons: verdict.reasons.map((reason) => ({ ...reason })),
    kernel: { version: kernel.version, label: kernel.label, digest: kernel.digest },
    series: { name: series.name, digest: series.digest, title: series.title, patches: series.patches.length, letters: series.letters },
    ...(maintainers === undefined ? {} : { maintainers }),
  };
}

/** Where the evidence of a cell is in that of the whole. */
export function cellFolder(id: string): string {
  return `cells/${id}`;
}

async function outcomeOf(ctx: Context, request: PlanRunRequest, { id, cell, range }: Work, home: string): Promise<MatrixCell['outcome']> {
  const folder = cellFolder(id);
  try {
    const asked = { ...(await request.requestOf(cell)), out: join(home, folder) };
    const { from, to } = range ?? { from: 0, to: undefined };
    const { evidence } = request.plan.judges === 'run' ? await judge(ctx, asked) : await walk(ctx, { ...asked, from, to, isPart: range !== undefined });
    return judgedOutcome(evidence, folder);
  } catch (thrown) {
    // One cell that fails takes no verdict from the others.
    if (thrown instanceof Interrupted) throw thrown;
    const known = thrown instanceof HarnessError ? thrown : undefined;
    const hint = known?.hint === undefined ? {} : { hint: known.hint };
    return { kind: 'failed', fault: known?.kind ?? 'host', code: known?.code ?? 'internal', message: messageOf(thrown), ...hint };
  }
}

/**
 * Judges all cells of a plan, or of one shard, one after the other, and writes their evidence and one of all. A cell that
 * fails by a fault of the host or of the request is told as that, and the others are judged.
 * @throws HarnessError `usage` `plan.shard`, `plan.series`; `host` when the evidence cannot be written; Interrupted
 */
export async function runPlan(ctx: Context, request: PlanRunRequest): Promise<MatrixDone> {
  const { plan, shard, version, command } = request;
  const { clock } = ctx.effects;
  const works = workOf(plan, shard);
  if (plan.respin !== version) throw usageError('plan.version', `the plan was made by respin ${plan.respin}, and this is ${version}`, { hint: 'use the same version on every machine' });
  if (request.out !== undefined) await refuseUsedFolder(ctx, request.out);
  await checkSeries(ctx, works, request.requestOf);
  const [begun, startedAt] = [clock.now(), clock.date()];
  return writeMatrix(ctx, request.out ?? join(evidenceHome(ctx), evidenceName(startedAt, ['matrix', shard ?? plan.digest.slice(0, 12)])), async (home) => {
    const cells: MatrixCell[] = [];
    for (const [index, work] of works.entries()) {
      const { id, range, cell: { kernel, profile } } = work;
      const named = { id, kernel, profile, ...(range === undefined ? {} : { range }) };
      ctx.progress({ type: 'notice', level: 'info', text: `cell ${index + 1} of ${works.length}: ${cellName(named)}` });
      const since = clock.now();
      cells.push({ ...named, outcome: await outcomeOf(ctx, request, work, home), ms: clock.now() - since });
    }
    return {
      ...{ version: EVIDENCE_VERSION, kind: 'matrix', respin: version, command: [...command], startedAt: startedAt.toISOString(), plan },
      ...(shard === undefined ? {} : { shard }),
      ...{ cells, verdict: matrixVerdict(cells), totalMs: clock.now() - begun },
    };
  });
}

/**
 * Has evidence of a matrix made in a temporary folder beside `folder`, and renames it: it is whole or not there.
 * @param fill writes the evidence of the cells below the folder it is given
 * @throws HarnessError `host` when it cannot be written; what `fill` throws
 */
export async function writeMatrix(ctx: Context, folder: string, fill: (home: string) => Promise<MatrixEvidence>): Promise<MatrixDone> {
  const { files } = ctx.effects;
  const temporary = join(dirname(folder), `.respin-${randomUUID()}`);
  try {
    await files.mkdir(temporary, { recursive: true }).catch((thrown: unknown) => {
      throw writeError(folder, thrown);
    });
    const evidence = matrixEvidenceSchema.parse(await fill(temporary));
    await files.writeFile(join(temporary, 'evidence.json'), jsonDocument(evidence)).catch((thrown: unknown) => {
      throw writeError(folder, thrown);
    });
    await files.rename(temporary, folder).catch((thrown: unknown) => {
      throw writeError(folder, thrown);
    });
    return { evidence, folder };
  } catch (thrown) {
    await files.rm(temporary, { recursive: true, force: true });
    throw thrown;
  }
}
