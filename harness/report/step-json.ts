import type { StepEvidence } from '../evidence/step-schema.js';
import { jsonDocument } from '../json-document.js';

/** The one document that `respin run --bisect --json` prints. */
export function renderStepJson(evidence: StepEvidence, folder: string): string {
  const { verdict, kernel, fault, shown, runs, side, timings, totalMs } = evidence;
  return jsonDocument({
    verdict: verdict.name,
    exitCode: verdict.exitCode,
    reasons: verdict.reasons,
    ...{ fault, shown, runs },
    kernel: { version: kernel.version, label: kernel.label, digest: kernel.digest },
    tests: (side.boots.at(-1)?.results ?? []).map(({ name, status, reason }) => ({ name, status, reason })),
    findings: side.boots.flatMap(({ findings }) => findings),
    diagnostics: side.build?.diagnostics ?? [],
    timings,
    totalMs,
    evidence: folder,
  });
}
