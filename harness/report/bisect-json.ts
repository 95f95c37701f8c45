import type { BisectEvidence } from '../evidence/bisect-schema.js';
import { jsonDocument } from '../json-document.js';

/** The one document that `respin bisect --json` prints. */
export function renderBisectJson(evidence: BisectEvidence, folder: string): string {
  const { verdict, kernel, series, fixed, ends, steps, difference, confirmations, timings, totalMs } = evidence;
  return jsonDocument({
    verdict: verdict.name,
    exitCode: verdict.exitCode,
    reasons: verdict.reasons,
    culprit: verdict.culprit ?? null,
    suspects: verdict.suspects,
    fixed,
    difference: difference ?? null,
    ends: ends ?? null,
    kernel: { version: kernel.version, label: kernel.label, digest: kernel.digest },
    series: { name: series.name, title: series.title, digest: series.digest, patches: series.patches },
    steps: steps.map(({ point, subject, mark, why, shown, runs, vmlinux, sameAs, ms, side }) => ({
      ...{ point, subject, mark, why, shown, runs, vmlinux: vmlinux ?? null, sameAs: sameAs ?? null, ms },
      built: side.build?.ok === true && !side.build.reused,
    })),
    confirmations: confirmations.map(({ what, held, text }) => ({ what, held: held ?? null, text })),
    timings,
    totalMs,
    evidence: folder,
  });
}
