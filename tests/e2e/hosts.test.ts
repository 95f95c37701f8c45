import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { readEvidence } from './evidence.js';
import { flipByte } from './flip-byte.js';
import { mountSmall } from './mounts.js';
import { plantSeries } from './plants.js';
import { A_GUEST, waitForProcess } from './processes.js';
import { imagesOf, ROOT, sharedCache, useRespin, type Report } from './respin.js';
import { treeOf } from './trees.js';

const respin = useRespin();
let args: readonly string[];
let good: Report;

beforeAll(async () => {
  args = [await plantSeries({}, 1), '--kernel', '6.12', '--suite', 'msgque'];
  good = await respin.judge(args);
  expect(good.verdict).toBe('good');
});

async function expectGood(): Promise<void> {
  expect((await respin.judge(args)).verdict).toBe('good');
}

test.each([20, 32, 48, 64, 128, 256])('with %d file descriptors it is the host that fails, if anything does', async (descriptors) => {
  const command = [process.execPath, join(ROOT, 'dist', 'cli.js'), 'run', ...args];
  const done = await execa('prlimit', [`--nofile=${descriptors}`, '--', ...command], { reject: false, env: { XDG_STATE_HOME: respin.folder() } });
  expect([0, 3], done.stderr).toContain(done.exitCode);
  if (done.exitCode === 3) expect(done.stderr).toMatch(/EMFILE|too many open files/);
  await expectGood();
});

test.each(['SIGKILL', 'SIGTERM'] as const)('a QEMU that gets a %s from somebody else is no fault of the kernel', async (signal) => {
  const run = respin.start(['run', '--json', ...args, '--fresh']);
  const { pid } = await waitForProcess(run.token, A_GUEST);
  // Its handlers of signals are not there in its first moments.
  await sleep(300);
  process.kill(pid, signal);
  expect(respin.refusal(await run.done)).toMatchObject({ code: 'qemu.killed', kind: 'host' });
  await expectGood();
});

/** Damages files until the test is over, judges again, and wants the same answer from the same kernels. */
async function expectUnmoved(paths: readonly string[], ...options: readonly string[]): Promise<void> {
  expect(paths.length).toBeGreaterThan(0);
  const copies = await Promise.all(paths.map(async (path) => ({ path, content: await readFile(path) })));
  onTestFinished(async () => {
    for (const { path, content } of copies) await writeFile(path, content);
  });
  for (const path of paths) await flipByte(path);
  const again = await respin.judge([...args, ...options]);
  expect({ verdict: again.verdict, tests: again.tests }).toEqual({ verdict: 'good', tests: good.tests });
  expect(imagesOf(await readEvidence(again.evidence))).toEqual(imagesOf(await readEvidence(good.evidence)));
}

test.each(['boots', 'builds'] as const)('a byte that changes in every record of %s changes no result', async (part) => {
  const folder = sharedCache()[part];
  await expectUnmoved((await readdir(folder)).filter((name) => name.endsWith('.json')).map((name) => join(folder, name)));
});

test('a byte that changes in an initramfs changes no result', async () => {
  const { base, tip } = await readEvidence(good.evidence);
  const paths = [...new Set([base.initramfs, tip.initramfs])].map((digest) => join(sharedCache().initramfs, `${digest ?? ''}.cpio`));
  const whole = await Promise.all(paths.map(async (path) => readFile(path)));
  await expectUnmoved(paths);
  // The result alone is no proof: it is that of the boot that is known.
  expect(await Promise.all(paths.map(async (path) => readFile(path)))).toEqual(whole);
});

test.each(['ipc/sem.o', 'vmlinux'])('a byte that changes in %s of a build folder is mended before anything is made of it', async (name) => {
  await respin.judge([...args, '--fresh']);
  const objects = join(dirname(await treeOf('6.12')), 'objects');
  const records = await execa('find', [objects, '-mindepth', '3', '-maxdepth', '3', '-name', 'objects.json', '-printf', '%T@ %p\\n']);
  const newest = records.stdout.split('\n').sort().at(-1)?.split(' ')[1] ?? '';
  await expectUnmoved([join(dirname(newest), 'objects', name)], '--fresh');
});

test('a cache that cannot be written to is named', async (context) => {
  const cache = await mountSmall(context, join(respin.folder(), 'cache'), 'ro,size=1m');
  const error = await respin.refuse(args, { env: { RESPIN_CACHE: cache } });
  expect(error).toMatchObject({ code: 'file.write', kind: 'host', message: expect.stringContaining(cache) as string, hint: expect.stringContaining('RESPIN_CACHE') as string });
});

test('eight runs at once come to the same', async () => {
  const reports = await Promise.all(Array.from({ length: 8 }, async () => respin.judge([...args, '--fresh'])));
  expect(reports.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 8 }, () => 'good'));
});
