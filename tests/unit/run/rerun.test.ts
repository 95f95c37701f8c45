import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync, linkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { readRunEvidence } from '../../../harness/evidence/read.js';
import type { Evidence, EvidenceSide } from '../../../harness/evidence/schema.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { compareRuns } from '../../../harness/run/rerun/items.js';
import { isPack, readPack, writePack } from '../../../harness/run/rerun/pack.js';
import { readRecordedSeries } from '../../../harness/run/rerun/read-series.js';
import { rerunRequest } from '../../../harness/run/rerun/request.js';
import { asMail } from '../../../harness/series/as-mail.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { digestOf } from '../../../harness/store/digest.js';
import { sampleEvidence } from '../evidence/sample.js';
import { seriesOf } from '../series/support.js';

let root: string;
let ctx: Context;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'respin-rerun-'));
  ctx = { effects: realEffects(), cache: cacheAt(join(root, 'cache')), progress: () => undefined };
  folder = join(root, 'evidence');
  mkdirSync(folder);
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const DIFF = 'diff --git a/ipc/a.c b/ipc/a.c\n--- a/ipc/a.c\n+++ b/ipc/a.c\n@@ -1 +1 @@\n-one\n+two\n';

/** Writes the evidence of a run of one patch, and returns it. */
function write(more: Partial<Evidence> = {}): Evidence {
  const [patch] = seriesOf(DIFF).patches;
  if (!patch) throw new Error('no patch');
  mkdirSync(join(folder, 'series'), { recursive: true });
  writeFileSync(join(folder, 'series', '0001.patch'), asMail(patch, 1));
  const sample = sampleEvidence();
  const evidence: Evidence = {
    ...sample,
    series: { ...sample.series, patches: [{ number: 1, subject: patch.subject, digest: digestOf(DIFF) }] },
    options: { append: [], qemuArgs: ['-device', 'x'], repeat: 3, config: [{ name: '--config CONFIG_A=y', text: 'CONFIG_A=y' }] },
    request: { suites: [], tests: [], kselftests: ['ipc'], append: ['quiet'], memory: '512M', timeoutMs: 1000, autoConfig: true },
    ...more,
  };
  writeFileSync(join(folder, 'evidence.json'), JSON.stringify(evidence));
  return evidence;
}

const code = (expected: string): unknown => expect.objectContaining({ code: expected, kind: 'usage' });

describe('readRunEvidence', () => {
  it('reads what a run wrote', async () => {
    expect(await readRunEvidence(ctx, folder).catch((error: unknown) => error)).toEqual(code('evidence.unreadable'));
    expect(await readRunEvidence(ctx, (write(), folder))).toMatchObject({ evidence: { kind: 'run' }, folder });
  });

  it.each([
    ['', 'evidence.unreadable'],
    ['{"version": 1', 'evidence.unreadable'],
    ['[]', 'evidence.foreign'],
    ['{"version": "1", "kind": "run"}', 'evidence.foreign'],
    ['{"version": 1, "kind": "run"}', 'evidence.invalid'],
    ['{"version": 2, "kind": "run"}', 'evidence.newer'],
    ['{"version": 1, "kind": "check", "respin": "0", "command": [], "startedAt": "2026-11-21T00:00:00.000Z", "exitCode": 0, "kernels": [], "totalMs": 1}', 'evidence.kind'],
  ])('refuses %j: %s', async (text, expected) => {
    writeFileSync(join(folder, 'evidence.json'), text);
    await expect(readRunEvidence(ctx, folder)).rejects.toEqual(code(expected));
  });
});

describe('readRecordedSeries', () => {
  it('gives the patches that were run, and refuses others', async () => {
    const evidence = write();
    const series = await readRecordedSeries(ctx, folder, evidence);
    expect(series?.patches.map(({ digest }) => digest)).toEqual(evidence.series.patches.map(({ digest }) => digest));
    const path = join(folder, 'series', '0001.patch');
    writeFileSync(path, readFileSync(path, 'utf8').replace('+two', '+2wo'));
    await expect(readRecordedSeries(ctx, folder, evidence)).rejects.toEqual(code('evidence.damaged'));
  });

  it('refuses a folder that lacks a patch or has one too many', async () => {
    const evidence = write();
    const two = { ...evidence, series: { ...evidence.series, patches: [...evidence.series.patches, ...evidence.series.patches] } };
    await expect(readRecordedSeries(ctx, folder, two)).rejects.toEqual(code('evidence.damaged'));
    rmSync(join(folder, 'series'), { recursive: true });
    await expect(readRecordedSeries(ctx, folder, evidence)).rejects.toMatchObject({ kind: 'usage' });
  });

  it('is undefined for a run of the kernel alone', async () => {
    const evidence = write();
    expect(await readRecordedSeries(ctx, folder, { ...evidence, series: { ...evidence.series, patches: [] } })).toBeUndefined();
  });
});

describe('rerunRequest', () => {
  const choices = { accelerator: 'auto', sandbox: 'auto', out: undefined, packageRoot: root, version: '0', command: [], fromNothing: false, kernel: undefined, cwd: '/' } as const;

  it('asks what was asked, anew', async () => {
    const request = await rerunRequest(ctx, folder, write(), root, choices);
    expect(request).toMatchObject({ kernel: '6.12', profile: 'plain', repeat: 3, timeoutMs: 1000, autoConfig: true, fresh: true, tests: { kselftests: ['ipc'], append: ['quiet'], memory: '512M', qemuArgs: ['-device', 'x'] } });
    expect(request.tests.config.map((path) => readFileSync(path, 'utf8'))).toEqual(['CONFIG_A=y']);
    expect(request.seriesRead?.patches).toHaveLength(1);
  });

  it('takes the kernel from where it is on this machine', async () => {
    expect(await rerunRequest(ctx, folder, write(), root, { ...choices, kernel: 'dir:/linux' })).toMatchObject({ kernel: 'dir:/linux' });
  });

  it('refuses evidence that does not say what was asked', async () => {
    await expect(rerunRequest(ctx, folder, write({ request: undefined }), root, choices)).rejects.toEqual(code('evidence.old'));
  });
});

describe('a pack', () => {
  const unpacked = (): string => {
    const into = join(root, 'into');
    mkdirSync(into);
    return into;
  };

  it('holds what is needed, and nothing else', async () => {
    const evidence = write();
    mkdirSync(join(folder, 'tip'));
    writeFileSync(join(folder, 'tip', 'config'), 'CONFIG_A=y\n');
    writeFileSync(join(folder, 'tip', 'console.log'), 'secret');
    const pack = join(root, 'pack.tar.gz');
    await writePack(ctx, folder, evidence, pack);
    expect(await isPack(ctx, pack)).toBe(true);
    const top = await readPack(ctx, pack, unpacked());
    expect(await readRunEvidence(ctx, top)).toMatchObject({ evidence: { kind: 'run' } });
    expect(await readRecordedSeries(ctx, top, evidence)).toBeDefined();
    expect(readFileSync(join(top, 'tip', 'config'), 'utf8')).toBe('CONFIG_A=y\n');
    expect(existsSync(join(top, 'tip', 'console.log'))).toBe(false);
  });

  it('is not made over another file, of tests that only this machine has, nor of damaged evidence', async () => {
    const evidence = write();
    const pack = join(root, 'pack.tar.gz');
    const request = { suites: [], tests: ['/home/me/a.c'], kselftests: [], append: [], autoConfig: false };
    await expect(writePack(ctx, folder, { ...evidence, request }, pack)).rejects.toEqual(code('pack.tests'));
    await expect(writePack(ctx, folder, { ...evidence, request: { ...request, tests: [], suites: ['./a.yaml'] } }, pack)).rejects.toEqual(code('pack.tests'));
    writeFileSync(pack, 'mine');
    await expect(writePack(ctx, folder, evidence, pack)).rejects.toEqual(code('pack.exists'));
    rmSync(pack);
    symlinkSync('/etc/passwd', join(folder, 'series', '0002.diff.txt'));
    await expect(writePack(ctx, folder, evidence, pack)).rejects.toEqual(code('evidence.damaged'));
    expect(existsSync(pack)).toBe(false);
  });

  /** Packs what a script makes in a folder. */
  function hostile(make: (at: string) => void, ...args: readonly string[]): string {
    const at = join(root, 'made');
    mkdirSync(join(at, 'respin-evidence'), { recursive: true });
    writeFileSync(join(at, 'respin-evidence', 'evidence.json'), '{}');
    make(at);
    const pack = join(root, 'hostile.tar.gz');
    execFileSync('tar', ['-czPf', pack, '-C', at, ...(args.length > 0 ? args : ['respin-evidence'])]);
    return pack;
  }

  it.each([
    ['a symbolic link out of it', (at: string) => symlinkSync('/etc', join(at, 'respin-evidence', 'series')), []],
    ['a symbolic link in it', (at: string) => symlinkSync('evidence.json', join(at, 'respin-evidence', 'other')), []],
    ['a hard link', (at: string) => linkSync(join(at, 'respin-evidence', 'evidence.json'), join(at, 'respin-evidence', 'b')), ['respin-evidence/b', 'respin-evidence/evidence.json']],
    ['a name with ..', () => undefined, ['--transform=s,^respin-evidence/evidence.json,respin-evidence/../../escaped,', 'respin-evidence']],
    ['an absolute name', () => undefined, ['--transform=s,^respin-evidence/evidence.json,/tmp/respin-escaped,', 'respin-evidence']],
    ['a FIFO', (at: string) => execFileSync('mkfifo', [join(at, 'respin-evidence', 'fifo')]), []],
    ['another folder', (at: string) => mkdirSync(join(at, 'other')), ['other']],
    ['two folders', (at: string) => mkdirSync(join(at, 'other')), ['other', 'respin-evidence']],
    ['more than it may hold', (at: string) => truncateSync(join(at, 'respin-evidence', 'evidence.json'), 100 * 1024 * 1024), []],
  ] as const)('with %s is refused', async (_, make, args) => {
    const pack = hostile(make, ...args);
    await expect(readPack(ctx, pack, unpacked())).rejects.toEqual(code('pack.damaged'));
    expect(existsSync(join(root, 'escaped'))).toBe(false);
    expect(existsSync('/tmp/respin-escaped')).toBe(false);
  });

  it('that is cut is refused, and what is none is told from one', async () => {
    const evidence = write();
    const pack = join(root, 'pack.tar.gz');
    await writePack(ctx, folder, evidence, pack);
    writeFileSync(pack, readFileSync(pack).subarray(0, 300));
    await expect(readPack(ctx, pack, unpacked())).rejects.toEqual(code('pack.damaged'));
    for (const path of [join(folder, 'evidence.json'), folder, join(root, 'nowhere')]) expect(await isPack(ctx, path), path).toBe(false);
  });
});

describe('compareRuns', () => {
  const boot = (results: Readonly<Record<string, 'pass' | 'fail'>>, findings: EvidenceSide['boots'][number]['findings'] = []): EvidenceSide['boots'][number] => ({
    ...{ argv: [], end: { kind: 'complete', description: '' }, totalMs: 1, at: '', reused: false, findings, console: 'c' },
    results: Object.entries(results).map(([name, status]) => ({ name, program: 'p', status, reason: '', lines: [] })),
  });
  const built = (vmlinux: string): NonNullable<EvidenceSide['build']> => ({ ok: true, what: 'vmlinux', argv: [], ms: 1, objects: 1, reused: false, vmlinux, diagnostics: [], tail: [] });
  const run = sampleEvidence({ tip: { build: built('1'.repeat(64)), initramfs: '2'.repeat(64), boots: [boot({ a: 'pass', b: 'fail' })] } });
  const finding = { class: 'warning', title: 'WARNING in f', fingerprint: 'w', lines: [], line: 1 };
  const differing = (now: Partial<Evidence>): readonly string[] => compareRuns(run, { ...run, ...now }).filter(({ same }) => !same).map(({ what }) => what);

  it.each([
    ['nothing', {}, []],
    ['source', { kernel: { ...run.kernel, digest: 'b'.repeat(64) } }, ['source']],
    ['vmlinux', { tip: { ...run.tip, build: built('3'.repeat(64)) } }, ['tip vmlinux']],
    ['no vmlinux', { tip: { ...run.tip, build: undefined } }, ['tip vmlinux']],
    ['initramfs', { tip: { ...run.tip, initramfs: '3'.repeat(64) } }, ['tip initramfs']],
    ['a result', { tip: { ...run.tip, boots: [boot({ a: 'pass', b: 'pass' })] } }, ['tip results']],
    ['as many results of other tests', { tip: { ...run.tip, boots: [boot({ a: 'fail', b: 'pass' })] } }, ['tip results']],
    ['a test that is gone', { tip: { ...run.tip, boots: [boot({ a: 'pass' })] } }, ['tip results']],
    ['a test that is not stable', { tip: { ...run.tip, boots: [boot({ a: 'pass', b: 'fail' }), boot({ a: 'pass', b: 'pass' })] } }, ['tip results']],
    ['a report', { tip: { ...run.tip, boots: [boot({ a: 'pass', b: 'fail' }, [finding])] } }, ['tip reports']],
    ['how it ended', { tip: { ...run.tip, boots: [{ ...boot({ a: 'pass', b: 'fail' }), end: { kind: 'panic', description: '' } }] } }, ['tip boot']],
    ['verdict', { verdict: { ...run.verdict, name: 'bad' as const } }, ['verdict']],
    ['compiler', { host: { ...run.host, compiler: 'clang' } }, ['compiler']],
  ] as const)('%s', (_, now, expected) => {
    expect(differing(now as Partial<Evidence>)).toEqual(expected);
  });

  it('tools decide nothing', () => {
    expect(compareRuns(run, { ...run, host: { ...run.host, compiler: 'clang' } }).filter(({ same, decides }) => !same && decides)).toEqual([]);
  });
});
