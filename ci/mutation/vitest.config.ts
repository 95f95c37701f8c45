import { defineConfig } from 'vitest/config';

/**
 * The tests of the decisions and of the parsers of what a guest says: without the fuzzing, which kills what it finds by chance, and
 * without the megabytes that are to be read in time, which would be read for each mutant.
 */
export default defineConfig({
  test: {
    include: ['tests/unit/verdict/**/*.test.ts', 'tests/unit/results/**/*.test.ts', 'tests/unit/run/boot-side.test.ts'],
    exclude: ['fuzz', 'hostile-console'].map((name) => `tests/unit/results/${name}.test.ts`),
    globalSetup: 'tests/temporary-folder.ts',
    testTimeout: 30_000,
  },
});
