import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { fuzzKtap } from '../unit/results/fuzz-ktap.js';

const seconds = Number(process.env['RESPIN_FUZZ_SECONDS'] ?? '60');
/** Named where it fails: the same seed finds the same input again. */
const seed = Number(process.env['RESPIN_FUZZ_SEED'] ?? randomInt(2 ** 31));

it(`random KTAP and TAP for ${seconds} s, from seed ${seed}`, () => {
  const { runs, worstMsPerMiB } = fuzzKtap(seconds, seed);
  process.stdout.write(`seed ${seed}: ${runs} inputs, at most ${Math.round(worstMsPerMiB)} ms of CPU for a megabyte\n`);
  expect(runs).toBeGreaterThan(0);
});
