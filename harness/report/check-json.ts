import type { CheckReport } from '../evidence/check-schema.js';
import { jsonDocument } from '../json-document.js';

/** The one document that `respin check --json` prints: the evidence itself. */
export function renderCheckJson(report: CheckReport): string {
  return jsonDocument(report);
}
