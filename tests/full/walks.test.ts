import { afterAll, describe, expect, test } from 'vitest';
import { useRespin } from '../e2e/respin.js';

const respin = useRespin();
const times: string[] = [];

afterAll(() => {
  console.log(['', 'walk: wall time', ...times].join('\n'));
});

describe.each(['plain', 'smp', 'lockdep', 'kasan', 'kmemleak'])('profile %s', (profile) => {
  describe.each(['6.12', '6.1'])('on %s', (line) => {
    test.each(['semundo-v1', 'semundo-v2', 'next-id-v2', 'ipc-cr-v8'])('%s keeps its promises on both sides', async (series) => {
      const begun = performance.now();
      const report = await respin.walk([series, '--kernel', line, '--profile', profile]);
      times.push(`${series} ${line} ${profile}: ${Math.round((performance.now() - begun) / 1000)} s`);
      const { verdict, reasons, bisectable } = report;
      expect({ verdict, reasons, bisectable }).toEqual({ verdict: 'good', reasons: [], bisectable: true });
      expect(report.points.flatMap(({ findings }) => findings)).toEqual([]);
    });
  });
});

describe.each(['6.12', '6.1'])('the 32-bit system calls of %s', (line) => {
  test('ipc-cr-v8 keeps its promises in profile compat', async () => {
    const { verdict, reasons, tests } = await respin.walk(['ipc-cr-v8', '--kernel', line, '--profile', 'compat']);
    expect({ verdict, reasons }).toEqual({ verdict: 'good', reasons: [] });
    expect(tests.filter(({ name }) => name.includes('compat')).length).toBeGreaterThan(0);
  });
});

describe.each(['6.12', '6.1'])('suites that need a kernel of their own, on %s', (line) => {
  test.each([
    ['semundo-v2', 'semundo-more', 'plain'],
    ['semundo-v1', 'semundo-off', 'plain'],
    ['semundo-v2', 'semundo-off', 'plain'],
    ['ipc-cr-v8', 'ipc-cr-off', 'plain'],
    ['ipc-cr-v8', 'ipc-cr-off', 'compat'],
  ])('every test passes on the tip of %s, suite %s, profile %s', async (series, suite, profile) => {
    const { verdict, reasons, tests } = await respin.judge([series, '--kernel', line, '--suite', suite, '--profile', profile]);
    expect({ verdict, reasons }).toEqual({ verdict: 'good', reasons: [] });
    expect(tests.filter(({ tip }) => tip !== 'pass')).toEqual([]);
  });
});
