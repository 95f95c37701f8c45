import type { Expectations, TestStatus } from '../model.js';

const WORDS = { fail: 'fail', skip: 'skip' } as const;

/**
 * What a suite expects and a kernel did otherwise, in words. A test that is expected to fail and was skipped, or the other
 * way round, is told as well: what is known of it is wrong.
 * @param statusOf of the kernel that is judged; undefined for a test that nobody saw
 */
export function unmetExpectations(expected: Expectations, statusOf: (name: string) => TestStatus | undefined): readonly string[] {
  return Object.entries(expected).flatMap(([name, { status, reason }]) => {
    const found = statusOf(name);
    if (found === status) return [];
    const did = found === undefined ? 'was not seen' : found === 'pass' ? 'passes' : `is ${found}`;
    return [`${name} is expected to ${WORDS[status]} and ${did} (${reason})`];
  });
}
