import { defineConfig } from 'vitest/config';

/**
 * Tests of single files that run git, tar, servers or a stand-in of QEMU for seconds, or read megabytes: a part of `npm test`, and
 * too slow for the gate of every commit.
 */
const WITH_PROGRAMS = [
  ...['vm/boot', 'vm/host-time', 'results/fuzz', 'results/hostile-console', 'matrix/merge', 'host/sandbox', 'host/build-limits', 'host/real-processes'],
  ...['bisect/git-range', 'bisect/tree-copies', 'rerun', 'boot-ready'].map((name) => `run/${name}`),
  ...['build', 'directory', 'git', 'download', 'archive', 'tarball', 'distribution', 'kernel-org', 'source-lines', 'object-records'].map((name) => `kernel/${name}`),
  ...['range-diff', 'shapes', 'diagnose/diagnose', 'git-range', 'hostile', 'three-way', 'heal', 'against-git', 'push', 'lore'].map((name) => `series/${name}`),
  ...['compile', 'kselftest'].map((name) => `guest/${name}`),
].map((name) => `tests/unit/${name}.test.ts`);

/** Forks and not threads: starting programs from one large process takes the kernel long (decision 16). */
const OF_MODULES = {
  globalSetup: 'tests/temporary-folder.ts',
  testTimeout: 30_000,
  hookTimeout: 30_000,
  maxWorkers: 2,
  pool: 'forks',
  isolate: false,
} as const;

export default defineConfig({
  test: {
    reporters: ['default', './tests/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          exclude: WITH_PROGRAMS,
          ...OF_MODULES,
        },
      },
      {
        test: {
          name: 'programs',
          include: WITH_PROGRAMS,
          ...OF_MODULES,
        },
      },
      {
        test: {
          // Reports by tools that are not ours; `npm test` installs those.
          name: 'outside',
          include: ['tests/outside/**/*.test.ts'],
          testTimeout: 5 * 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          // A cold kernel build on a busy machine; the limit is there for a hang, not for slowness.
          testTimeout: 20 * 60_000,
          hookTimeout: 20 * 60_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          // Not a part of the gate: `npm run fuzz`.
          name: 'fuzz',
          include: ['tests/fuzz/**/*.test.ts'],
          testTimeout: 24 * 60 * 60_000,
          pool: 'forks',
          execArgv: ['--expose-gc'],
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'full',
          include: ['tests/full/**/*.test.ts'],
          testTimeout: 60 * 60_000,
          hookTimeout: 60 * 60_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
});
