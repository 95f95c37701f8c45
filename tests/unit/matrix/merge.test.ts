import { cp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MatrixPlan } from '../../../harness/evidence/plan-schema.js';
import { walkEvidenceSchema, type Evidence, type WalkEvidence } from '../../../harness/evidence/schema.js';
import { mergeShards, type MergeRequest } from '../../../harness/matrix/merge.js';
import { matrixVerdict } from '../../../harness/matrix/verdict.js';
import { renderMatrixJson } from '../../../harness/report/matrix-json.js';
import { renderMatrixText } from '../../../harness/report/matrix-text.js';
import { cellOf, planOf, put, putShard, runOf, setUp, walkOf, type PointSpec } from './sample.js';

async function shardsOf(plan: MatrixPlan, of: Parameters<typeof putShard>[3] = (cell) => runOf(cell)) {
  const { root, ctx } = await setUp();
  for (const shard of plan.shards) await putShard(join(root, 'shards', shard.id), plan, shard, of);
  const merge = (more: Partial<MergeRequest> = {}) =>
    mergeShards(ctx, { folders: [join(root, 'shards')], plan: undefined, out: join(root, 'merged'), version: '0.1.0', command: ['respin', 'merge'], ...more });
  return { root, merge };
}

const BAD: Partial<Evidence> = { verdict: { ...runOf({ kernel: '', profile: '' }).verdict, name: 'bad', exitCode: 1, reasons: [{ code: 'finding.new', text: 'it \u001b[31mreports' }] } };

describe('the verdict of all cells', () => {
  const cell = (outcome: 'good' | 'bad' | 'untestable' | 'host' | 'usage') => ({
    ...{ id: outcome, kernel: '6.12', profile: 'plain', ms: 1 },
    outcome:
      outcome === 'host' || outcome === 'usage'
        ? { kind: 'failed' as const, fault: outcome, code: 'x', message: 'y' }
        : { kind: 'judged' as const, name: outcome, exitCode: 0 as const, reasons: [], folder: 'x', kernel: { version: '', label: '', digest: '' }, series: { name: 's', digest: '', letters: [] }, along: [] },
  });

  it.each<[string, Parameters<typeof cell>[0][], string, number]>([
    ['all good', ['good', 'good'], 'good', 0],
    ['one untestable', ['good', 'untestable'], 'untestable', 125],
    ['a host that failed', ['good', 'host', 'untestable'], 'host', 3],
    ['a request that is wrong', ['good', 'usage', 'untestable'], 'usage', 2],
    ['one bad, which is proven', ['good', 'host', 'bad', 'untestable'], 'bad', 1],
    ['nothing', [], 'untestable', 125],
  ])('%s', (_what, outcomes, name, exitCode) => {
    expect(matrixVerdict(outcomes.map(cell))).toMatchObject({ name, exitCode });
  });
});

describe('mergeShards', () => {
  it('makes one evidence, with that of each cell, in the order of the plan', async () => {
    const plan = planOf();
    const { root, merge } = await shardsOf(plan);
    const { evidence, folder } = await merge();
    expect(folder).toBe(join(root, 'merged'));
    expect(evidence.verdict).toEqual({ name: 'good', exitCode: 0, reasons: [] });
    expect(evidence.cells.map(({ id }) => id)).toEqual(plan.cells.map(({ id }) => id));
    expect((await readdir(join(folder, 'cells'))).sort()).toEqual(plan.cells.map(({ id }) => id).sort());
    expect(await readFile(join(folder, 'cells', plan.cells[0]?.id ?? '', 'base/console.log'), 'utf8')).toBe(`console of ${plan.cells[0]?.id ?? ''}`);
    expect(renderMatrixText(evidence, folder)).toMatch(/^GOOD: every cell is good$/m);
    expect(JSON.parse(renderMatrixJson(evidence, folder))).toMatchObject({ verdict: 'good', exitCode: 0, shard: null });
  });

  it('is bad where one cell is, and says which; text of others is shown as text', async () => {
    const { merge } = await shardsOf(planOf(), (cell) => runOf(cell, cell.kernel === '6.1' ? BAD : {}));
    const { evidence, folder } = await merge();
    expect(evidence.verdict).toMatchObject({ name: 'bad', exitCode: 1 });
    const text = renderMatrixText(evidence, folder);
    expect(text).toContain('6.1, profile plain: it \\x1b[31mreports');
    expect(text).not.toContain('\u001b');
  });

  it('is host where a machine failed at a cell', async () => {
    const { merge } = await shardsOf(planOf(), (cell) => (cell.kernel === '6.1' ? undefined : runOf(cell)));
    expect((await merge()).evidence.verdict).toMatchObject({ name: 'host', exitCode: 3, reasons: [{ code: 'disk.full', text: '6.1, profile plain: no space left' }] });
  });

  it('takes shards one by one, and holds them to a plan', async () => {
    const plan = planOf();
    const { root, merge } = await shardsOf(plan);
    const folders = plan.shards.map(({ id }) => join(root, 'shards', id));
    expect((await merge({ folders: [...folders].reverse(), plan })).evidence.verdict.name).toBe('good');
    await expect(merge({ folders, plan: planOf({ shards: 3 }), out: join(root, 'other') })).rejects.toMatchObject({ code: 'merge.foreign', kind: 'usage' });
  });
});

describe('what does not fit is an error, and nothing is written', () => {
  const plan = planOf();
  const [first] = plan.shards;
  const id = first?.id ?? '';
  const part = first?.parts[0] ?? '';

  it.each<[string, string, 'usage' | 'host', (root: string) => Promise<void>]>([
    ['a missing shard', 'merge.missing', 'host', async (root) => rm(join(root, 'shards', id), { recursive: true })],
    ['a shard that is there twice', 'merge.twice', 'usage', async (root) => cp(join(root, 'shards', id), join(root, 'shards', 'again'), { recursive: true })],
    ['a shard of another plan', 'merge.foreign', 'usage', async (root) => {
      const other = planOf({ shards: 1 });
      for (const shard of other.shards) await putShard(join(root, 'shards', 'other'), other, shard, (cell) => runOf(cell));
    }],
    ['another respin', 'merge.version', 'usage', async (root) => edit(root, (text) => text.replace(/"kind":"matrix","respin":"0\.1\.0"/, '"kind":"matrix","respin":"0.0.9"'))],
    ['a plan that was changed', 'plan.file', 'usage', async (root) => edit(root, (text) => text.replace('"series":["semundo"]', '"series":["other"]'))],
    ['a newer evidence', 'merge.evidence', 'usage', async (root) => edit(root, (text) => text.replace('{"version":1,"kind":"matrix"', '{"version":2,"kind":"matrix"'))],
    ['evidence that is none', 'merge.evidence', 'usage', async (root) => put(root, { 'shards/x/evidence.json': { kind: 'run' } })],
    ['a part that is left out', 'merge.content', 'usage', async (root) => edit(root, (text) => JSON.stringify({ ...(JSON.parse(text) as object), cells: [] }))],
    ['a part without its evidence', 'merge.evidence', 'usage', async (root) => rm(join(root, 'shards', id, 'cells', part, 'evidence.json'))],
    ['a verdict that its evidence does not have', 'merge.differs', 'usage', async (root) => put(join(root, 'shards', id, 'cells', part), { 'evidence.json': runOf(cellWith(part), BAD) })],
    ['another series', 'merge.differs', 'usage', async (root) => put(join(root, 'shards', id, 'cells', part), { 'evidence.json': { ...runOf(cellWith(part)), series: { ...runOf(cellWith(part)).series, digest: 'b'.repeat(64) } } })],
    ['another profile', 'merge.differs', 'usage', async (root) => put(join(root, 'shards', id, 'cells', part), { 'evidence.json': runOf({ kernel: cellWith(part).kernel, profile: 'smp' }) })],
    ['a link in the evidence', 'merge.evidence', 'usage', async (root) => symlink('/etc/passwd', join(root, 'shards', id, 'cells', part, 'passwd'))],
  ])('%s', async (_what, code, kind, damage) => {
    const { root, merge } = await shardsOf(plan);
    await damage(root);
    await expect(merge()).rejects.toMatchObject({ code, kind });
    expect(await readdir(root)).not.toContain('merged');
    expect((await readdir(root)).filter((name) => name.startsWith('.respin'))).toEqual([]);
  });

  it('one kernel that was another on two machines', async () => {
    const { merge } = await shardsOf(plan, (cell) => {
      const run = runOf(cell);
      return cell.profile === 'kasan' ? { ...run, kernel: { ...run.kernel, digest: 'other' } } : run;
    });
    await expect(merge()).rejects.toMatchObject({ code: 'merge.differs' });
  });

  function cellWith(wanted: string) {
    const cell = plan.cells.find((one) => one.parts.some((each) => each.id === wanted));
    if (!cell) throw new Error(`no ${wanted}`);
    return cell;
  }

  async function edit(root: string, change: (text: string) => string): Promise<void> {
    const path = join(root, 'shards', id, 'evidence.json');
    const text = await readFile(path, 'utf8');
    expect(change(text)).not.toBe(text);
    await put(join(root, 'shards', id), { 'evidence.json': change(text) });
  }
});

describe('ranges of a walk', () => {
  const plan = planOf({ judges: 'walk', shards: 3, cells: [cellOf('6.12', 'plain', 6)] });
  const specs: readonly PointSpec[] = Array.from({ length: 7 }, (_, patch) => ({ tests: { a: 'pass', b: patch >= 4 ? 'pass' : 'fail' } }));
  const ofRange = (_cell: unknown, range: { from: number; to: number } | undefined): WalkEvidence => walkOf(specs, range);

  it('are joined to the walk of all patches', async () => {
    const { merge } = await shardsOf(plan, ofRange);
    const { evidence, folder } = await merge();
    expect(plan.cells[0]?.parts.length).toBeGreaterThan(1);
    expect(evidence.cells).toMatchObject([{ kernel: '6.12', outcome: { kind: 'judged', name: 'good' } }]);
    expect(evidence.cells[0]).not.toHaveProperty('range');
    const joined = walkEvidenceSchema.parse(JSON.parse(await readFile(join(folder, 'cells', evidence.cells[0]?.id ?? '', 'evidence.json'), 'utf8')));
    expect(joined.points.map(({ patch }) => patch)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(joined.verdict).toEqual(JSON.parse(JSON.stringify(walkOf(specs).verdict)));
  });

  it.each<[string, (walk: WalkEvidence) => WalkEvidence]>([
    ['whose kernels are not the same where they meet', (walk) => ({ ...walk, points: walk.points.map((point) => (point.patch === walk.points[0]?.patch && point.side.build ? { ...point, side: { ...point.side, build: { ...point.side.build, vmlinux: 'f'.repeat(64) } } } : point)) })],
    ['made by another compiler', (walk) => ({ ...walk, host: { ...walk.host, compiler: 'clang' } })],
    ['with a prefix left out', (walk) => ({ ...walk, points: walk.points.slice(0, -1) })],
    ['of another suite', (walk) => ({ ...walk, suite: { name: 'other', programs: [], declared: {} } })],
  ])('are refused %s', async (_what, change) => {
    const { merge } = await shardsOf(plan, (cell, range) => (range?.from === 0 ? ofRange(cell, range) : change(ofRange(cell, range))));
    await expect(merge()).rejects.toMatchObject({ code: 'merge.differs' });
  });

  it('have no verdict when one of them failed', async () => {
    const { merge } = await shardsOf(plan, (cell, range) => (range?.from === 0 ? ofRange(cell, range) : undefined));
    expect((await merge()).evidence).toMatchObject({ verdict: { name: 'host', exitCode: 3 }, cells: [{ outcome: { kind: 'failed' } }] });
  });
});
