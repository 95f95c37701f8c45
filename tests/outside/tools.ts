import { accessSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { KnownEvidence } from '../../harness/evidence/kinds.js';
import { renderReport, type ReportFormat } from '../../harness/report/formats.js';
import { cellsFor, consolesFor } from '../unit/report/samples.js';

export const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

/** The path of a program; undefined when it is not there, which only a machine outside of CI may have: `npm test` installs it. */
export function program(...names: readonly string[]): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(':').filter(Boolean)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name));
        return join(folder, name);
      } catch {
        continue;
      }
    }
  }
  if (process.env['CI'] !== undefined) throw new Error(`${names.join(' or ')} is not on this machine, and nothing is skipped in CI`);
  return undefined;
}

/** A folder that goes with the file's tests. */
export function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'respin-outside-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A report as the command makes it. */
export function reportOf(format: ReportFormat, evidence: KnownEvidence, testedBy?: string): string {
  return renderReport(format, { evidence, folder: '/evidence', consoles: consolesFor(evidence), cells: cellsFor(evidence), testedBy });
}
