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
