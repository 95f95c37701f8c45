import fc from 'fast-check';
import { extractKtap } from '../../../harness/results/ktap-extract.js';
import { parseKtap, type KtapCase, type KtapDocument } from '../../../harness/results/ktap.js';
import { judgeProgram } from '../../../harness/results/judge.js';

/** What a property found wrong; the same seed finds it again. */
export interface Fuzzed {
  readonly runs: number;
  /** The slowest single input, in milliseconds of the processor for each of its megabytes (inputs below 100 KB are not measured). */
  readonly worstMsPerMiB: number;
}

const name = fc.oneof(fc.constantFrom('a', 'b', 'a b', '', '-', '# SKIP', 'x # SKIP why', 'x # TODO', '# XFAIL', '\\#', '\u0000', 'é', '- a'), fc.string({ maxLength: 20 }));
const number = fc.oneof(fc.nat({ max: 4 }).map(String), fc.constantFrom('', '0', '007', '-1', '99999999999999999999', '1.5'));

/** A line as test programs, kernels and people who mean no good print them. */
const line = fc.oneof(
  fc.tuple(fc.constantFrom('ok', 'not ok', 'OK', 'not  ok'), number, name).map((words) => words.join(' ')),
  fc.tuple(fc.constantFrom('1..', ' 1..', '0..'), number, fc.constantFrom('', ' # SKIP all', ' # x')).map((words) => words.join('')),
  fc.tuple(fc.constantFrom('TAP', 'KTAP', 'ktap', 'XTAP'), fc.constantFrom(' version '), number).map((words) => words.join('')),
  fc.tuple(fc.constantFrom('# Subtest: ', '# Subtest:', '# Subtest', '# '), name).map((words) => words.join('')),
  fc.constantFrom('---', '...', 'Bail out!', 'Bail out! why', '', '\r', 'reboot: System halted', 'Kernel panic - not syncing: VFS: x', 'pragma +strict'),
  fc.string({ maxLength: 60 }),
);
const indent = fc.oneof(fc.constantFrom('', '', '', '  ', '    ', '        ', '\t', '[    1.234567] ', '<6>'), fc.nat({ max: 40 }).map((width) => ' '.repeat(width)));

/** A document of these lines, some of it many times over. */
const document = fc
  .array(fc.tuple(indent, line, fc.constantFrom(1, 1, 1, 1, 2, 50)), { maxLength: 120 })
  .map((parts) => parts.flatMap(([before, text, times]) => Array.from({ length: times }, () => before + text)));

/** Repeated until it is large: superlinear time shows here. */
const large = fc.tuple(fc.array(fc.tuple(indent, line).map((words) => words.join('')), { minLength: 1, maxLength: 8 }), fc.constantFrom(100_000, 400_000)).map(([lines, bytes]) => {
  const once = lines.join('\n').length + 1;
  return Array.from({ length: Math.ceil(bytes / once) }, () => lines).flat();
});

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, text) => sum + text.length + 1, 0);
}

function* allCases(cases: readonly KtapCase[]): Generator<KtapCase> {
  const queue = [...cases];
  for (let next = queue.pop(); next; next = queue.pop()) {
    yield next;
    queue.push(...next.subtests);
  }
}

/** What must be true of every document, whatever was in it. */
function check(lines: readonly string[], parsed: KtapDocument): void {
  let count = 0;
  for (const found of allCases(parsed.cases)) {
    count += 1;
    if (found.diagnostics.length > 400) throw new Error('a case keeps more diagnostics than are allowed');
    if (found.missing < 0) throw new Error('fewer than no subtests are missing');
  }
  if (count > lines.length) throw new Error(`${count} cases came from ${lines.length} lines`);
  if (parsed.problems.length > 20 || parsed.trailing.length > 200) throw new Error('more is kept than is allowed');
}

/** Judged as a program that failed, no output at all may make a pass of the whole. */
function neverGood(lines: readonly string[]): void {
  const run = { name: 'p', end: { kind: 'exit', code: 1 }, output: lines, truncated: false, unkillable: false, ms: 1 } as const;
  const program = { name: 'p', path: '/p', timeoutMs: 1000, judge: 'auto', tests: [], env: [] } as const;
  const results = judgeProgram(run, program);
  if (!results.some(({ status }) => status !== 'pass' && status !== 'skip')) throw new Error(`a program that exits 1 came out as ${JSON.stringify(results)}`);
}

/**
 * Feeds the KTAP parser documents for so long: it must not throw, must keep its bounds, must not make a pass of a program
 * that failed, and must take no more time for a line of a large document than for one of a small.
 * @param seconds how long, at least one document
 * @throws an Error of fast-check with the seed and the smallest document that it found
 */
export function fuzzKtap(seconds: number, seed: number): Fuzzed {
  const until = performance.now() + seconds * 1000;
  let runs = 0;
  let worstMsPerMiB = 0;
  for (let round = 0; round === 0 || performance.now() < until; round += 1) {
    const options = { seed: seed + round, numRuns: round % 4 === 3 ? 5 : 100 };
    fc.assert(
      fc.property(round % 4 === 3 ? large : document, (lines) => {
        const begun = process.cpuUsage();
        const whole = parseKtap(lines);
        const copied = extractKtap(lines);
        const inner = copied === undefined ? undefined : parseKtap(copied);
        const mib = sizeOf(lines) / 1024 ** 2;
        const { user, system } = process.cpuUsage(begun);
        const ms = (user + system) / 1000;
        if (mib > 0.09) worstMsPerMiB = Math.max(worstMsPerMiB, ms / mib);
        check(lines, whole);
        if (copied && inner) check(copied, inner);
        neverGood(lines);
        runs += 1;
      }),
      options,
    );
  }
  return { runs, worstMsPerMiB };
}
