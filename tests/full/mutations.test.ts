import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT, useRespin } from '../e2e/respin.js';
import { listMutations, plantMutation } from './mutations.js';

const respin = useRespin();
const mutations = listMutations();
const caught: string[] = [];

/** A mutation of the kernel itself is judged by the suite of the series that it is kept with. */
function suiteOf(series: string): string {
  const text = readFileSync(join(ROOT, 'kernel-patches', series, 'series.yaml'), 'utf8');
  return z.object({ suite: z.string() }).parse(parse(text)).suite;
}

afterAll(() => {
  console.log(['', 'mutation: caught by the tests meant for it; by others too', ...caught].join('\n'));
});

test('there are enough', () => {
  expect(mutations.length).toBeGreaterThanOrEqual(30);
});

describe.each([...new Set(mutations.map(({ series }) => series))])('%s', (series) => {
  test.each(mutations.filter((mutation) => mutation.series === series))('$patch', async (mutation) => {
    const folder = await plantMutation(mutation);
    // Two boots of each kernel, not the four of a verdict: what is asked is whether the probe sees it.
    const report = await respin.judge([folder, '--kernel', '6.12', '--profile', mutation.profile, '--suite', suiteOf(series), '--repeat', '2']);
    const why = JSON.stringify(report.reasons, undefined, 2);
    expect({ verdict: report.verdict, exitCode: report.exitCode }, why).toEqual({ verdict: 'bad', exitCode: 1 });
    // A series that does not apply or build is bad too, and proves nothing about a probe.
    expect(report.reasons.filter(({ code }) => /^(?:patch|config|build)\./.test(code))).toEqual([]);
    const failing = report.tests.filter(({ tip }) => tip !== 'pass' && tip !== 'skip').map(({ name }) => name);
    const titles = report.findings.filter(({ on }) => on === 'tip').map(({ title }) => title);
    expect(failing, why).toEqual(expect.arrayContaining(mutation.caught_by));
    if (mutation.finding !== undefined) expect(titles.join('\n')).toContain(mutation.finding);
    const meant = [...mutation.caught_by, ...(mutation.finding === undefined ? [] : [mutation.finding])];
    expect(meant.length).toBeGreaterThan(0);
    const others = failing.filter((name) => !mutation.caught_by.includes(name));
    caught.push(`${series}/${mutation.patch}: ${meant.join(', ')}; ${[...others, ...titles].join(', ') || 'nothing else'}`);
  });
});
