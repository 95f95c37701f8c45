import type { Change, Finding, Promises, TestComparison, TestResult, TestStatus } from '../model.js';

/** How good a status is. What was not proven is not better than what failed. */
const RANK: Readonly<Record<TestStatus, number>> = { pass: 3, skip: 2, fail: 1, crash: 0, timeout: 0, missing: 0 };

/** What became of one test. A side that did not know the test is undefined. */
export function changeOf(base: TestStatus | undefined, tip: TestStatus | undefined): Change {
  if (base === undefined) return 'new';
  // What was there in name alone (a selftest that the base does not have) cannot be lost.
  if (tip === undefined) return base === 'missing' ? 'same' : 'gone';
  if (RANK[tip] < RANK[base]) return 'regressed';
  return tip === 'pass' && base !== 'pass' ? 'fixed' : 'same';
}

/**
 * Test by test, in the order of the tip, then what only the base knew, then what was promised and never seen.
 * @param base undefined when the base was not run
 */
export function compareTests(
  base: readonly TestResult[] | undefined,
  tip: readonly TestResult[],
  promises: Promises,
): readonly TestComparison[] {
  const ofBase = new Map((base ?? []).map((result) => [result.name, result]));
  const ofTip = new Map(tip.map((result) => [result.name, result]));
  const names = [...new Set([...ofTip.keys(), ...ofBase.keys(), ...Object.keys(promises)])];
  return names.map((name) => {
    const before = ofBase.get(name);
    const after = ofTip.get(name);
    return {
      name,
      base: before?.status,
      tip: after?.status,
      change: changeOf(before?.status, after?.status),
      promised: promises[name],
      reason: after?.reason || (after === undefined ? (before?.reason ?? '') : ''),
    };
  });
}

export interface FindingComparison {
  readonly fresh: readonly Finding[];
  readonly known: readonly Finding[];
  readonly gone: readonly Finding[];
}

/** Findings by fingerprint; of several with one fingerprint the first stands for all. */
export function compareFindings(base: readonly Finding[], tip: readonly Finding[]): FindingComparison {
  const first = (findings: readonly Finding[]): ReadonlyMap<string, Finding> =>
    new Map([...findings].reverse().map((finding) => [finding.fingerprint, finding]));
  const ofBase = first(base);
  const ofTip = first(tip);
  const inOrder = (findings: readonly Finding[], from: ReadonlyMap<string, Finding>): readonly Finding[] =>
    findings.filter((finding) => from.get(finding.fingerprint) === finding);
  return {
    fresh: inOrder(tip, ofTip).filter((finding) => !ofBase.has(finding.fingerprint)),
    known: inOrder(tip, ofTip).filter((finding) => ofBase.has(finding.fingerprint)),
    gone: inOrder(base, ofBase).filter((finding) => !ofTip.has(finding.fingerprint)),
  };
}
