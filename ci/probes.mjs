// `npm run docs:probes` writes docs/probes.md from the suites; with --check it only says whether the file is current.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { root } from './bootstrap.mjs';

const suites = join(root, 'rootfs', 'suites');
const target = join(root, 'docs', 'probes.md');

/** Every program of every suite, once, with the suites that have it. */
function programs() {
  const found = new Map();
  for (const file of readdirSync(suites).filter((name) => name.endsWith('.yaml')).sort()) {
    const suite = parse(readFileSync(join(suites, file), 'utf8'));
    const included = (suite.include ?? []).flatMap((name) => parse(readFileSync(join(suites, `${name}.yaml`), 'utf8')).programs);
    for (const program of [...suite.programs, ...included]) {
      const known = found.get(program.name);
      if (known?.suites.includes(suite.name)) continue;
      if (known) known.suites.push(suite.name);
      else found.set(program.name, { ...program, suites: [suite.name] });
    }
  }
  return [...found.values()];
}

function cell(text) {
  return String(text).replaceAll('|', '\\|').replaceAll('\n', ' ').trim();
}

function section({ name, source, kselftest, suites: used, judge, tests = {}, absent, bits, profiles }) {
  const what = source === undefined ? `the kernel's own selftest \`${kselftest}\`` : `\`${relative(root, join(suites, source))}\``;
  const more = [
    `in ${used.length === 1 ? 'suite' : 'suites'} ${used.join(', ')}`,
    ...(profiles === undefined ? [] : [`only in profile ${profiles.join(', ')}`]),
    ...(bits === 32 ? ['as a 32-bit program'] : []),
    ...(absent === 'skip' ? ['skipped where the kernel lacks the interface'] : []),
  ];
  const rows = Array.isArray(tests) ? tests.map((test) => [test, '']) : Object.entries(tests);
  const all = judge === 'exit' ? [[name, rows[0]?.[1] ?? 'passes by its exit status']] : rows;
  return [`## ${name}`, '', `${what}, ${more.join(', ')}.`, '', '| test | what it proves |', '|---|---|', ...all.map(([test, proves]) => `| \`${cell(test)}\` | ${cell(proves)} |`), ''];
}

const all = programs();
const count = all.reduce((sum, { judge, tests = {} }) => sum + (judge === 'exit' ? 1 : Object.keys(tests).length), 0);
const text = [
  '# What the probes prove',
  '',
  'Made from `rootfs/suites/` by `npm run docs:probes`; `npm run check` fails when it is not current. A probe of an interface',
  'that a kernel does not have runs nothing: it fails, or is skipped where its suite says so, and never passes.',
  '',
  `${count} tests in ${all.length} programs.`,
  '',
  ...all.flatMap(section),
]
  .join('\n')
  .trimEnd();

if (!process.argv.includes('--check')) writeFileSync(target, `${text}\n`);
else if (readFileSync(target, 'utf8') !== `${text}\n`) {
  console.error('docs/probes.md is not what rootfs/suites/ says: npm run docs:probes');
  process.exitCode = 1;
}
