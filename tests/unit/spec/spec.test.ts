import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import type { Suite } from '../../../harness/model.js';
import { parseDuration } from '../../../harness/spec/duration.js';
import { choices, nearest } from '../../../harness/spec/nearest.js';
import { findProfile } from '../../../harness/spec/profile.js';
import { findSuite, listSuites, mergeSuites, readSuite, suiteIn } from '../../../harness/spec/suite.js';
import { cacheAt } from '../../../harness/store/cache.js';

const ctx: Context = { effects: realEffects(), progress: () => undefined, cache: cacheAt('/nonexistent') };

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['500ms', 500],
    ['1.5s', 1500],
    [' 30 ', 30_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '0', '-1s', '5 minutes', '1d', 's', '1e3', 'NaN'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ kind: 'usage', code: 'duration.invalid' }));
  });
});

describe('nearest', () => {
  it('finds what was meant, and nothing when nothing is near', () => {
    expect(nearest('semundo-v2', ['msgque', 'semundo-v1'])).toBe('semundo-v1');
    expect(nearest('KASAN', ['kasan'])).toBe('kasan');
    expect(nearest('x', ['semundo-v1'])).toBeUndefined();
    expect(choices('plan', ['plain', 'smp'])).toBe('did you mean "plain"? there is: plain, smp');
  });
});

describe('findProfile', () => {
  it('knows them all, and names them where one is unknown', () => {
    for (const name of ['plain', 'smp', 'lockdep', 'kasan', 'kmemleak', 'compat']) expect(findProfile(name).name).toBe(name);
    expect(() => findProfile('kasam')).toThrow(expect.objectContaining({ kind: 'usage', hint: expect.stringContaining('"kasan"') as string }));
  });
});

describe('suites', () => {
  async function suiteFile(text: string): Promise<string> {
    const path = join(await mkdtemp(join(tmpdir(), 'respin-')), 's.yaml');
    await writeFile(path, text);
    return path;
  }

  it('reads every shipped one, and each of its programs exists', async () => {
    const suites = await listSuites(ctx, process.cwd());
    expect(suites.map(({ name }) => name)).toEqual(expect.arrayContaining(['msgque', 'semundo']));
    for (const suite of suites)
      for (const { from } of suite.programs) if (from.kind === 'source') await expect(ctx.effects.files.access(from.path)).resolves.toBeUndefined();
  });

  it('names the nearest suite', async () => {
    await expect(findSuite(ctx, process.cwd(), 'semundoo')).rejects.toMatchObject({ kind: 'usage', hint: expect.stringContaining('"semundo"') as string });
    await expect(findSuite(ctx, process.cwd(), '../../package')).rejects.toMatchObject({ kind: 'usage', code: 'suite.unknown' });
  });

  it.each([
    ['an unknown key, with the nearest valid one', 'name: x\ndescription: d\nprograms: [{name: a, source: a.c, judge: exit, timeouts: 3s}]', /programs\.0.*"timeouts".*"timeout"/],
    ['no programs', 'name: x\ndescription: d\nprograms: []', /at least one program/],
    ['neither source nor kselftest', 'name: x\ndescription: d\nprograms: [{name: a, judge: exit}]', /either "source/],
    ['a bad kselftest', 'name: x\ndescription: d\nprograms: [{name: a, kselftest: ipc, judge: exit}]', /ipc:msgque/],
    ['a program twice', 'name: x\ndescription: d\nprograms: [{name: a, source: a.c, judge: exit}, {name: a, source: b.c, judge: exit}]', /"a" is there twice/],
    ['a test twice', 'name: x\ndescription: d\nprograms: [{name: a, source: a.c, judge: ktap, tests: [t, t]}]', /the test "t" is there twice/],
    ['no YAML', 'name: [', /not readable as YAML/],
    ['a bad time limit', 'name: x\ndescription: d\nprograms: [{name: a, source: a.c, judge: exit, timeout: soon}]', /"soon" is not a duration/],
  ])('refuses %s', async (_what, text, message) => {
    await expect(readSuite(ctx, await suiteFile(text))).rejects.toMatchObject({ kind: 'usage', message: expect.stringMatching(message) as string });
  });

  const PROGRAM = '{name: a, source: a.c, judge: ktap, tests: {t: what it proves}}';

  it('reads what a test proves, and what a program is for', async () => {
    const text = 'name: x\ndescription: d\nprograms: [{name: a, source: a.c, judge: ktap, tests: {t: what it proves}, absent: skip, bits: 32, profiles: [compat]}]';
    const [program] = (await readSuite(ctx, await suiteFile(text))).programs;
    expect(program).toMatchObject({ tests: ['t'], meanings: { t: 'what it proves' }, absent: 'skip', bits: 32, profiles: ['compat'] });
    await expect(readSuite(ctx, await suiteFile(text.replace('compat', 'compta')))).rejects.toMatchObject({ code: 'profile.unknown' });
  });

  it('takes in the programs of others, which are skipped where their interface is absent', async () => {
    const path = await suiteFile(`name: x\ndescription: d\nconfig: CONFIG_A=y\ninclude: [y]\nprograms: [${PROGRAM}]`);
    const other = join(dirname(path), 'y.yaml');
    await writeFile(other, `name: y\ndescription: e\nconfig: CONFIG_B=y\nprograms: [${PROGRAM}, {name: b, source: b.c, judge: exit}]`);
    const suite = await readSuite(ctx, path);
    expect(suite).toMatchObject({ name: 'x', description: 'd', config: 'CONFIG_A=y\nCONFIG_B=y' });
    expect(suite.programs.map(({ name, absent }) => [name, absent])).toEqual([['a', 'fail'], ['b', 'skip']]);
    await writeFile(other, `name: y\ndescription: e\ninclude: [x]\nprograms: [${PROGRAM}]`);
    await expect(readSuite(ctx, path)).rejects.toMatchObject({ code: 'suite.invalid' });
  });

  it('run in a profile, they have only the programs for it', async () => {
    const suite = await readSuite(ctx, await suiteFile(`name: x\ndescription: d\nprograms: [${PROGRAM}, {name: b, source: b.c, judge: exit, profiles: [compat]}]`));
    expect(suiteIn(suite, 'plain')).toMatchObject({ suite: { programs: [{ name: 'a' }] }, left: [{ name: 'b' }] });
    expect(suiteIn(suite, 'compat').left).toEqual([]);
    const [, only] = suite.programs;
    expect(() => suiteIn({ ...suite, programs: only ? [only] : [] }, 'smp')).toThrow(expect.objectContaining({ code: 'suite.profile' }));
  });

  it('merge to one that runs a program of both once, and refuse two of one name', async () => {
    const suite = await readSuite(ctx, await suiteFile(`name: x\ndescription: d\nprograms: [${PROGRAM}]`));
    const [program] = suite.programs;
    const named = (name: string): Suite => ({ ...suite, name, programs: suite.programs.map((one) => ({ ...one, name, tests: [name] })) });
    expect(mergeSuites([suite, { ...named('y'), programs: [...suite.programs, ...named('y').programs] }])).toMatchObject({ name: 'x+y', programs: [{ name: 'a' }, { name: 'y' }] });
    const other = { ...suite, programs: program ? [{ ...program, timeoutMs: 1 }] : [] };
    expect(() => mergeSuites([suite, other])).toThrow(expect.objectContaining({ code: 'suite.invalid' }));
  });
});
