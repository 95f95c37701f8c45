import { join } from 'node:path';
import type { Context } from '../context.js';
import { hostError, messageOf, usageError, type HarnessError } from '../errors.js';
import type { MatrixCell } from '../evidence/matrix-schema.js';
import type { MatrixPlan, PlanCell, PlanPart } from '../evidence/plan-schema.js';
import { evidenceSchema, walkEvidenceSchema, type Evidence, type WalkEvidence } from '../evidence/schema.js';
import { writeEvidence, type EvidenceFile } from '../evidence/write.js';
import { describeIssues } from '../spec/schema.js';
import { canonicalJson } from '../store/digest.js';
import { readPlainFile } from '../store/plain-file.js';
import { joinWalks, saysMore } from './join-walk.js';
import { cellFolder, judgedOutcome } from './run-plan.js';

/** What one machine did of a cell. */
export interface DonePart {
  readonly part: PlanPart;
  readonly done: MatrixCell;
  /** Of its shard. */
  readonly folder: string;
}

/** The evidence of one part, and where it lies. */
interface PartEvidence<E> {
  readonly evidence: E;
  readonly folder: string;
}

function differs(where: string, problem: string): HarnessError {
  return usageError('merge.differs', `${where}: ${problem}`, { hint: 'do this shard again on the same sources, with the same tools' });
}

/** @throws HarnessError `usage` `merge.evidence`, `merge.differs` */
async function readPart(ctx: Context, plan: MatrixPlan, cell: PlanCell, { part, done, folder }: DonePart): Promise<PartEvidence<Evidence | WalkEvidence>> {
  // What the shard says of its paths is not used: it may come from a machine that built somebody's patch.
  const home = join(folder, cellFolder(part.id));
  const path = join(home, 'evidence.json');
  let value: unknown;
  try {
    value = JSON.parse((await readPlainFile(ctx.effects, path)).toString('utf8'));
  } catch (thrown) {
    throw usageError('merge.evidence', `${path} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
  const schema = plan.judges === 'run' ? evidenceSchema : walkEvidenceSchema;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw usageError('merge.evidence', `${path} is no evidence of a ${plan.judges}: ${describeIssues(parsed.error, schema).slice(0, 1000)}`);
  const evidence = parsed.data;
  if (evidence.respin !== plan.respin) throw differs(home, `it was made by respin ${evidence.respin}, the plan by ${plan.respin}`);
  if (evidence.kernel.spec !== cell.kernel || evidence.profile.name !== cell.profile) {
    throw differs(home, `it is of ${evidence.kernel.spec}, profile ${evidence.profile.name}; expected ${cell.kernel}, profile ${cell.profile}`);
  }
  // What was merged three-way has another digest than what was planned.
  if (cell.series !== undefined && evidence.series.merged.length === 0 && evidence.series.digest !== cell.series) {
    throw differs(home, `its series is ${evidence.series.digest.slice(0, 12)}, the planned one ${cell.series.slice(0, 12)}`);
  }
  const said: unknown = judgedOutcome(evidence, cellFolder(part.id));
  if (canonicalJson(said) !== canonicalJson(done.outcome)) throw differs(home, 'it says another verdict, kernel or series than the evidence of its shard');
  return { evidence, folder: home };
}

/** The files of an evidence folder, but evidence.json; links and what is no file are refused. */
async function filesIn(ctx: Context, home: string, folder: string): Promise<readonly EvidenceFile[]> {
  const entries = await ctx.effects.files.readdir(join(home, folder), { withFileTypes: true });
  const found: EvidenceFile[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesIn(ctx, home, path)));
    else if (!entry.isFile()) throw usageError('merge.evidence', `${join(home, path)} is no regular file`);
    else if (path !== 'evidence.json') found.push({ path, content: await readPlainFile(ctx.effects, join(home, path)) });
  }
  return found;
}

/** The folder of evidence that a point of a walk has its files in. */
function pointFolder(patch: number): string {
  return patch === 0 ? 'base' : `patch-${patch}`;
}

function isWalk(part: PartEvidence<Evidence | WalkEvidence>): part is PartEvidence<WalkEvidence> {
  return part.evidence.kind === 'walk';
}

/** What all parts of a walk must agree in. */
function sharedBy({ kernel, series, suite, profile, options, host }: WalkEvidence): unknown {
  return { kernel: { ...kernel, checks: [] }, series, suite, profile, options, host: { ...host, accelerator: host.accelerator.name, sandbox: host.sandbox.kind } };
}

/**
 * That walks of ranges can be joined: of the same things, by the same tools, and with the same kernel byte for byte where two of them meet.
 * @throws HarnessError `usage` `merge.differs`
 */
function checkRanges(cell: PlanCell, parts: readonly PartEvidence<WalkEvidence>[]): void {
  const [first] = parts;
  if (!first) return;
  const expected = canonicalJson(sharedBy(first.evidence));
  const stopped = first.evidence.points.length === 1 && parts.length > 1;
  for (const [index, { evidence, folder }] of parts.entries()) {
    const range = cell.parts[index]?.range;
    const numbers = evidence.points.map(({ patch }) => patch);
    const whole = range !== undefined && numbers.length === range.to - range.from + 1 && numbers.every((patch, at) => patch === range.from + at);
    // A base of no use ends the walk that begins with it.
    if (!whole && !(index === 0 && numbers.length === 1 && numbers[0] === 0)) throw differs(folder, `it does not have the prefixes ${range?.from ?? 0} to ${range?.to ?? 0}`);
    if (canonicalJson(sharedBy(evidence)) !== expected) throw differs(folder, `kernel, series, suite, profile, options or tools are others than in ${first.folder}`);
    const before = parts[index - 1]?.evidence.points.at(-1);
    const here = evidence.points[0];
    if (before === undefined || here === undefined || stopped) continue;
    const image = ({ side }: WalkEvidence['points'][number]): unknown => [side.build?.ok, side.build?.vmlinux, side.initramfs, side.config?.digest];
    if (canonicalJson(image(before)) !== canonicalJson(image(here))) throw differs(folder, `the kernel of prefix ${here.patch} is not the one that ${parts[index - 1]?.folder ?? ''} has`);
  }
}

/** Copies the evidence of a run as it is, byte for byte but for its layout. */
async function keepRun(ctx: Context, { evidence, folder }: PartEvidence<Evidence>, home: string): Promise<Evidence> {
  await writeEvidence(ctx, home, evidence, await filesIn(ctx, folder, ''));
  return evidence;
}

async function joinRanges(ctx: Context, cell: PlanCell, parts: readonly PartEvidence<WalkEvidence>[], home: string): Promise<WalkEvidence> {
  checkRanges(cell, parts);
  const [first] = parts;
  if (!first) throw hostError('merge.internal', `there is no part of ${cell.id}`);
  const { points, verdict } = joinWalks(parts.map(({ evidence }) => evidence));
  const evidence: WalkEvidence = {
    ...first.evidence,
    ...{ points: [...points], verdict },
    startedAt: parts.map((part) => part.evidence.startedAt).sort()[0] ?? first.evidence.startedAt,
    timings: parts.flatMap((part) => part.evidence.timings),
    totalMs: parts.reduce((total, part) => total + part.evidence.totalMs, 0),
  };
  const taken = new Set(points.map(({ patch }) => pointFolder(patch)));
  const files: EvidenceFile[] = [];
  for (const [index, { evidence: { points: own }, folder }] of parts.entries()) {
    // What two ranges share is that of one of them.
    const left = new Set<string>();
    const [before, here, last, next] = [parts[index - 1]?.evidence.points.at(-1), own[0], own.at(-1), parts[index + 1]?.evidence.points[0]];
    if (before && here && !saysMore(before, here)) left.add(pointFolder(here.patch));
    if (last && next && saysMore(last, next)) left.add(pointFolder(last.patch));
    const all = await filesIn(ctx, folder, '');
    files.push(...all.filter(({ path }) => {
      const top = path.split('/')[0] ?? '';
      return top === 'series' ? index === 0 : taken.has(top) && !left.has(top);
    }));
  }
  await writeEvidence(ctx, home, evidence, files);
  return evidence;
}

/**
 * One cell of the whole, from what the machines did of it. A part that came to no verdict leaves the cell without one.
 * @param home of the evidence of the whole
 * @throws HarnessError `usage` `merge.evidence`, `merge.differs`
 */
export async function assembleCell(ctx: Context, plan: MatrixPlan, cell: PlanCell, parts: readonly DonePart[], home: string): Promise<MatrixCell> {
  const { id, kernel, profile } = cell;
  const named = { id, kernel, profile, ms: parts.reduce((total, { done }) => total + done.ms, 0) };
  if (parts.length !== cell.parts.length) throw hostError('merge.internal', `there are ${parts.length} of ${cell.parts.length} parts of ${id}`);
  const failed = parts.find(({ done }) => done.outcome.kind === 'failed');
  if (failed) return { ...named, outcome: failed.done.outcome };
  const read: PartEvidence<Evidence | WalkEvidence>[] = [];
  for (const part of parts) read.push(await readPart(ctx, plan, cell, part));
  const target = join(home, cellFolder(id));
  const [only] = read;
  const evidence = only?.evidence.kind === 'run' ? await keepRun(ctx, { evidence: only.evidence, folder: only.folder }, target) : await joinRanges(ctx, cell, read.filter(isWalk), target);
  return { ...named, outcome: judgedOutcome(evidence, cellFolder(id)) };
}
