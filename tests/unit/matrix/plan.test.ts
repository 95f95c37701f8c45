import { describe, expect, it } from 'vitest';
import { balance } from '../../../harness/matrix/balance.js';
import { estimator, type Timed } from '../../../harness/matrix/estimate.js';
import { checkPlan, parsePlan, planText } from '../../../harness/matrix/plan-file.js';
import { githubMatrix, planCommands, planTable } from '../../../harness/matrix/print-plan.js';
import { cellOf, planOf } from './sample.js';

describe('balance', () => {
  it('gives the longest first to the one that has least', () => {
    const loads = [3, 5, 2, 7, 4].map((ms, index) => ({ id: `l${index}`, ms }));
    expect(balance(loads, 2)).toEqual([
      { ids: ['l3', 'l0'], ms: 10 },
      { ids: ['l1', 'l4', 'l2'], ms: 11 },
    ]);
  });

  it('gives the same whatever the order, and no empty share', () => {
    const loads = Array.from({ length: 20 }, (_, index) => ({ id: `l${index}`, ms: (index * 7) % 5 }));
    expect(balance([...loads].reverse(), 6)).toEqual(balance(loads, 6));
    expect(balance(loads.slice(0, 3), 9)).toHaveLength(3);
  });
});

describe('estimator', () => {
  const timed = (spec: string, profile: string, ...timings: readonly (readonly [string, string, number, string])[]): Timed => ({
    ...{ kind: 'run', kernel: { spec }, profile: { name: profile } },
    timings: timings.map(([stage, what, ms, outcome]) => ({ stage, what, ms, outcome })),
  });

  it('takes what was built, not what was reused', () => {
    const cost = estimator([
      timed('6.12', 'plain', ['tree', '6.12', 10, ''], ['build', 'base', 100, '650 objects'], ['boot', 'base', 5, ''], ['build', 'tip', 60, '500 objects'], ['boot', 'tip', 4, '']),
      timed('6.12', 'plain', ['build', 'base', 1, 'reused'], ['build', 'tip', 1, 'reused']),
    ]);
    expect(cost('6.12', 'plain')).toEqual({ baseMs: 115, stepMs: 64 });
  });

  it('takes the median, of this kernel before others, and the mean of the prefixes of a walk', () => {
    const base = (spec: string, ms: number): Timed => timed(spec, 'plain', ['build', 'base', ms, '1 object']);
    const cost = estimator([base('6.12', 10), base('6.12', 30), base('6.12', 900), base('6.1', 7), timed('6.12', 'plain', ['build', 'patch 1', 10, '1 object'], ['boot', 'patch 1', 2, ''], ['build', 'patch 2', 20, '1 object'])]);
    expect(cost('6.12', 'plain')).toEqual({ baseMs: 30, stepMs: 16 });
    expect(cost('6.6', 'plain').baseMs).toBe(30);
    expect(cost('6.1', 'plain').baseMs).toBe(7);
  });

  it('has a figure for what nothing is known of, more for a sanitizer', () => {
    const cost = estimator([]);
    expect(cost('6.12', 'kasan').baseMs).toBeGreaterThan(cost('6.12', 'plain').baseMs);
  });
});

describe('makePlan', () => {
  it('puts each cell into one shard', () => {
    const plan = planOf();
    expect(plan.shards.flatMap(({ parts }) => parts).sort()).toEqual(plan.cells.map(({ id }) => id).sort());
    expect(plan.shards.map(({ id }) => id)).toEqual(plan.shards.map((_, index) => `${index + 1}of2-${plan.digest.slice(0, 12)}`));
  });

  it('is the same for the same request, and another for any other', () => {
    expect(planText(planOf())).toBe(planText(planOf()));
    const others = [planOf({ shards: 3 }), planOf({ judges: 'walk' }), planOf({ cells: [cellOf('6.12', 'plain')] }), planOf({ cells: [{ ...cellOf('6.12', 'plain'), series: 'b'.repeat(64) }] }), planOf({ respin: '0.2.0' })];
    expect(new Set([planOf(), ...others].map(({ digest }) => digest)).size).toBe(others.length + 1);
  });

  it('cuts a walk into ranges that begin where the one before ends', () => {
    const plan = planOf({ judges: 'walk', shards: 3, cells: [cellOf('6.12', 'plain', 10)] });
    const ranges = plan.cells[0]?.parts.map(({ range }) => range) ?? [];
    expect(ranges.length).toBeGreaterThan(1);
    expect(ranges[0]?.from).toBe(0);
    expect(ranges.at(-1)?.to).toBe(10);
    for (const [index, range] of ranges.entries()) if (index > 0) expect(range?.from).toBe(ranges[index - 1]?.to);
    for (const range of ranges) expect(range?.to).toBeGreaterThan(range?.from ?? 0);
  });

  it('leaves a walk whole on one machine, or where there is one patch', () => {
    expect(planOf({ judges: 'walk', shards: 1, cells: [cellOf('6.12', 'plain', 10)] }).cells[0]?.parts).toHaveLength(1);
    expect(planOf({ judges: 'walk', shards: 8, cells: [cellOf('6.12', 'plain', 1)] }).cells[0]?.parts).toHaveLength(1);
  });

  it('refuses what is asked for twice, and a walk of unknown length', () => {
    expect(() => planOf({ cells: [cellOf('6.12', 'plain'), cellOf('6.12', 'plain')] })).toThrow(/--kernel 6.12 with --profile plain is asked for twice/);
    expect(() => planOf({ judges: 'walk', cells: [{ ...cellOf('git:.#x', 'plain'), patches: undefined }] })).toThrow(/git:\.#x is not known/);
  });

  it('plans 1000 cells in under a second', () => {
    const cells = Array.from({ length: 250 }, (_, index) => ['plain', 'smp', 'kasan', 'lockdep'].map((profile) => cellOf(`v6.12.${index}`, profile, 20))).flat();
    const begun = performance.now();
    const plan = planOf({ judges: 'walk', cells, shards: 256 });
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(plan.cells).toHaveLength(1000);
    expect(plan.shards).toHaveLength(256);
    // No shard has more than a third more than the mean.
    const mean = plan.shards.reduce((sum, { ms }) => sum + ms, 0) / 256;
    expect(Math.max(...plan.shards.map(({ ms }) => ms))).toBeLessThan((mean * 4) / 3);
  });
});

describe('a plan in a file', () => {
  const plan = planOf({ judges: 'walk', shards: 4 });

  it('is read as it was written', () => {
    expect(parsePlan(planText(plan), 'plan.json')).toEqual(plan);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{', /plan\.json is no plan: it is no JSON/],
    ['another document', '{"a":1}', /plan\.json is no plan/],
    ['a newer one', JSON.stringify({ ...plan, version: 2 }), /of version 2, and this respin knows version 1/],
    ['one that was changed', JSON.stringify({ ...plan, series: ['other'] }), /changed after it was made/],
    ['a shard of another', JSON.stringify({ ...plan, shards: plan.shards.map((shard, index) => (index === 0 ? { ...shard, id: 'x' } : shard)) }), /not named after it/],
    ['an id that leads out of a folder', JSON.stringify({ ...plan, cells: plan.cells.map((cell) => ({ ...cell, id: '../x' })) }), /is no plan/],
  ])('%s is refused', (_what, text, message) => {
    expect(() => parsePlan(text, 'plan.json')).toThrow(message);
  });

  it('that leaves a part out is refused, whatever its digest says', () => {
    const shards = plan.shards.slice(1);
    expect(() => {
      checkPlan({ ...plan, shards }, 'plan.json');
    }).toThrow(/no plan/);
  });
});

describe('printing', () => {
  const plan = planOf({ cells: [cellOf('6.12', 'plain'), cellOf("git:/it's/linux#v6.12", 'plain')] });

  it('for a matrix of GitHub: one line of JSON', () => {
    const text = githubMatrix(plan);
    expect(text.trimEnd()).not.toContain('\n');
    expect(JSON.parse(text)).toEqual({ include: plan.shards.map(({ id }) => ({ shard: id, name: expect.stringContaining('profile plain') as string, minutes: 3 })) });
  });

  it('as command lines, quoted for a shell', () => {
    expect(planCommands(plan, "/it's/plan.json")).toBe(plan.shards.map(({ id }) => `respin run --plan '/it'\\''s/plan.json' --shard ${id} --out shards/${id}\n`).join(''));
  });

  it('as a table', () => {
    expect(planTable(plan)).toMatch(/2 cells, 2 parts, 2 shards; the longest takes about 2 m 30 s/);
  });
});
