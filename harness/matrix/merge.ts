import { join } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, hostError, messageOf, usageError } from '../errors.js';
import { matrixEvidenceSchema, type MatrixCell, type MatrixEvidence } from '../evidence/matrix-schema.js';
import type { MatrixPlan, PlanCell } from '../evidence/plan-schema.js';
import { EVIDENCE_VERSION } from '../evidence/schema.js';
import { evidenceHome, evidenceName, refuseUsedFolder } from '../evidence/write.js';
import { describeIssues } from '../spec/schema.js';
import { assembleCell, type DonePart } from './merge-cell.js';
import { checkPlan } from './plan-file.js';
import { writeMatrix, type MatrixDone } from './run-plan.js';
import { matrixVerdict } from './verdict.js';

export interface MergeRequest {
  /** Absolute paths: evidence of shards, or folders that hold such. */
  readonly folders: readonly string[];
  /** The plan that they must be of; undefined for the one that they all are of. */
  readonly plan: MatrixPlan | undefined;
  readonly out: string | undefined;
  readonly version: string;
  readonly command: readonly string[];
}

/** The evidence of one shard, and where it lies. */
interface Shard {
  readonly evidence: MatrixEvidence;
  readonly id: string;
  readonly folder: string;
}

async function readText(ctx: Context, path: string): Promise<string | undefined> {
  try {
    return await ctx.effects.files.readFile(path, 'utf8');
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ENOTDIR') return undefined;
    throw hostError('file.read', `cannot read ${path}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** @throws HarnessError `usage` `merge.evidence` */
function parseShard(text: string, folder: string): Shard {
  const refuse = (problem: string): Error => usageError('merge.evidence', `${folder} is no evidence of a shard: ${problem}`, { hint: '"respin run --plan FILE --shard ID --out DIR" leaves it in DIR' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw refuse(`its evidence.json is no JSON: ${messageOf(thrown)}`);
  }
  const { kind, version } = (typeof value === 'object' && value !== null ? value : {}) as { readonly kind?: unknown; readonly version?: unknown };
  if (typeof version === 'number' && version > EVIDENCE_VERSION) throw refuse(`it is of version ${version}, and this respin knows version ${EVIDENCE_VERSION}`);
  if (kind !== 'matrix') throw refuse(`it is of the kind ${typeof kind === 'string' ? `"${kind.slice(0, 80)}"` : 'none'}, not "matrix"`);
  const parsed = matrixEvidenceSchema.safeParse(value);
  if (!parsed.success) throw refuse(describeIssues(parsed.error, matrixEvidenceSchema).slice(0, 1000));
  checkPlan(parsed.data.plan, `the plan in ${folder}`);
  if (parsed.data.shard === undefined) throw refuse('it is that of a whole plan');
  return { evidence: parsed.data, id: parsed.data.shard, folder };
}

/** The evidence in a folder, or in the folders in it, as they are when artifacts are downloaded. */
async function shardsIn(ctx: Context, folder: string): Promise<readonly Shard[]> {
  const own = await readText(ctx, join(folder, 'evidence.json'));
  if (own !== undefined) return [parseShard(own, folder)];
  const names = await ctx.effects.files.readdir(folder).catch((thrown: unknown) => {
    throw usageError('merge.empty', `${folder} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  });
  const found: Shard[] = [];
  for (const name of names.sort()) {
    const text = await readText(ctx, join(folder, name, 'evidence.json'));
    if (text !== undefined) found.push(parseShard(text, join(folder, name)));
  }
  if (found.length === 0) throw usageError('merge.empty', `${folder} holds no evidence: there is no evidence.json in it or in a folder in it`);
  return found;
}

/**
 * That these are all shards of one plan, each once, and of this respin.
 * @throws HarnessError `usage` `merge.version`, `merge.foreign`, `merge.twice`, `merge.content`; `host` `merge.missing`, because a
 * machine did not come to its end
 */
function checkShards(shards: readonly Shard[], { plan: wanted, version }: MergeRequest): MatrixPlan {
  const plan = wanted ?? shards[0]?.evidence.plan;
  if (!plan) throw usageError('merge.empty', 'there is nothing to merge');
  const seen = new Map<string, string>();
  for (const { evidence, id, folder } of shards) {
    if (evidence.respin !== version) throw usageError('merge.version', `${folder} was made by respin ${evidence.respin}, and this is ${version}`, { hint: 'use the same version on every machine' });
    if (evidence.plan.digest !== plan.digest || !plan.shards.some((shard) => shard.id === id)) {
      throw usageError('merge.foreign', `${folder} is shard ${id} of another plan: ${evidence.plan.digest.slice(0, 12)} instead of ${plan.digest.slice(0, 12)}`, { hint: 'merge the shards of one plan' });
    }
    const other = seen.get(id);
    if (other !== undefined) throw usageError('merge.twice', `shard ${id} is there twice: ${other} and ${folder}`);
    seen.set(id, folder);
    const expected = plan.shards.find((shard) => shard.id === id)?.parts ?? [];
    if (evidence.cells.length !== expected.length || !evidence.cells.every((cell, index) => cell.id === expected[index])) {
      throw usageError('merge.content', `${folder} does not hold what shard ${id} is to do: ${expected.join(', ').slice(0, 500)}`);
    }
  }
  const missing = plan.shards.filter(({ id }) => !seen.has(id));
  if (missing.length > 0) {
    throw hostError('merge.missing', `${missing.length} of ${plan.shards.length} shards ${missing.length === 1 ? 'is' : 'are'} missing: ${missing.map(({ id }) => id).join(', ').slice(0, 500)}`, {
      hint: `do it again: respin run --plan PLAN --shard ${missing[0]?.id ?? ''}`,
    });
  }
  return plan;
}

function partsOf(cell: PlanCell, shards: readonly Shard[]): readonly DonePart[] {
  return cell.parts.flatMap((part) =>
    shards.flatMap(({ evidence, folder }) => evidence.cells.filter(({ id }) => id === part.id).map((done) => ({ part, done, folder }))),
  );
}

/**
 * Makes one evidence of those of all shards of a plan: what one machine had made of the whole plan, but for its times. It fails
 * closed: what is missing, there twice, of another plan, or does not fit to the rest is an error and no verdict.
 * @throws HarnessError `usage` `merge.*` for what does not fit; `host` `merge.missing`, or when the evidence cannot be written
 */
export async function mergeShards(ctx: Context, request: MergeRequest): Promise<MatrixDone> {
  if (request.out !== undefined) await refuseUsedFolder(ctx, request.out);
  const shards = (await Promise.all(request.folders.map((folder) => shardsIn(ctx, folder)))).flat();
  const plan = checkShards(shards, request);
  const folder = request.out ?? join(evidenceHome(ctx), evidenceName(ctx.effects.clock.date(), ['matrix', plan.digest.slice(0, 12)]));
  return writeMatrix(ctx, folder, async (home) => {
    const cells: MatrixCell[] = [];
    const kernels = new Map<string, { readonly digest: string; readonly id: string }>();
    for (const cell of plan.cells) {
      const merged = await assembleCell(ctx, plan, cell, partsOf(cell, shards), home);
      cells.push(merged);
      if (merged.outcome.kind === 'failed') continue;
      const { digest } = merged.outcome.kernel;
      const other = kernels.get(cell.kernel);
      if (other !== undefined && other.digest !== digest) {
        throw usageError('merge.differs', `--kernel ${cell.kernel} was another kernel for ${cell.id} than for ${other.id}: ${digest.slice(0, 12)} and ${other.digest.slice(0, 12)}`, {
          hint: 'name the release, such as v6.12.9, or restore the same cache on every machine',
        });
      }
      kernels.set(cell.kernel, { digest, id: cell.id });
    }
    return {
      ...{ version: EVIDENCE_VERSION, kind: 'matrix', respin: request.version, command: [...request.command], plan, cells, verdict: matrixVerdict(cells) },
      startedAt: shards.map(({ evidence }) => evidence.startedAt).sort()[0] ?? '',
      totalMs: shards.reduce((total, { evidence }) => total + evidence.totalMs, 0),
    };
  });
}
