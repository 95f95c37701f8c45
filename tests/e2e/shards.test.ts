import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { matrixEvidenceSchema, type MatrixEvidence } from '../../harness/evidence/matrix-schema.js';
import { planSchema } from '../../harness/evidence/plan-schema.js';
import { walkEvidenceSchema } from '../../harness/evidence/schema.js';
import { plantSeries } from './plants.js';
import { ROOT, sharedCache, useRespin } from './respin.js';
import { fingerprint } from './trees.js';

const respin = useRespin();

/** What another machine has: the package as it is installed, and a cache of its own with the sources and what ccache knows. */
async function machine(): Promise<{ readonly run: (args: readonly string[]) => Promise<{ exitCode: number | undefined; stderr: string }>; readonly cache: string }> {
  const home = await mkdtemp(join(respin.folder(), 'machine-'));
  const packageFolder = join(home, 'respin');
  const { files } = z.object({ files: z.array(z.string()) }).parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')));
  await mkdir(packageFolder);
  await execa('sh', ['-c', `cp -a --parents ${files.join(' ')} package.json "$0" && cp -al node_modules "$0"`, packageFolder], { cwd: ROOT });
  const cache = join(home, 'cache');
  await mkdir(cache);
  const shared = sharedCache().root;
  await execa('sh', ['-c', 'cp -al downloads sources "$0" && cp -a ccache "$0"', cache], { cwd: shared });
  const run = async (args: readonly string[]) => {
    const { exitCode, stderr } = await execa(process.execPath, [join(packageFolder, 'dist/cli.js'), ...args], { cwd: home, env: { RESPIN_CACHE: cache, XDG_STATE_HOME: join(home, 'state') }, reject: false });
    return { exitCode, stderr };
  };
  return { run, cache };
}

/** Times (those on a console too), what was done to come to a result, and where caches are: what two runs of one thing may differ in. */
const ASIDE = new Set(['startedAt', 'command', 'timings', 'totalMs', 'ms', 'bootMs', 'at', 'reused', 'objects', 'checks', 'consoleDigest']);

function comparable(value: unknown, caches: readonly string[]): unknown {
  // The clock of the processor is measured on each machine anew.
  if (typeof value === 'string') return caches.reduce((text, cache) => text.replaceAll(cache, 'CACHE'), value).replace(/\btsc_early_khz=\d+/, 'tsc_early_khz=N');
  if (Array.isArray(value)) return value.map((one) => comparable(one, caches));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, member]) => (ASIDE.has(name) ? [] : [[name, comparable(member, caches)]])));
}

async function readMatrix(folder: string): Promise<MatrixEvidence> {
  return matrixEvidenceSchema.parse(JSON.parse(await readFile(join(folder, 'evidence.json'), 'utf8')));
}

/** Every file of a folder, by its path. */
async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

test('a walk that two machines do is, but for its times, the walk that one does', async () => {
  // There is a tree to make a series for.
  expect((await respin.run(['check', 'semundo-v1', '--kernel', '6.12'])).exitCode).not.toBe(2);
  const trees = await fingerprint();
  const series = await plantSeries({ 3: 'test' }, 4);
  const plan = join(respin.folder(), 'plan.json');
  const planned = await respin.run(['plan', series, '--kernel', '6.12', '--suite', 'msgque', '--walk', '--shards', '2', '--out', plan, '--format', 'github']);
  expect(planned.exitCode, planned.stderr).toBe(0);
  const { cells, shards } = planSchema.parse(JSON.parse(await readFile(plan, 'utf8')));
  expect(JSON.parse(planned.stdout)).toMatchObject({ include: shards.map(({ id }) => ({ shard: id })) });
  expect(shards).toHaveLength(2);
  expect(cells[0]?.parts.map(({ range }) => range)).toEqual([{ from: 0, to: 2 }, { from: 2, to: 4 }]);

  const done = join(respin.folder(), 'shards');
  await mkdir(done);
  const caches = [sharedCache().root];
  for (const { id } of shards) {
    const { run, cache } = await machine();
    caches.push(cache);
    const shard = await run(['run', '--plan', plan, '--shard', id, '--out', join(done, id)]);
    expect([0, 1], shard.stderr).toContain(shard.exitCode);
    expect((await readMatrix(join(done, id))).shard).toBe(id);
    await rm(cache, { recursive: true });
  }

  const whole = join(respin.folder(), 'whole');
  const alone = await respin.run(['run', '--plan', plan, '--out', whole]);
  expect(alone.exitCode, alone.stderr).toBe(1);
  const merged = join(respin.folder(), 'merged');
  const [page, submission] = [join(respin.folder(), 'plan.html'), join(respin.folder(), 'plan.kcidb.json')];
  const joined = await respin.run(['merge', done, '--plan', plan, '--out', merged, '--report', `html=${page}`, '--report', `kcidb=${submission}`]);
  expect(joined.exitCode, joined.stderr).toBe(1);
  expect(joined.stdout).toMatch(/^BAD: the series is at fault in a cell$/m);
  expect(joined.stdout).toContain('msgque passes at patch 2 "ipc: step 2" and is fail at patch 3 "ipc: step 3"');

  // Of the base and four prefixes the third breaks the test, and the fourth leaves it so.
  expect(await readFile(page, 'utf8')).toContain('<span class="v-bad">BAD</span><svg class="strip" role="img" aria-label="not 3, 4"');
  expect(JSON.parse(await readFile(submission, 'utf8'))).toMatchObject({ checkouts: { length: 5 }, builds: { length: 5 } });
  expect(comparable(await readMatrix(merged), caches)).toEqual(comparable(await readMatrix(whole), caches));
  const cell = join('cells', cells[0]?.id ?? '');
  const walks = await Promise.all([merged, whole].map(async (folder) => walkEvidenceSchema.parse(JSON.parse(await readFile(join(folder, cell, 'evidence.json'), 'utf8')))));
  expect(walks[0]?.points.map(({ patch }) => patch)).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(walks[0]?.points.map(({ side }) => side.build?.vmlinux)).size).toBe(5);
  expect(comparable(walks[0], caches)).toEqual(comparable(walks[1], caches));
  expect(await filesOf(merged)).toEqual(await filesOf(whole));
  for (const path of (await filesOf(whole)).filter((name) => /\/series\/|\/config$/.test(name))) {
    expect((await readFile(join(merged, path))).equals(await readFile(join(whole, path))), path).toBe(true);
  }

  // What is not whole has no verdict.
  const [first] = shards;
  const one = join(done, first?.id ?? '');
  expect((await respin.run(['merge', one, '--plan', plan])).exitCode).toBe(3);
  await cp(one, join(done, 'again'), { recursive: true });
  const twice = await respin.run(['merge', done, '--plan', plan]);
  expect({ exitCode: twice.exitCode, stdout: twice.stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(twice.stderr).toContain('is there twice');
  expect(await fingerprint()).toEqual(trees);
});
