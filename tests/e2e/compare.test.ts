import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { useRespin, type CompareReport } from './respin.js';
import { edited, shippedPatches, writeSuite, writeVersion, type PatchText } from './versions.js';

const respin = useRespin();

let shipped: readonly PatchText[] = [];
let suite = '';

beforeAll(async () => {
  [shipped, suite] = await Promise.all([shippedPatches(), writeSuite()]);
});

async function compare(old: readonly PatchText[], now: readonly PatchText[]): Promise<CompareReport> {
  const [before, after] = [await writeVersion('old', old), await writeVersion('new', now)];
  return respin.compare([before, after, '--kernel', '6.12', '--suite', suite]);
}

/** Patch by patch: its number in the old version, in the new one, and what became of it. */
function patchesOf({ patches }: CompareReport): readonly (readonly [number | null, number | null, string])[] {
  return patches.map(({ old, new: now, change, moved }) => [old, now, `${change}${moved ? ', moved' : ''}`]);
}

/** Tests that are not as they were, with what became of them. */
function changesOf({ tests }: CompareReport): Readonly<Record<string, string>> {
  return Object.fromEntries(tests.filter(({ change }) => change !== 'same').map(({ name, change }) => [name, change]));
}

const UNCHANGED = [1, 2, 3, 4, 5].map((number) => [number, number, 'unchanged'] as const);

test('a version and itself are the same, without a second boot', async () => {
  const report = await compare(shipped, shipped);
  expect(report).toMatchObject({ verdict: 'same', exitCode: 0, sameKernel: true, rangeDiff: true, better: [], worse: [], doubts: [] });
  expect(patchesOf(report)).toEqual(UNCHANGED);
  expect(report.tests.filter(({ old }) => old === 'pass').length).toBeGreaterThan(20);
  expect(report.size).toMatchObject({ kind: 'measured', symbols: [] });
  expect(report.timings.filter(({ stage }) => stage === 'boot').map(({ what }) => what)).toEqual(['base', 'old']);
});

test('patches in another order', async () => {
  const [one, two, three, four, five] = shipped as readonly [PatchText, PatchText, PatchText, PatchText, PatchText];
  const report = await compare(shipped, [one, three, two, four, five]);
  expect(report).toMatchObject({ verdict: 'same', sameKernel: true });
  expect(report.patches.filter(({ moved }) => moved)).toHaveLength(1);
  expect(patchesOf(report).map(([old, now]) => [old, now])).toEqual([[1, 1], [3, 2], [2, 3], [4, 4], [5, 5]]);
});

test('a patch that was changed, in a comment alone', async () => {
  const changed = edited(shipped[0], 'go on, there may be a lower type', 'look on: a lower type may come');
  // The third moves these lines.
  const report = await compare(shipped, [changed, edited(shipped[2], '-\t\t\t\t/* go on, there may be a lower type */', '-\t\t\t\t/* look on: a lower type may come */')].flatMap((patch, index) => (index === 0 ? [patch, ...shipped.slice(1, 2)] : [patch, ...shipped.slice(3)])));
  expect(report).toMatchObject({ verdict: 'same', sameKernel: true });
  expect(report.patches[0]).toMatchObject({ old: 1, new: 1, change: 'changed' });
  expect(report.patches[0]?.lines).toBeGreaterThanOrEqual(2);
  expect(await readFile(join(report.evidence, 'range-diff.txt'), 'utf8')).toContain('look on: a lower type may come');
});

test('a patch that was dropped, with what it did', async () => {
  const report = await compare(shipped, shipped.filter((_, index) => index !== 1));
  expect(report).toMatchObject({ verdict: 'worse', exitCode: 1, sameKernel: false, better: [] });
  expect(patchesOf(report).filter(([, , change]) => change !== 'unchanged')).toEqual([[2, null, 'dropped']]);
  expect(changesOf(report)).toMatchObject({ msgque: 'regressed', 'next_sysctl.msg.default': 'regressed' });
  expect(report.worse.map(({ text }) => text).join('\n')).toContain('as well)');
  expect(report.size.symbols?.find(({ name }) => name === 'ipc_sysctls')?.delta).toBeLessThan(0);
});

test('a patch that was split', async () => {
  const [one, two, three, four, five] = shipped as readonly [PatchText, PatchText, PatchText, PatchText, PatchText];
  const isHelper = (file: string): boolean => /^diff --git a\/ipc\/(?:msgutil\.c|util\.h) /.test(file);
  const helpers = { subject: 'ipc: let a message be copied', body: '\nOnly the helpers.\n\n---\n', files: four.files.filter(isHelper) };
  const rest = { ...four, files: four.files.filter((file) => !isHelper(file)) };
  const report = await compare(shipped, [one, two, three, helpers, rest, five]);
  expect(report).toMatchObject({ verdict: 'same', sameKernel: true });
  expect(patchesOf(report)).toEqual([[1, 1, 'unchanged'], [2, 2, 'unchanged'], [3, 3, 'unchanged'], [null, 4, 'new'], [4, 5, 'changed'], [5, 6, 'unchanged']]);
});

test('one probe is fixed and another breaks', async () => {
  const lost = shipped.map((patch, index) => (index === 3 ? edited(patch, 'msgtyp != pos++', 'msgtyp != pos') : patch));
  const loose = shipped.map((patch, index) => {
    if (index !== 1) return patch;
    const from = '"shm_next_id",\n+\t\t.data\t\t= &init_ipc_ns.ids[IPC_SHM_IDS].next_id,\n+\t\t.maxlen\t\t= sizeof(init_ipc_ns.ids[IPC_SHM_IDS].next_id),\n+\t\t.mode\t\t= 0444,\n+\t\t.proc_handler\t= proc_dointvec_minmax,\n+\t\t.extra1\t\t= SYSCTL_ZERO';
    return edited(patch, from, from.replace('SYSCTL_ZERO', 'SYSCTL_NEG_ONE'));
  });
  const report = await compare(lost, loose);
  expect(report).toMatchObject({ verdict: 'mixed', exitCode: 1, doubts: [] });
  expect(patchesOf(report).filter(([, , change]) => change !== 'unchanged')).toEqual([[2, 2, 'changed'], [4, 4, 'changed']]);
  const changes = changesOf(report);
  expect(changes['msg_copy.by_index']).toBe('fixed');
  expect(Object.entries(changes).filter(([, change]) => change !== 'fixed')).toEqual([['next_sysctl.shm.refuses_minus_one', 'regressed']]);
  // What differs is looked at four times.
  expect(report.timings.filter(({ stage, what }) => stage === 'boot' && what.startsWith('new'))).toHaveLength(4);
});

test('a version that does not build, then one that does', async () => {
  const broken = shipped.map((patch, index) => (index === 3 ? edited(patch, 'msgtyp != pos++', 'msgtyp != post') : patch));
  const report = await compare(broken, shipped);
  expect(report).toMatchObject({ verdict: 'better', exitCode: 0, size: { kind: 'not-measured' } });
  expect(report.better.map(({ code }) => code)).toEqual(['reach.better']);
});

test('two versions are needed, and are read as run reads a series', async () => {
  expect(await respin.run(['compare', 'semundo-v1'])).toMatchObject({ exitCode: 2 });
  const done = await respin.run(['compare', 'semundo-v1', 'no-such-series', '--kernel', '6.12']);
  expect(done.exitCode).toBe(2);
  expect(done.stderr).toContain('unknown series "no-such-series"');
});
