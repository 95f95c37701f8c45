import { defineConfig } from 'vitest/config';

/** The tests of the decisions and of the parsers of what a guest says, without the fuzzing, which kills what it finds by chance. */
export default defineConfig({
  test: {
    include: ['tests/unit/verdict/**/*.test.ts', 'tests/unit/results/**/*.test.ts', 'tests/unit/run/boot-side.test.ts'],
    exclude: ['tests/unit/results/fuzz.test.ts'],
    globalSetup: 'tests/temporary-folder.ts',
    testTimeout: 30_000,
  },
});
