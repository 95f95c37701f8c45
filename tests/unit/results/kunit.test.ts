import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseKtap, type KtapCase } from '../../../harness/results/ktap.js';
import { extractKtap } from '../../../harness/results/ktap-extract.js';

/** The kernel's own test data, and what its own parser makes of it (tests/kunit-counts.py). */
const FOLDER = fileURLToPath(new URL('../../fixtures/kunit/', import.meta.url));

interface Expected {
  readonly status: string;
  readonly passed: number;
  readonly failed: number;
  readonly crashed: number;
  readonly skipped: number;
  readonly tests: readonly (readonly [string, string])[];
}

const EXPECTED = JSON.parse(readFileSync(`${FOLDER}expected.json`, 'utf8')) as Readonly<Record<string, Expected>>;

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly crashed: number;
  readonly skipped: number;
}

/** The kernel's names. What planned subtests and did not report them all has crashed, and takes with it what holds it. */
function statusOf({ ok, directive, isEmpty, missing, subtests }: KtapCase): string {
  if (missing > 0 || subtests.some((subtest) => statusOf(subtest) === 'TEST_CRASHED')) return 'TEST_CRASHED';
  if (directive === 'skip') return 'SKIPPED';
  if (isEmpty && ok) return 'NO_TESTS';
  return ok ? 'SUCCESS' : 'FAILURE';
}

function flat(cases: readonly KtapCase[], prefix = ''): readonly (readonly [string, string])[] {
  return cases.flatMap((found) => {
    const inner = `${prefix}${found.name}/`;
    const missing = Array.from({ length: found.missing }, () => [inner, 'TEST_CRASHED'] as const);
    return [...flat(found.subtests, inner), ...missing, [prefix + found.name, statusOf(found)] as const];
  });
}

/** As TestCounts has it: what has subtests is counted by them, and by itself only when none of them counts. */
function countAll(cases: readonly KtapCase[]): Counts {
  const sum = { passed: 0, failed: 0, crashed: 0, skipped: 0 };
  const keys = { SUCCESS: 'passed', FAILURE: 'failed', TEST_CRASHED: 'crashed', SKIPPED: 'skipped' } as const;
  for (const found of cases) {
    const inner = countAll(found.subtests);
    const total = inner.passed + inner.failed + inner.crashed + inner.skipped + found.missing;
    const own = keys[statusOf(found) as keyof typeof keys];
    for (const key of Object.values(keys)) sum[key] += inner[key] + (key === 'crashed' ? found.missing : 0) + (total === 0 && key === own ? 1 : 0);
  }
  return sum;
}

/** Where an interrupted log cannot be without a contradiction. */
const INTERRUPTED = 'test_kernel_panic_interrupt.log';

const names = readdirSync(FOLDER).filter((name) => name.endsWith('.log'));

it('is all of the test data', () => {
  expect(names.sort()).toEqual(Object.keys(EXPECTED).sort());
  expect(names).toHaveLength(23);
});

describe('the KTAP logs of tools/testing/kunit/test_data', () => {
  it.each(names)('%s', (name) => {
    const expected = EXPECTED[name];
    const lines = readFileSync(FOLDER + name, 'utf8').split('\n');
    const { cases, problems } = parseKtap(extractKtap(lines) ?? []);
    const { passed, failed, crashed, skipped, tests } = expected ?? {};
    expect({ ...countAll(cases), tests: flat(cases) }).toEqual({ passed, failed, crashed, skipped, tests });
    expect(problems.length > 0).toBe(name === INTERRUPTED);
  });
});
