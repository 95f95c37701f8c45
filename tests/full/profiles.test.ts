import { describe, expect, test } from 'vitest';
import { useRespin, type Report } from '../e2e/respin.js';
import { plantFault } from '../e2e/series.js';

const respin = useRespin();

describe.each(['smp', 'lockdep', 'kasan', 'kmemleak'])('profile %s', (profile) => {
  test.each(['6.12', '6.1'])('semundo-v1 on %s is good', async (line) => {
    const report = await respin.judge(['semundo-v1', '--kernel', line, '--profile', profile]);
    expect({ verdict: report.verdict, reasons: report.reasons, findings: report.findings }).toEqual({ verdict: 'good', reasons: [], findings: [] });
  });
});

/** Faults that no probe sees, and what a profile's kernel says of them. */
describe.each([
  { fault: 'missing-unlock', profile: 'lockdep', title: /lock held when returning to user space/, culprit: /semundo/ },
  { fault: 'use-after-free', profile: 'kasan', title: /KASAN: slab-use-after-free in semundo_release/, culprit: /semundo_release/ },
  { fault: 'memory-leak', profile: 'kmemleak', title: /unreferenced object/, culprit: /semundo/ },
])('$fault', ({ fault, profile, title, culprit }) => {
  const judge = async (name: string): Promise<Report> => respin.judge([await plantFault(fault), '--kernel', '6.12', '--profile', name]);

  test(`is found with ${profile}, though every test passes`, async () => {
    const report = await judge(profile);
    expect({ verdict: report.verdict, exitCode: report.exitCode }, JSON.stringify(report.reasons)).toEqual({ verdict: 'bad', exitCode: 1 });
    expect([...new Set(report.reasons.map(({ code }) => code))]).toEqual(['finding.new']);
    expect(report.tests.filter(({ tip }) => tip !== 'pass')).toEqual([]);
    const [finding] = report.findings;
    expect(finding?.title).toMatch(title);
    expect(`${finding?.title ?? ''}\n${finding?.lines.join('\n') ?? ''}`).toMatch(culprit);
    expect(finding?.on).toBe('tip');
  });

  test('is not seen by the plain profile, which promises nothing of the kind', async () => {
    expect((await judge('plain')).verdict).toBe('good');
  });
});
