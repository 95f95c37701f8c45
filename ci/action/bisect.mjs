// The step of the workflow that bisects: its inputs as words of a command line, what was found as the summary.
import { join } from 'node:path';
import { addSummary, fenced, input, respin, words, workFolder } from './steps.mjs';

const kernel = input('KERNEL') === '' ? [] : ['--kernel', input('KERNEL')];
const args = ['bisect', ...words('SERIES'), ...kernel, ...words('TESTS'), ...words('SYMPTOM'), '--out', join(workFolder(), 'evidence')];
const { exitCode, stdout, stderr } = await respin(args);
addSummary(`## respin bisect: ${exitCode === 0 ? 'found' : 'not found'}\n\n${fenced(stdout === '' ? stderr.slice(-20_000) : stdout)}`);
process.exitCode = exitCode;
