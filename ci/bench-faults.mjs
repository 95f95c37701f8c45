// `npm run bench:faults -- FOLDER`: how well kernel reports are found in the logs of a folder, and how fast. `--list` prints
// the logs that came out wrong, `--part 2/4` takes the second of four parts by chance, `--seed N` parts them otherwise.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap, root } from './bootstrap.mjs';

bootstrap();
const { argv } = await import('zx');
const load = (name) => import(pathToFileURL(join(root, 'dist/results', name)).href);
const { findFaults } = await load('faults.js');
const { readCorpusLog, scoreLog, titleFunction } = await load('corpus-score.js');

const [folder] = argv._.map(String);
const seed = String(argv.seed ?? 7);
const part = /^([1-9])\/([1-9])$/.exec(String(argv.part ?? '1/1'));
if (folder === undefined || part === null || Number(part[1]) > Number(part[2])) {
  console.error('usage: npm run bench:faults -- FOLDER [--list] [--part K/N] [--seed N]; for example: npm run bench:faults -- ../corpus/oops --list --part 1/2');
  process.exit(2);
}

const partOf = (name) => (createHash('sha256').update(`${seed} ${name}`).digest()[0] % Number(part[2])) + 1;
const names = readdirSync(folder).filter((name) => partOf(name) === Number(part[1])).sort();
const logs = names.map((name) => ({ name, ...readCorpusLog(readFileSync(join(folder, name), 'latin1')) }));
if (logs.length === 0) {
  console.error(`no log in ${folder}`);
  process.exit(2);
}
const scored = logs.map((log) => {
  const findings = findFaults(log.log);
  return { log, findings, score: scoreLog(log, findings) };
});

/** Figure, key of the score, least share in percent. */
const FIGURES = [
  ['faulty logs noticed', 'noticed', 99.5],
  ['silent logs silent', 'silent', 100],
  ['class right', 'classRight', 97],
  ['function in the title right', 'functionRight', 95],
  ['marked corrupt as the header says', 'corruptRight', undefined],
];
let failed = false;
for (const [figure, key, bound] of FIGURES) {
  const asked = scored.filter(({ score }) => score[key] !== undefined);
  const right = asked.filter(({ score }) => score[key]).length;
  const share = asked.length === 0 ? 100 : (100 * right) / asked.length;
  const isMet = bound === undefined || share >= bound;
  failed ||= !isMet;
  console.log(`${bound === undefined ? '     ' : isMet ? 'ok   ' : 'UNDER'} ${figure}: ${right} of ${asked.length}, ${share.toFixed(1)} %${bound === undefined ? '' : ` (must be at least ${bound} %)`}`);
  if (!argv.list) continue;
  for (const { log, findings, score } of asked) {
    if (score[key]) continue;
    const [first] = findings;
    const seen = first ? `${first.class} | ${first.title}${first.corrupt ? ' | corrupt' : ''}` : 'nothing';
    const wanted = { noticed: log.title, silent: 'nothing', classRight: log.type, functionRight: titleFunction(log.title), corruptRight: log.isCorrupt ? 'corrupt' : 'whole' }[key];
    console.log(`        ${log.name}: ${JSON.stringify(wanted)} in ${JSON.stringify(log.title)}; found ${JSON.stringify(seen)}`);
  }
}

const BYTES = 50e6;
const all = logs.map(({ log }) => log).join('\n');
const console50 = all.repeat(Math.ceil(BYTES / all.length)).slice(0, BYTES);
// Processor time: what else the machine does is not in it.
const before = process.cpuUsage();
const begun = performance.now();
findFaults(console50);
const wall = performance.now() - begun;
const { user, system } = process.cpuUsage(before);
const ms = (user + system) / 1000;
const isFast = ms < 3000;
failed ||= !isFast;
console.log(`${isFast ? 'ok   ' : 'OVER '} 50 MB of these logs read in ${(ms / 1000).toFixed(2)} s of processor time (must be under 3 s), ${(wall / 1000).toFixed(2)} s by the clock`);
process.exitCode = failed ? 1 : 0;
