import type { CheckReport } from '../evidence/check-schema.js';

/** The one document that `respin check --json` prints: the evidence itself. */
export function renderCheckJson(report: CheckReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
