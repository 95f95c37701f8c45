// Step 3: annotates the lines of the pull request.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasEvidence, respin, workFolder } from './steps.mjs';

const folder = workFolder();
const [evidence, check] = ['evidence', 'check.json'].map((name) => join(folder, name));
const sources = [...(hasEvidence(evidence) ? [evidence] : []), ...(existsSync(check) ? [check] : [])];
if (sources.length > 0) {
  const { exitCode, stdout } = await respin(['annotate', ...sources], { quiet: true });
  // Nothing but commands, each on a line of its own.
  if (exitCode === 0) process.stdout.write(stdout);
  else process.stdout.write('::warning title=respin::the lines could not be annotated; the log of this step says why\n');
}
