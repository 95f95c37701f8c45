// The last step: fails the job by the verdict. Without one, something else failed, and that is not good either.
import { failOn } from './fail-on.mjs';

const verdict = process.env.RESPIN_VERDICT ?? '';
const exitCode = /^\d{1,3}$/.test(process.env.RESPIN_EXIT_CODE ?? '') ? Number(process.env.RESPIN_EXIT_CODE) : 3;
const failing = failOn();
if (verdict === '') {
  console.log('::error title=respin::there is no verdict: a step before this one failed');
  process.exit(3);
}
const fails = verdict !== 'good' && failing.includes(verdict);
console.log(`verdict: ${/^[a-z]+$/.test(verdict) ? verdict : 'unknown'}, exit code ${exitCode}; ${fails ? 'this fails the job' : 'this does not fail the job'}`);
process.exitCode = fails ? exitCode || 3 : 0;
