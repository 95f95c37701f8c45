import type { MatrixEvidence } from '../evidence/matrix-schema.js';
import { jsonDocument } from '../json-document.js';

/** The one document that `--json` prints for a plan that was carried out. */
export function renderMatrixJson({ verdict, plan, shard, cells, totalMs }: MatrixEvidence, folder: string): string {
  return jsonDocument({
    verdict: verdict.name,
    exitCode: verdict.exitCode,
    reasons: verdict.reasons,
    plan: { digest: plan.digest, judges: plan.judges, shards: plan.shards.length },
    shard: shard ?? null,
    cells: cells.map(({ id, kernel, profile, range, outcome, ms }) => ({ id, kernel, profile, range: range ?? null, outcome, ms })),
    totalMs,
    evidence: folder,
  });
}
