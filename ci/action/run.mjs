// Step 2: checks and judges the series, and leaves verdict, exit code and evidence as outputs. Its own exit is 0 unless the request is
// wrong before respin sees it: what the verdict does to the job is the last step's affair.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failOn } from './fail-on.mjs';
import { pullRequestSeries } from './pull-request.mjs';
import { setOutput } from './outputs.mjs';
import { hasEvidence, input, repeated, respin, verdictOf, words, workFolder } from './steps.mjs';

failOn();
const folder = workFolder();
const [evidence, check, report, plan] = ['evidence', 'check.json', 'report.txt', 'plan.json'].map((name) => join(folder, name));
// What an earlier run left is not this one's.
for (const path of [evidence, check, report, plan]) rmSync(path, { recursive: true, force: true });

const named = words('SERIES');
const series = named.length > 0 ? named : [await pullRequestSeries()];
const kernel = input('KERNEL') === '' ? [] : ['--kernel', input('KERNEL')];
const profiles = words('PROFILES');
const tests = [...repeated('--suite', 'SUITES'), ...repeated('--kselftest', 'KSELFTESTS'), ...repeated('--test', 'TESTS'), ...repeated('--config', 'CONFIG')];

// Seconds, and nothing hangs on it: what it cannot do, the run tells.
const checked = await respin(['check', ...series, ...kernel, '--json'], { quiet: true });
if ([0, 1, 3].includes(checked.exitCode) && checked.stdout.startsWith('{')) writeFileSync(check, checked.stdout);

async function judge() {
  const out = ['--out', evidence];
  if (profiles.length <= 1) return respin(['run', ...series, ...kernel, ...profiles.flatMap((name) => ['--profile', name]), ...tests, ...out]);
  const planned = await respin(['plan', ...series, ...kernel, ...profiles.flatMap((name) => ['--profile', name]), ...tests, '--out', plan]);
  return planned.exitCode === 0 ? respin(['run', '--plan', plan, ...out]) : planned;
}

const { exitCode, stdout, stderr } = await judge();
const there = hasEvidence(evidence);
// A verdict of the series is one that there is evidence for.
const verdict = ['good', 'bad', 'untestable'].includes(verdictOf(exitCode)) && !there ? 'host' : verdictOf(exitCode);
writeFileSync(report, there ? stdout : stderr);
setOutput('verdict', verdict);
setOutput('exit-code', verdict === verdictOf(exitCode) ? String(exitCode) : '3');
setOutput('evidence', there ? evidence : '');
