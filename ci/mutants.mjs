// `npm run mutants [-- FILE…]`: changes what decides and what parses by one small thing at a time, and says which changes no test
// notices. Each of those is either tested or listed, with its reason, in ci/mutation/survivors.yaml.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, installPackages, root } from './bootstrap.mjs';

/** At least so many of a hundred have to be noticed. */
const LEAST_SCORE = 90;
const home = join(root, 'ci/mutation');
const [options, files] = [process.argv.slice(2).filter((arg) => arg.startsWith('-')), process.argv.slice(2).filter((arg) => !arg.startsWith('-'))];
const wrong = options.find((option) => option !== '--static') ?? files.find((file) => !/^harness\/(?:verdict|results)\/[\w-]+\.ts$/.test(file) || !existsSync(join(root, file)));
if (wrong !== undefined) {
  console.error(`npm run mutants: ${wrong} is neither --static nor a file of harness/verdict or harness/results`);
  console.error('  for example: npm run mutants -- harness/verdict/decide.ts');
  process.exit(2);
}

bootstrap();
const { $ } = await import('zx');
const { parse } = await import('yaml');
// vitest is that of respin.
installPackages(home, ['--legacy-peer-deps']);
// What is evaluated when a file is loaded is tried with all tests each time: an hour, so only when it is asked for.
const args = [...(options.includes('--static') ? [] : ['--ignoreStatic']), ...(files.length > 0 ? ['--mutate', files.join(',')] : [])];
await $({ cwd: root, stdio: 'inherit' })`node ci/mutation/node_modules/@stryker-mutator/core/bin/stryker.js run ci/mutation/stryker.config.json ${args}`;

/** `FILE: the line as it was changed`, whatever its number is. */
function nameOf(file, source, { location: { start, end }, replacement = '' }) {
  const lines = source.split('\n');
  const changed = `${lines[start.line - 1].slice(0, start.column - 1)}${replacement}${lines[end.line - 1].slice(end.column - 1)}`;
  return `${file}: ${changed.replace(/\s+/g, ' ').trim()}`;
}

const { files: found } = JSON.parse(readFileSync(join(home, 'reports/mutation.json'), 'utf8'));
const listed = new Map((parse(readFileSync(join(home, 'survivors.yaml'), 'utf8')) ?? []).flatMap(({ reason, mutants }) => mutants.map((name) => [name, reason])));
const total = { noticed: 0, all: 0 };
const unlisted = [];
for (const [file, { source, mutants }] of Object.entries(found)) {
  const counted = mutants.filter(({ status }) => ['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(status));
  const survivors = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  total.all += counted.length;
  total.noticed += counted.length - survivors.length;
  if (counted.length > 0) console.log(`${((100 * (counted.length - survivors.length)) / counted.length).toFixed(1).padStart(5)} %  ${file} (${survivors.length} of ${counted.length} not noticed)`);
  unlisted.push(...survivors.map((mutant) => ({ name: nameOf(file, source, mutant), line: mutant.location.start.line })).filter(({ name }) => !listed.has(name)));
}
const score = (100 * total.noticed) / Math.max(1, total.all);
console.log(`${score.toFixed(1)} % of ${total.all} changes are noticed by a test; at least ${LEAST_SCORE} % have to be`);
for (const { name, line } of unlisted) console.log(`not noticed, and not in ci/mutation/survivors.yaml (line ${line}): ${name}`);
process.exitCode = total.all > 0 && score >= LEAST_SCORE && unlisted.length === 0 ? 0 : 1;
