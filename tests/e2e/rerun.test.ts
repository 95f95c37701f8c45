import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { plantSeries } from './plants.js';
import { useRespin, type Done } from './respin.js';

const respin = useRespin();

const reportSchema = z.object({
  verdict: z.enum(['same', 'different']),
  items: z.array(z.object({ what: z.string(), then: z.string(), now: z.string(), same: z.boolean(), decides: z.boolean(), details: z.array(z.string()) })),
  evidence: z.string(),
});

let evidence = '';

beforeAll(async () => {
  const series = await plantSeries({}, 2, 'rerun');
  evidence = (await respin.judge([series, '--kernel', '6.12', '--suite', 'msgque'])).evidence;
  // It is repeated from the evidence alone.
  await rm(series, { recursive: true });
});

function rerun(...args: readonly string[]): Promise<Done> {
  return respin.run(['rerun', '--json', ...args], { cwd: respin.folder() });
}

function report({ stdout }: Done): z.infer<typeof reportSchema> {
  return reportSchema.parse(JSON.parse(stdout));
}

async function copyWith(name: string, change: (text: string) => string): Promise<string> {
  const folder = join(respin.folder(), name);
  await cp(evidence, folder, { recursive: true });
  const path = join(folder, 'evidence.json');
  const text = await readFile(path, 'utf8');
  const changed = change(text);
  expect(changed).not.toBe(text);
  await writeFile(path, changed);
  return folder;
}

test('a run is repeated, and everything comes out the same', async () => {
  const done = await rerun(evidence);
  expect(done.exitCode, done.stderr).toBe(0);
  const { verdict, items, evidence: folder } = report(done);
  expect(verdict).toBe('same');
  expect(items.filter(({ same }) => !same)).toEqual([]);
  for (const what of ['source', 'base vmlinux', 'tip vmlinux', 'tip initramfs', 'tip results']) {
    expect(items.find((item) => item.what === what)?.then).not.toMatch(/^none$/);
  }
  // It was built and booted, not looked up.
  const again = z.object({ tip: z.object({ build: z.object({ reused: z.boolean() }), boots: z.array(z.object({ reused: z.boolean() })) }) }).parse(JSON.parse(await readFile(join(folder, 'evidence.json'), 'utf8')));
  expect(again.tip).toMatchObject({ build: { reused: false }, boots: [{ reused: false }] });
});

test('a digest that is another one is told, and nothing else', async () => {
  const vmlinux = z.object({ tip: z.object({ build: z.object({ vmlinux: z.string() }) }) }).parse(JSON.parse(await readFile(join(evidence, 'evidence.json'), 'utf8'))).tip.build.vmlinux;
  const flipped = `${vmlinux.startsWith('0') ? '1' : '0'}${vmlinux.slice(1)}`;
  const done = await rerun(await copyWith('flipped', (text) => text.replace(vmlinux, flipped)));
  expect(done.exitCode, done.stderr).toBe(1);
  expect(report(done).items.filter(({ same }) => !same)).toMatchObject([{ what: 'tip vmlinux', then: flipped, now: vmlinux, decides: true }]);
});

test('a pack is repeated where nothing but it is, and is the same bytes each time', async () => {
  const [pack, again] = [join(respin.folder(), 'run.tar.gz'), join(respin.folder(), 'again.tar.gz')];
  for (const path of [pack, again]) expect((await rerun(evidence, '--pack', path)).exitCode).toBe(0);
  expect((await readFile(pack)).equals(await readFile(again))).toBe(true);
  const other = join(respin.folder(), 'elsewhere');
  await mkdir(other);
  await cp(pack, join(other, 'sent.tgz'));
  const done = await rerun(join(other, 'sent.tgz'));
  expect(done.exitCode, done.stderr).toBe(0);
  expect(report(done).verdict).toBe('same');
  expect((await rerun(evidence, '--pack', pack)).exitCode).toBe(2);
});

test('a patch that is not the one that was run is refused', async () => {
  const folder = join(respin.folder(), 'patched');
  await cp(evidence, folder, { recursive: true });
  const path = join(folder, 'series', '0002.patch');
  await writeFile(path, (await readFile(path, 'utf8')).replace('barrier_data', 'barrier_tada'));
  const done = await rerun(folder);
  expect(done).toMatchObject({ exitCode: 2 });
  expect(done.stderr).toContain('is not what was run');
});

test('evidence of a newer respin, damaged, of another kind than it says, or missing is refused', async () => {
  const newer = await rerun(await copyWith('newer', (text) => text.replace('"version": 1,', '"version": 2,')));
  expect(newer.exitCode).toBe(2);
  expect(newer.stderr).toContain('is evidence of version 2');
  const cut = await rerun(await copyWith('cut', (text) => text.slice(0, 1000)));
  expect(cut.exitCode).toBe(2);
  expect(cut.stderr).toContain('it is no JSON');
  const walked = await rerun(await copyWith('walked', (text) => text.replace('"kind": "run"', '"kind": "walk"')));
  expect(walked.exitCode).toBe(2);
  expect(walked.stderr).toContain('breaks the schema of evidence');
  expect((await rerun(join(respin.folder(), 'nowhere'))).exitCode).toBe(2);
});
