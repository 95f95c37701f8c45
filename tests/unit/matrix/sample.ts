import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Context } from '../../../harness/context.js';
import { matrixEvidenceSchema, type MatrixCell, type MatrixEvidence } from '../../../harness/evidence/matrix-schema.js';
import { planOptionsSchema, type MatrixPlan, type PlanCell, type PlanShard } from '../../../harness/evidence/plan-schema.js';
import type { Evidence, EvidenceBoot, EvidenceSide, WalkEvidence } from '../../../harness/evidence/schema.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import type { Cost } from '../../../harness/matrix/estimate.js';
import { joinWalks } from '../../../harness/matrix/join-walk.js';
import { makePlan, type CellRequest, type PlanRequest } from '../../../harness/matrix/plan.js';
import { judgedOutcome } from '../../../harness/matrix/run-plan.js';
import { matrixVerdict } from '../../../harness/matrix/verdict.js';
import type { TestStatus } from '../../../harness/model.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { sampleEvidence } from '../evidence/sample.js';

export const DIGEST = 'a'.repeat(64);
const COST: Cost = { baseMs: 100_000, stepMs: 50_000 };

export function cellOf(kernel: string, profile: string, patches = 6): CellRequest {
  return { kernel, profile, series: DIGEST, patches };
}

export function planOf(more: Partial<PlanRequest> = {}): MatrixPlan {
  return makePlan({
    ...{ respin: '0.1.0', judges: 'run', series: ['semundo'], kernelNamed: true, options: planOptionsSchema.parse({}), shards: 2 },
    ...{ cells: [cellOf('6.12', 'plain'), cellOf('6.1', 'plain'), cellOf('6.12', 'kasan')], cost: () => COST },
    ...more,
  });
}

/** What one prefix came to: how its tests came out, or what kept them from that. */
export interface PointSpec {
  readonly tests?: Readonly<Record<string, TestStatus>>;
  readonly warning?: string;
  readonly finding?: string;
  readonly end?: EvidenceBoot['end'];
  readonly broken?: true;
  readonly again?: Readonly<Record<string, TestStatus>>;
}

const COMPLETE = { kind: 'complete', description: 'complete' } as const;

function resultsOf(tests: Readonly<Record<string, TestStatus>>): EvidenceBoot['results'] {
  return Object.entries(tests).map(([name, status]) => ({ name, program: name, status, reason: '', lines: [] }));
}

function sideOf(patch: number, { tests = {}, warning, finding, end = COMPLETE, broken, again }: PointSpec): EvidenceSide {
  const boot = (results: Readonly<Record<string, TestStatus>>): EvidenceBoot => ({
    ...{ argv: [], end, totalMs: 1, at: '2026-11-20T00:00:00.000Z', reused: false, results: resultsOf(results), console: `${patch === 0 ? 'base' : `patch-${patch}`}/console.log` },
    findings: finding === undefined ? [] : [{ class: 'warning', title: finding, fingerprint: finding, lines: [finding], line: 1 }],
  });
  const diagnostics = warning === undefined ? [] : [{ severity: 'warning' as const, file: 'ipc/sem.c', line: patch, message: warning }];
  const error = { severity: 'error' as const, file: 'ipc/sem.c', line: patch, message: 'no' };
  const build = { ok: broken === undefined, what: 'vmlinux', argv: [], ms: 1, objects: 1, reused: false, tail: [], diagnostics: broken ? [error] : diagnostics };
  return {
    build: broken ? build : { ...build, vmlinux: String(patch).repeat(64).slice(0, 64) },
    boots: broken ? [] : [boot(tests), ...(again ? [boot(again)] : [])],
  };
}

/** A walk along prefixes that came out like this; the verdict is that of one walk. */
export function walkOf(specs: readonly PointSpec[], { from = 0, to = specs.length - 1, kernel = '6.12', profile = 'plain' } = {}, promises: Readonly<Record<string, number>> = {}): WalkEvidence {
  const points = specs.flatMap((spec, patch) => (patch < from || patch > to ? [] : [{ patch, subject: patch === 0 ? '' : `step ${patch}`, outcome: 'ran', side: sideOf(patch, spec) }]));
  const { base: _base, tip: _tip, verdict: _verdict, ...common } = sampleEvidence();
  const walk = { ...common, kind: 'walk' as const, kernel: { ...common.kernel, spec: kernel }, profile: { ...common.profile, name: profile }, series: { ...common.series, promises: { ...promises } }, points };
  return { ...walk, verdict: joinWalks([walk]).verdict };
}

/** The evidence of a run in a cell. */
export function runOf({ kernel, profile }: Pick<PlanCell, 'kernel' | 'profile'>, more: Partial<Evidence> = {}): Evidence {
  const sample = sampleEvidence();
  return { ...sample, kernel: { ...sample.kernel, spec: kernel, digest: `digest of ${kernel}` }, profile: { ...sample.profile, name: profile }, ...more };
}

/** Writes files below a folder. */
export async function put(folder: string, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** Evidence of one shard, in which each part came to what `of` gives. */
export async function putShard(folder: string, plan: MatrixPlan, shard: PlanShard, of: (cell: PlanCell, range: { from: number; to: number } | undefined) => Evidence | WalkEvidence | undefined): Promise<MatrixEvidence> {
  const cells: MatrixCell[] = [];
  for (const cell of plan.cells) {
    for (const { id, range } of cell.parts.filter((part) => shard.parts.includes(part.id))) {
      const evidence = of(cell, range);
      const outcome: MatrixCell['outcome'] = evidence ? judgedOutcome(evidence, `cells/${id}`) : { kind: 'failed', fault: 'host', code: 'disk.full', message: 'no space left' };
      if (evidence) await put(join(folder, 'cells', id), { 'evidence.json': evidence, 'base/console.log': `console of ${id}` });
      cells.push({ id, kernel: cell.kernel, profile: cell.profile, ...(range ? { range } : {}), outcome, ms: 1000 });
    }
  }
  const evidence = matrixEvidenceSchema.parse({ version: 1, kind: 'matrix', respin: '0.1.0', command: ['respin'], startedAt: '2026-11-20T00:00:00.000Z', plan, shard: shard.id, cells, verdict: matrixVerdict(cells), totalMs: 5 });
  await put(folder, { 'evidence.json': evidence });
  return evidence;
}

export async function setUp(): Promise<{ readonly root: string; readonly ctx: Context }> {
  const root = await mkdtemp(join(tmpdir(), 'respin-'));
  return { root, ctx: { effects: realEffects(), progress: () => undefined, cache: cacheAt(join(root, 'cache')) } };
}
