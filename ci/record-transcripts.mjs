// `node ci/record-transcripts.mjs --kernel 6.12 [NAME...]` records the consoles of tests/fixtures/transcripts again: the
// kernels are built by respin with the patch there that does faults on purpose. The expected findings in the headers are written
// by people, and are kept.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parse } from 'yaml';
import { bootstrap, root } from './bootstrap.mjs';

bootstrap();
const { $, minimist } = await import('zx');
$.quiet = true;

const folder = join(root, 'tests/fixtures/transcripts');
const series = join(folder, 'provoke');
const boots = parse(readFileSync(join(folder, 'recordings.yaml'), 'utf8'));
const { kernel: line = '', _: wanted } = minimist(process.argv.slice(2), { string: ['kernel', '_'] });
const unknown = wanted.filter((name) => !boots.some(({ run }) => name in run));
if (!/^\d+\.\d+$/.test(line) || unknown.length > 0) {
  console.error(`usage: node ci/record-transcripts.mjs --kernel 6.12 [NAME...]${unknown.length === 0 ? '' : `; recordings.yaml has no ${unknown.join(', ')}`}`);
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), 'respin-record-'));
/** Seconds that a guest goes on after its last fault. */
const AFTERWARDS = 1;
const MOST_BYTES = 60_000;

/** QEMU's argv of a boot of this kernel with the patch, by respin itself. */
async function build(profile, config) {
  const out = join(work, `evidence-${profile}-${config}`);
  const configs = [`${config}.config`, `${config}-${line}.config`].map((name) => join(series, name)).filter((path) => existsSync(path));
  const done = await $({ nothrow: true, cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })`node dist/cli.js run ${series} --kernel ${line} --profile ${profile} ${configs.flatMap((path) => ['--config', path])} --suite msgque --out ${out} --json`;
  const evidence = existsSync(out) ? JSON.parse(readFileSync(join(out, 'evidence.json'), 'utf8')) : undefined;
  const boot = evidence?.tip.boots[0];
  if (!boot) throw new Error(`the kernel of profile ${profile} with the patch does not boot: respin ended with ${done.exitCode}\n${done.stdout}`);
  return { version: evidence.kernel.version, argv: boot.argv };
}

const INIT = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox --install -s /bin
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
provoke() { echo "$1" >/proc/provoke; }
exec </dev/console >/dev/console 2>&1
`;

/** An initramfs whose init does one thing after the other, each behind a line on the console, and restarts the machine. */
async function pack(run, asInit) {
  const tree = mkdtempSync(join(work, 'guest-'));
  for (const path of ['bin', 'proc', 'sys', 'dev', 'tmp']) mkdirSync(join(tree, path), { recursive: true });
  await $`cp /bin/busybox ${join(tree, 'bin/busybox')}`;
  // Each in a process of its own, which the kernel may kill.
  const body = Object.entries(run).map(([name, what]) => `echo '<6>provoke: ${name}' >/dev/kmsg\n${asInit ? what : `(${what})`}\nsleep ${AFTERWARDS}\n`);
  writeFileSync(join(tree, 'init'), `${INIT}${body.join('')}reboot -f\n`, { mode: 0o755 });
  await $({ cwd: tree })`find . | busybox cpio -o -H newc >../${tree.split('/').at(-1)}.cpio`;
  return `${tree}.cpio`;
}

function machine(args, initrd, console_, { append = '', cpus, memory, restarts = false }) {
  const after = { '-initrd': () => initrd, '-append': (old) => `${old} ${append}`.trim(), '-smp': (old) => String(cpus ?? old), '-m': (old) => memory ?? old };
  const changed = args.map((arg, index) => {
    const change = after[args[index - 1]];
    if (change) return change(arg);
    return arg.replace(/^socket,id=serial0,fd=\d+/, `file,id=serial0,path=${console_}`).replace(/^socket,id=serial1,fd=\d+/, 'null,id=serial1');
  });
  return restarts ? changed.filter((arg) => arg !== '-no-reboot') : changed;
}

/** What was printed for one of the faults; the beginning of a boot is the same for all: of it only the first line is kept. */
function cut(raw, name, whole) {
  if (whole) return raw;
  const [first = ''] = raw.split('\n', 1);
  const marks = [...raw.matchAll(/^(?:\[ *\d+\.\d+\] )?provoke: (\S+)\r?$/gm)];
  const mark = marks.find(([, found]) => found === name);
  if (!mark) throw new Error(`the console does not say that ${name} began:\n${raw.slice(-4000)}`);
  const next = marks.find(({ index }) => index > mark.index);
  return `${first}\n${raw.slice(mark.index, Math.min(next?.index ?? raw.length, mark.index + MOST_BYTES))}`;
}

function header(path, lines) {
  const old = existsSync(path) ? readFileSync(path, 'latin1').split('\n') : [];
  const kept = old.slice(0, Math.max(0, old.indexOf(''))).filter((text) => /^# (?:finding|silent|note)\b/.test(text));
  return [...lines, ...kept, '', ''].join('\n');
}

async function record(boot, { version, argv }) {
  const { kernel, config, run, append, limit = 600, asInit = false, whole = false } = boot;
  const console_ = join(work, 'console');
  const [qemu, ...rest] = machine(argv, await pack(run, asInit), console_, boot);
  const running = $({ nothrow: true })`${qemu} ${rest}`;
  const ended = await Promise.race([running.then(() => true), setTimeout(limit * 1000, false, { ref: false })]);
  if (!ended) await running.kill('SIGKILL');
  await running;
  const raw = readFileSync(console_, 'latin1');
  for (const [name, what] of Object.entries(run)) {
    const path = join(folder, line, `${name}.txt`);
    const lines = [`# kernel: ${version}`, `# profile: ${kernel}${config === undefined ? '' : ` with ${config}.config`}`, `# provoked: ${what}`, ...(append === undefined ? [] : [`# command line: ${append}`])];
    writeFileSync(path, header(path, lines) + cut(raw, name, whole), 'latin1');
  }
  return ended;
}

try {
  mkdirSync(join(folder, line), { recursive: true });
  const built = new Map();
  for (const boot of boots) {
    const names = Object.keys(boot.run);
    if (wanted.length > 0 && !names.some((name) => wanted.includes(name))) continue;
    const { kernel, config = 'as-semundo', only = line } = boot;
    if (only !== line) continue;
    const key = `${kernel} ${config}`;
    if (!built.has(key)) built.set(key, await build(kernel, config));
    const begun = performance.now();
    const ended = await record(boot, built.get(key));
    console.log(`${((performance.now() - begun) / 1000).toFixed(1)} s${ended ? '' : ', ended by its limit'}: ${names.join(', ')}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
