// `npm run bench:walk`: a cold walk along the stacked series, against bare makes of the same prefixes in the same order.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

bootstrap();
const { $ } = await import('zx');
const { buildEnv, findTarball, seconds, timed } = await import('./bench-kit.mjs');
$.quiet = true;

const STACK = ['semundo-v2', 'next-id-v2'];
const BOUND = 1.15;
const work = mkdtempSync(join(process.env.RESPIN_BENCH_DIR ?? tmpdir(), 'respin-bench-'));
const env = { ...process.env, RESPIN_CACHE: join(work, 'cache'), XDG_STATE_HOME: join(work, 'state') };
const src = join(work, 'src');
const obj = join(work, 'obj');
const out = join(work, 'evidence');

try {
  const tarball = await findTarball(work);
  const walk = await timed(() => $({ env, cwd: root })`node dist/cli.js walk ${STACK} --kernel tar:${tarball} --out ${out} --json`);

  mkdirSync(src, { recursive: true });
  mkdirSync(obj, { recursive: true });
  await $`xz -dc ${tarball} | tar x --strip-components=1 -C ${src}`;
  cpSync(join(out, 'base/config'), join(obj, '.config'));
  const make = () => timed(() => $({ env: buildEnv(work) })`make -s -j${availableParallelism()} -C ${src} O=${obj} vmlinux`);
  const makes = [(await make()).ms];
  for (const series of STACK) {
    const folder = join(root, 'kernel-patches', series, '6.12');
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.patch') && !file.startsWith('0000')).sort()) {
      await $`patch -s -p1 -d ${src} -i ${join(folder, name)}`;
      makes.push((await make()).ms);
    }
  }
  const { points } = JSON.parse(readFileSync(join(out, 'evidence.json'), 'utf8'));
  if (points.length !== makes.length) throw new Error(`the walk has ${points.length} kernels, by hand there are ${makes.length}`);
  const sum = makes.reduce((a, b) => a + b, 0);
  const ratio = walk.ms / sum;
  console.log(`make by hand: ${makes.map(seconds).join(', ')}`);
  console.log(`${ratio <= BOUND ? 'ok  ' : 'OVER'}  cold walk of ${points.length} kernels against bare makes: ${seconds(walk.ms)} / ${seconds(sum)} = ${ratio.toFixed(2)} (must be at most ${BOUND})`);
  process.exitCode = ratio <= BOUND ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
