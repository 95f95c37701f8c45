// Step 4: the summary of the job.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addSummary, fenced, hasEvidence, respin, workFolder } from './steps.mjs';

/** GitHub takes 1 MiB of summary for a step. */
const MOST = 900_000;

const folder = workFolder();
const evidence = join(folder, 'evidence');
const printed = hasEvidence(evidence) ? await respin(['report', evidence, '--format', 'markdown'], { quiet: true }) : undefined;
if (printed?.exitCode === 0 && Buffer.byteLength(printed.stdout) <= MOST) addSummary(printed.stdout);
else {
  const report = join(folder, 'report.txt');
  const text = existsSync(report) ? readFileSync(report, 'utf8') : 'respin did not run; the log of the steps before says why';
  addSummary(`## respin: ${/^[a-z]+$/.test(process.env.RESPIN_VERDICT ?? '') ? process.env.RESPIN_VERDICT : 'no verdict'}\n\n${fenced(text.slice(-MOST / 4))}`);
}
