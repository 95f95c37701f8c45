import type { CompareEvidence } from '../evidence/compare-schema.js';
import { jsonDocument } from '../json-document.js';

/** The one document that `respin compare --json` prints. */
export function renderCompareJson(evidence: CompareEvidence, folder: string): string {
  const { verdict, kernel, series, older, patches, unasked, sameKernel, size, timings, totalMs } = evidence;
  return jsonDocument({
    verdict: verdict.name,
    exitCode: verdict.exitCode,
    better: verdict.better,
    worse: verdict.worse,
    doubts: verdict.doubts,
    kernel: { version: kernel.version, label: kernel.label, digest: kernel.digest },
    old: { name: older.name, title: older.title, digest: older.digest, patches: older.patches, notes: older.notes },
    new: { name: series.name, title: series.title, digest: series.digest, patches: series.patches, notes: series.notes },
    patches: patches.map(({ change, old, now, subject, moved, size: lines }) => ({ change, old: old ?? null, new: now ?? null, subject, moved, lines })),
    rangeDiff: unasked === undefined,
    sameKernel,
    tests: verdict.tests.map(({ name, base, old, now, change, reason }) => ({ name, base: base ?? null, old: old ?? null, new: now ?? null, change, reason })),
    findings: verdict.findings.map(({ finding, base, old, now, change }) => ({ ...finding, change, base, old, new: now })),
    warnings: verdict.warnings.map(({ diagnostic, change }) => ({ ...diagnostic, change })),
    size: size.kind === 'measured' ? { ...size, symbols: size.symbols.map(({ name, old, now, delta }) => ({ name, old: old ?? null, new: now ?? null, delta })) } : size,
    coverage: { old: evidence.old.coverage ?? null, new: evidence.now.coverage ?? null },
    timings,
    totalMs,
    evidence: folder,
  });
}
