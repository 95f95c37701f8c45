import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { ROOT, useRespin } from '../e2e/respin.js';
import { listMutations, plantMutation, type Mutation } from './mutations.js';

const respin = useRespin();
const mutations = listMutations();
const caught: string[] = [];

const SUITES = join(ROOT, 'rootfs', 'suites');
const suiteSchema = z.looseObject({ programs: z.array(z.looseObject({ source: z.string().optional(), kselftest: z.string().optional() })) });

/** What the series of a mutation is judged by. For the kernel itself without the selftests that a series brings, and without the suites of others. */
function suiteOf({ series, on }: Mutation): string {
  const text = readFileSync(join(ROOT, 'kernel-patches', series, 'series.yaml'), 'utf8');
  const { suite } = z.object({ suite: z.string() }).parse(parse(text));
  if (on === 'series') return suite;
  const { include: _others, programs, ...rest } = suiteSchema.parse(parse(readFileSync(join(SUITES, `${suite}.yaml`), 'utf8')));
  const own = programs.filter(({ kselftest }) => kselftest === undefined || kselftest === 'ipc:msgque');
  const placed = own.map((program) => (program.source === undefined ? program : { ...program, source: join(SUITES, program.source) }));
  const path = join(respin.folder(), `${suite}.yaml`);
  writeFileSync(path, stringify({ ...rest, programs: placed }));
  return path;
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
    const report = await respin.judge([folder, '--kernel', '6.12', '--profile', mutation.profile, '--suite', suiteOf(mutation), '--repeat', '2']);
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
