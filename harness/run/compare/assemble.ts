import type { CompareEvidence } from '../../evidence/compare-schema.js';
import type { EvidenceFile } from '../../evidence/write.js';
import type { Series } from '../../model.js';
import type { VersionsVerdict } from '../../verdict/versions.js';
import { commonEvidence, findingEvidence, seriesEvidence, seriesFiles, sideEvidence, sideFiles, type CommonRecord } from '../assemble.js';
import { withTexts } from './patch-texts.js';
import type { ComparedVersions } from './versions.js';

export interface CompareRecord extends CommonRecord {
  readonly older: Series;
  readonly compared: ComparedVersions;
  readonly verdict: VersionsVerdict;
}

/** `evidence.json` of a comparison, and the files that go beside it. */
export function assembleCompareEvidence(record: CompareRecord): { readonly evidence: CompareEvidence; readonly files: readonly EvidenceFile[] } {
  const { older, compared, verdict, plan } = record;
  const { matched, base, old, now, sameKernel, size } = compared;
  const { text, unasked, matches } = matched;
  const evidence: CompareEvidence = {
    ...commonEvidence(record),
    ...{ kind: 'compare', sameKernel, unasked },
    older: seriesEvidence(older, { merged: [], stated: [] }),
    patches: withTexts(matches, older, plan.series),
    base: sideEvidence('base', base),
    old: sideEvidence('old', old),
    now: sideEvidence('new', now),
    size: size.kind === 'measured' ? { ...size, symbols: size.symbols.map((symbol) => ({ ...symbol })) } : size,
    verdict: {
      ...{ name: verdict.verdict, exitCode: verdict.exitCode },
      ...{ better: verdict.better.map((reason) => ({ ...reason })), worse: verdict.worse.map((reason) => ({ ...reason })), doubts: verdict.doubts.map((reason) => ({ ...reason })) },
      tests: verdict.tests.map((test) => ({ ...test })),
      findings: verdict.findings.map((row) => ({ ...row, finding: findingEvidence(row.finding) })),
      warnings: verdict.warnings.map(({ diagnostic, change }) => ({ diagnostic: { ...diagnostic }, change })),
    },
  };
  const files: readonly EvidenceFile[] = [
    ...seriesFiles(older, 'old-series'),
    ...seriesFiles(plan.series),
    ...(text === undefined ? [] : [{ path: 'range-diff.txt', content: text }]),
    ...sideFiles('base', base),
    ...sideFiles('old', old),
    ...sideFiles('new', now),
  ];
  return { evidence, files };
}
