import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', './tests/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          globalSetup: ['tests/temporary-folder.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: 2,
          pool: 'threads',
          isolate: false,
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
