import type { WalkEvidence } from '../evidence/schema.js';
import { jsonDocument } from '../json-document.js';

/** The one document that `respin walk --json` prints. */
export function renderWalkJson(evidence: WalkEvidence, folder: string): string {
  const { verdict, kernel, series, points } = evidence;
  return jsonDocument({
    verdict: verdict.name,
    exitCode: verdict.exitCode,
    reasons: verdict.reasons,
    bisectable: verdict.bisectable,
    kernel: { version: kernel.version, label: kernel.label, digest: kernel.digest, checks: kernel.checks },
    series: {
      ...{ name: series.name, title: series.title, digest: series.digest, prerequisites: series.prerequisites, patches: series.patches },
      ...{ notes: series.notes, trailers: series.trailers, stated: series.stated, merged: series.merged },
    },
    points: points.map(({ patch, subject, outcome, sameAs, side }) => ({
      ...{ patch, subject, outcome, sameAs: sameAs ?? null, vmlinux: side.build?.vmlinux ?? null },
      rejected: side.rejected ?? null,
      coverage: side.coverage ?? null,
      diagnostics: side.build?.diagnostics ?? [],
      findings: side.boots[0]?.findings ?? [],
    })),
    tests: verdict.rows.map(({ name, promised, cells }) => ({
      name,
      promised: promised ?? null,
      results: cells.map((status, index) => ({ patch: points[index]?.patch ?? null, status })),
    })),
    brings: verdict.brings,
    timings: evidence.timings,
    totalMs: evidence.totalMs,
    evidence: folder,
  });
}
