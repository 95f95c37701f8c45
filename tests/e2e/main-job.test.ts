import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEvidence } from './evidence.js';
import { imagesOf, sharedCache, statusesOf, useRespin, type Report } from './respin.js';

const respin = useRespin();

function expectGood(report: Report): void {
  expect({ verdict: report.verdict, exitCode: report.exitCode, reasons: report.reasons, findings: report.findings }).toEqual({
    verdict: 'good',
    exitCode: 0,
    reasons: [],
    findings: [],
  });
  const base = statusesOf(report, 'base');
  const tip = statusesOf(report, 'tip');
  const probes = Object.keys(tip).filter((name) => /^semundo\.(?:read|race)\./.test(name));
  // The file of semundo-v1 cannot be written.
  const writing = Object.keys(tip).filter((name) => name.startsWith('semundo.write.'));
  expect(probes.length).toBeGreaterThanOrEqual(36);
  expect(writing.length).toBeGreaterThanOrEqual(60);
  const all = (names: readonly string[], status: string): Readonly<Record<string, string>> => Object.fromEntries(names.map((name) => [name, status]));
  expect(base).toEqual({ msgque: 'pass', ...all(probes, 'fail'), ...all(writing, 'skip') });
  expect(tip).toEqual({ msgque: 'pass', ...all(probes, 'pass'), ...all(writing, 'skip') });
}

describe.each(['6.12', '6.1'])('semundo-v1 on %s', (line) => {
  const args = ['semundo-v1', '--kernel', line];

  test('every probe fails on the base and passes on the tip, msgque passes on both, and the evidence is there', async () => {
    const out = join(respin.folder(), line);
    const report = await respin.judge([...args, '--out', out]);
    expectGood(report);
    expect(report.kernel.version).toMatch(new RegExp(`^${line.replace('.', '\\.')}\\.\\d+$`));
    expect(report.kernel.checks.length).toBeGreaterThan(0);
    expect(report.evidence).toBe(out);

    const evidence = await readEvidence(out);
    expect(evidence.kernel.digest).toBe(report.kernel.digest);
    expect(imagesOf(evidence)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(imagesOf(evidence)[0]).not.toBe(imagesOf(evidence)[1]);
    expect((await readdir(out)).sort()).toEqual(['base', 'evidence.json', 'series', 'tip']);
    for (const side of ['base', 'tip'] as const) {
      const [boot] = evidence[side].boots;
      expect(boot?.end.kind).toBe('complete');
      expect(boot?.argv[0]).toContain('qemu-system');
      const read = async (path: string): Promise<string> => readFile(join(out, path), 'utf8');
      expect(await read(boot?.console ?? '')).toContain(`Linux version ${report.kernel.version}`);
      expect(await read(join(side, 'config'))).toContain('CONFIG_SYSVIPC=y');
      expect(await read(evidence[side].build?.log ?? '')).toMatch(/^ {2}(?:CALL|CC|GEN) +\S/m);
    }
  });

  test('again, everything is known: nothing is built or booted, and the report says so', async () => {
    const out = join(respin.folder(), `${line}-again`);
    const report = await respin.judge([...args, '--out', out]);
    expectGood(report);
    expect(report.timings.filter(({ stage }) => stage === 'build' || stage === 'boot').map(({ outcome }) => outcome)).toEqual(Array(4).fill('reused'));
    expect(imagesOf(await readEvidence(out))).toEqual(imagesOf(await readEvidence(join(respin.folder(), line))));

    const text = await respin.run(['run', ...args]);
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toMatch(/^msgque +pass +pass +same/m);
    expect(text.stdout).toMatch(/^semundo\.read\.format +fail +pass +fixed/m);
    expect(text.stdout).toMatch(/^GOOD/m);
    expect(text.stdout).toMatch(/^the result of the base is that of /m);
    expect(text.stdout).toMatch(/^evidence: \//m);
  });

  test('with other tests that need the same configuration, no kernel is built', async () => {
    const report = await respin.judge([...args, '--suite', 'next_id']);
    expect(report.timings.filter(({ stage }) => stage === 'build').map(({ outcome }) => outcome)).toEqual(['reused', 'reused']);
    expect(report.tests.map(({ name }) => name)).toContain('next_id.file.mode');
    // What is promised of tests that were not asked for is neither kept nor broken.
    expect(report.reasons.map(({ code }) => code)).not.toContain('promise.broken');
  });

  test('with --fresh it is built and booted again, to the same bytes', async () => {
    const out = join(respin.folder(), `${line}-fresh`);
    const report = await respin.judge([...args, '--fresh', '--out', out]);
    expectGood(report);
    expect(report.timings.map(({ outcome }) => outcome)).not.toContain('reused');
    const evidence = await readEvidence(out);
    const first = await readEvidence(join(respin.folder(), line));
    expect(imagesOf(evidence)).toEqual(imagesOf(first));
    expect([evidence.base.initramfs, evidence.tip.initramfs]).toEqual([first.base.initramfs, first.tip.initramfs]);
  });
});

test('a kernel that was damaged in the cache is not booted', async () => {
  const first = await readEvidence((await respin.judge(['semundo-v1', '--kernel', '6.12'])).evidence);
  const digest = first.tip.build?.vmlinux ?? '';
  const path = join(sharedCache().images, digest, 'vmlinux');
  const whole = await readFile(path);
  const damaged = Buffer.from(whole);
  damaged[damaged.length >> 1] = ~(damaged[damaged.length >> 1] ?? 0) & 0xff;
  await writeFile(path, damaged);
  expectGood(await respin.judge(['semundo-v1', '--kernel', '6.12']));
  expect((await readFile(path)).equals(whole)).toBe(true);
});
