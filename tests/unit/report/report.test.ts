import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../harness/evidence/schema.js';
import { renderJson } from '../../../harness/report/json.js';
import { renderText } from '../../../harness/report/text.js';
import { sampleEvidence } from '../evidence/sample.js';

const HOSTILE = '\u001b[31m</script>\u0000\r\n::error::';
const finding = { class: 'kasan', title: 'KASAN in f', function: 'f', fingerprint: 'kasan:f', lines: ['BUG: KASAN', HOSTILE], line: 3 };

function verdict(more: Partial<Evidence['verdict']>): Partial<Evidence> {
  return { verdict: { ...sampleEvidence().verdict, ...more } };
}

describe('renderText', () => {
  it('has the table, the times, the verdict and the place of the evidence, in this order', () => {
    const text = renderText(sampleEvidence(), '/evidence');
    const order = ['TEST', 'semundo.read.format  fail  pass  fixed', 'STAGE', 'GOOD', 'evidence: /evidence'].map((part) => text.indexOf(part));
    expect(order.every((at) => at >= 0)).toBe(true);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
    expect(text).toMatch(/the result of the base is that of 2026-11-20/);
  });

  it('tells in how many boots a test came out the same where they differ, and where several were asked for', () => {
    const one = sampleEvidence();
    const [boot] = one.tip.boots;
    const booted = (...statuses: readonly ('pass' | 'fail')[]) =>
      statuses.flatMap((status) => (boot === undefined ? [] : [{ ...boot, results: [{ program: 'p', name: 'semundo.read.format', status, reason: '', lines: [] }] }]));
    const row = (evidence: Evidence) => /^semundo\.read\.format .*$/m.exec(renderText(evidence, '/e'))?.[0] ?? '';
    const said = (boots: ReturnType<typeof booted>, repeat = 1) => row({ ...one, options: { append: [], qemuArgs: [], config: [], repeat }, tip: { ...one.tip, boots } });
    expect(said(booted('pass', 'pass'))).toMatch(/pass +fixed/);
    expect(said(booted('pass', 'fail', 'pass'))).toContain('pass 2 of 3');
    expect(said(booted('pass', 'pass'), 2)).toContain('pass 2 of 2');
  });

  it('says why it is bad, and shows the report of the kernel', () => {
    const text = renderText(
      sampleEvidence(verdict({ name: 'bad', exitCode: 1, reasons: [{ code: 'finding.new', text: 'the kernel reports: KASAN in f' }], newFindings: [finding] })),
      '/e',
    );
    expect(text).toMatch(/^new on the tip: KASAN in f\n {4}\| BUG: KASAN$/m);
    expect(text).toMatch(/^BAD\n {2}the kernel reports: KASAN in f$/m);
  });

  it('shows file, hunk, expected and found of a patch that does not apply', () => {
    const rejections = [{ file: 'ipc/sem.c', hunk: '@@ -1,2 +1,3 @@', problem: 'the hunk does not match', expected: ['int a;'], found: ['int b;'], line: 12 }];
    const text = renderText(sampleEvidence({ tip: { rejected: { patch: 2, subject: 's', rejections }, boots: [] } }), '/e');
    expect(text).toMatch(/patch 2 "s" does not apply to ipc\/sem\.c: the hunk does not match\n {4}@@ -1,2 \+1,3 @@\n {4}the patch expects:\n {4}\| int a;\n {4}the tree has, from line 12:\n {4}\| int b;/);
  });

  it('shows the diagnostics of the tip that the base does not have', () => {
    const build = { ok: true, what: 'vmlinux', argv: [], ms: 1, objects: 1, reused: false, tail: [] };
    const old = { severity: 'warning' as const, file: 'a.c', line: 1, message: 'old' };
    const fresh = { severity: 'warning' as const, file: 'a.c', line: 9, message: 'new', patch: 1 };
    const text = renderText(
      sampleEvidence({ base: { build: { ...build, diagnostics: [old] }, boots: [] }, tip: { build: { ...build, diagnostics: [{ ...old, line: 2 }, fresh] }, boots: [] } }),
      '/e',
    );
    expect(text.match(/warning: /g)).toHaveLength(2);
    expect(text).toMatch(/tip: a\.c:9: warning: new \(a line of patch 1\)/);
  });

  it('obeys no hostile text', () => {
    const evidence = sampleEvidence({
      ...verdict({ newFindings: [finding], reasons: [{ code: 'x', text: HOSTILE }], tests: [{ name: HOSTILE, tip: 'fail', change: 'new', reason: HOSTILE }] }),
      series: { ...sampleEvidence().series, name: HOSTILE, title: HOSTILE },
    });
    expect(renderText(evidence, HOSTILE)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('renderJson', () => {
  it('has what the command promises', () => {
    const parsed = JSON.parse(renderJson(sampleEvidence(verdict({ newFindings: [finding] })), '/e')) as Record<string, unknown>;
    expect(parsed).toMatchObject({
      verdict: 'good',
      exitCode: 0,
      kernel: { version: '6.12.117' },
      series: { name: 'semundo-v1' },
      tests: [{ name: 'semundo.read.format', base: 'fail', tip: 'pass', change: 'fixed' }],
      findings: [{ class: 'kasan', on: 'tip' }],
      timings: [{ stage: 'build' }],
      evidence: '/e',
    });
  });
});
