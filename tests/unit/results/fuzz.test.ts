import { describe, expect, it } from 'vitest';
import { extractKtap } from '../../../harness/results/ktap-extract.js';
import { parseKtap } from '../../../harness/results/ktap.js';
import { fuzzKtap } from './fuzz-ktap.js';

it('takes whatever a program prints', () => {
  expect(fuzzKtap(0.5, 4).runs).toBeGreaterThan(50);
});

const MIB = 1024 ** 2;

/** Ten megabytes of one thing; none of it may take more than a small part of the five seconds that are promised. */
describe('10 MB', () => {
  const fill = (line: string): readonly string[] => Array.from({ length: Math.ceil((10 * MIB) / (line.length + 1)) }, () => line);
  it.each<[string, () => readonly string[]]>([
    ['of results', () => fill('ok 1 - a test # SKIP for a reason')],
    ['of version lines', () => fill('KTAP version 1')],
    ['of plans', () => fill('1..99')],
    ['of subtests in subtests, a stair up and down', () => Array.from({ length: 3000 }, (_, index) => `${' '.repeat(index % 3000)}KTAP version 1`)],
    ['of diagnostics', () => fill('# a diagnostic of some words')],
    ['in one line', () => [`ok 1 ${'# '.repeat(5 * MIB)}`]],
    ['of blanks', () => [' '.repeat(10 * MIB), `${' '.repeat(10 * MIB)}KTAP version 1`]],
    ['of blanks before an end', () => ['KTAP version 1', `${' '.repeat(10 * MIB)}x`]],
    ['of backslashes', () => [`ok 1 ${'\\'.repeat(10 * MIB)}`]],
    ['of digits', () => [`ok ${'1'.repeat(10 * MIB)}`, `1..${'1'.repeat(10 * MIB)}`, `KTAP version ${'1'.repeat(10 * MIB)}`]],
    ['of YAML', () => ['ok 1 a', '  ---', ...fill('  key: value')]],
    ['of a prefix', () => fill('[    1.000000] KTAP version 1')],
    ['of orphans', () => Array.from({ length: 400_000 }, (_, index) => (index % 2 === 0 ? '  # Subtest: a' : '1..1'))],
  ])('%s take no long time and no much memory', (_what, make) => {
    const lines = make();
    const before = process.memoryUsage().heapUsed;
    const begun = process.cpuUsage();
    parseKtap(lines);
    const copied = extractKtap(lines);
    if (copied) parseKtap(copied);
    // Of the processor, not of the clock: a busy machine is no fault of the parser.
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1000).toBeLessThan(5000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(500 * MIB);
  });
});
