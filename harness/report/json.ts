import type { Evidence } from '../evidence/schema.js';
import { jsonDocument } from '../json-document.js';

/** The one document that `--json` prints. */
export function renderJson(evidence: Evidence, folder: string): string {
  const { verdict, kernel, series } = evidence;
  return jsonDocument({
    verdict: verdict.name,
    exitCode: verdict.exitCode,
    reasons: verdict.reasons,
    kernel: { version: kernel.version, label: kernel.label, digest: kernel.digest, checks: kernel.checks },
    series: {
      ...{ name: series.name, title: series.title, digest: series.digest, patches: series.patches, notes: series.notes, trailers: series.trailers },
      ...{ stated: series.stated, merged: series.merged },
    },
    tests: verdict.tests.map(({ name, base, tip, change, reason }) => ({ name, base: base ?? null, tip: tip ?? null, change, reason })),
    findings: [
      ...verdict.newFindings.map((finding) => ({ ...finding, on: 'tip' })),
      ...verdict.knownFindings.map((finding) => ({ ...finding, on: 'both' })),
      ...verdict.goneFindings.map((finding) => ({ ...finding, on: 'base' })),
    ],
    notes: verdict.notes,
    rejected: evidence.tip.rejected ?? null,
    coverage: evidence.tip.coverage ?? null,
    autoConfig: evidence.tip.config?.auto ?? null,
    diagnostics: { base: evidence.base.build?.diagnostics ?? [], tip: evidence.tip.build?.diagnostics ?? [] },
    timings: evidence.timings,
    totalMs: evidence.totalMs,
    evidence: folder,
  });
}
