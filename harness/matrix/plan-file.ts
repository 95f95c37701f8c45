import type { Context } from '../context.js';
import { errnoOf, messageOf, usageError } from '../errors.js';
import { PLAN_VERSION, planSchema, type MatrixPlan } from '../evidence/plan-schema.js';
import { jsonDocument } from '../json-document.js';
import { describeIssues } from '../spec/schema.js';
import { writeError } from '../store/atomic.js';
import { planDigest } from './plan.js';

const MOST_BYTES = 64 * 1024 * 1024;
const HINT = '"respin plan SERIES --shards 2 --out plan.json" writes one';

/** @throws HarnessError `host` when it cannot be written */
export async function writePlan(ctx: Pick<Context, 'effects'>, path: string, plan: MatrixPlan): Promise<void> {
  try {
    await ctx.effects.files.writeFile(path, planText(plan));
  } catch (thrown) {
    throw writeError(path, thrown);
  }
}

/** A plan as it is kept in a file. */
export function planText(plan: MatrixPlan): string {
  return jsonDocument(plan);
}

/**
 * Reads a plan that `respin plan` wrote. One that was changed since is refused.
 * @throws HarnessError `usage` `plan.file`
 */
export async function readPlan(ctx: Pick<Context, 'effects'>, path: string): Promise<MatrixPlan> {
  let text: string;
  try {
    const { size } = await ctx.effects.files.stat(path);
    if (size > MOST_BYTES) throw usageError('plan.file', `${path} is no plan: it has ${size} bytes`, { hint: HINT });
    text = await ctx.effects.files.readFile(path, 'utf8');
  } catch (thrown) {
    if (errnoOf(thrown) === undefined || thrown instanceof TypeError) throw thrown;
    throw usageError('plan.file', `--plan ${path} cannot be read: ${messageOf(thrown)}`, { cause: thrown, hint: HINT });
  }
  return parsePlan(text, path);
}

/** @throws HarnessError `usage` `plan.file` */
export function parsePlan(text: string, where: string): MatrixPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw usageError('plan.file', `${where} is no plan: it is no JSON: ${messageOf(thrown)}`, { hint: HINT });
  }
  if (typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'number' && value.version > PLAN_VERSION) {
    throw usageError('plan.file', `${where} is a plan of version ${value.version}, and this respin knows version ${PLAN_VERSION}`, { hint: 'use the respin that made it' });
  }
  const parsed = planSchema.safeParse(value);
  if (!parsed.success) throw usageError('plan.file', `${where} is no plan: ${describeIssues(parsed.error, planSchema).slice(0, 1000)}`, { hint: HINT });
  checkPlan(parsed.data, where);
  return parsed.data;
}

/**
 * A plan that says of itself what is true: its digest, and that its shards hold each part once.
 * @throws HarnessError `usage` `plan.file`
 */
export function checkPlan(plan: MatrixPlan, where: string): void {
  const refuse = (problem: string): Error => usageError('plan.file', `${where} is no plan of "respin plan": ${problem}`, { hint: HINT });
  if (planDigest(plan) !== plan.digest) throw refuse('it was changed after it was made');
  const parts = plan.cells.flatMap((cell) => cell.parts.map(({ id }) => id));
  const given = plan.shards.flatMap((shard) => shard.parts);
  if (new Set(parts).size !== parts.length || given.length !== parts.length || new Set(given).size !== given.length) throw refuse('a part is in it twice, or not at all');
  const lacking = parts.find((id) => !given.includes(id));
  if (lacking !== undefined) throw refuse(`no shard has ${lacking}`);
  const ends = (id: string): boolean => id.endsWith(`-${plan.digest.slice(0, 12)}`);
  if (!plan.shards.every(({ id }) => ends(id)) || new Set(plan.shards.map(({ id }) => id)).size !== plan.shards.length) throw refuse('its shards are not named after it');
}
