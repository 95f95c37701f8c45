// What the benchmarks have in common.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { $ } from 'zx';

export const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

export async function timed(body) {
  const begun = performance.now();
  const value = await body();
  return { ms: performance.now() - begun, value };
}

/** What the file of a Debian source package or a tarball of kernel.org in the user's cache is called. */
export async function findTarball(work) {
  const named = process.env.RESPIN_BENCH_TARBALL;
  if (named) return named;
  const folder = join(work, 'package');
  mkdirSync(folder);
  await $({ cwd: folder })`apt-get download linux-source-6.12`;
  await $({ cwd: folder })`dpkg-deb -x ${readdirSync(folder).find((name) => name.endsWith('.deb'))} .`;
  return join(folder, 'usr/src/linux-source-6.12.tar.xz');
}

/** The environment of a kernel build by hand, so that it makes the same bytes. */
export const buildEnv = (work) => ({
  PATH: process.env.PATH,
  HOME: work,
  LC_ALL: 'C',
  KBUILD_BUILD_USER: 'respin',
  KBUILD_BUILD_HOST: 'respin',
  KBUILD_BUILD_TIMESTAMP: 'Thu Jan  1 00:00:00 UTC 1970',
  KBUILD_BUILD_VERSION: '1',
});
