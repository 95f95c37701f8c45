// The step behind all shards: one evidence, one verdict, and the summary of the job. Its arguments are those of respin merge.
import { addSummary, fenced, respin, verdictOf } from './steps.mjs';

const { exitCode, stdout, stderr } = await respin(['merge', ...process.argv.slice(2)]);
addSummary(`## respin: ${verdictOf(exitCode)}\n\n${fenced(stdout === '' ? stderr : stdout)}`);
process.exitCode = exitCode;
