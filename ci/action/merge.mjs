// The step behind all shards: one evidence, one verdict, and the summary of the job. Its arguments are those of respin merge.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { addSummary, fenced, respin, verdictOf, workFolder } from './steps.mjs';

const summary = join(workFolder(), 'summary.md');
rmSync(summary, { force: true });
const { exitCode, stdout, stderr } = await respin(['merge', ...process.argv.slice(2), '--report', `markdown=${summary}`]);
// What does not fit has no evidence, and so no report.
addSummary(existsSync(summary) ? readFileSync(summary, 'utf8') : `## respin: ${verdictOf(exitCode)}\n\n${fenced(stdout === '' ? stderr : stdout)}`);
process.exitCode = exitCode;
