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
import { declaredFindings, expectationsIn, findSuite, listSuites, mergeSuites, readSuite, suiteIn } from '../../../harness/spec/suite.js';
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
    await expect(findSuite(ctx, process.cwd(), '../../package')).rejects.toMatchObject({ kind: 'usage', code: 'suite.invalid' });
  });

  it.each([
    ['an unknown key, with the nearest valid one', 'name: x\ndescription: d\nprograms: [{name: a, source: a.c, judge: exit, timeouts: 3s}]', /programs\.0.*"timeouts".*"timeout"/],
    ['no programs', 'name: x\ndescription: d\nprograms: []', /at least one program/],
    ['neither source nor kselftest', 'name: x\ndescription: d\nprograms: [{name: a, judge: exit}]', /one of "source/],
    ['a bad kselftest', 'name: x\ndescription: d\nprograms: [{name: a, kselftest: ipc/, judge: exit}]', /ipc:msgque/],
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

  it('reads everything that a program may have, with paths relative to the file', async () => {
    const text = `description: d
config: CONFIG_A=m
memory: 512M
cpus: 2
append: slub_debug=FZP
programs:
  - script: t/run.sh
    args: [-n, 5]
    env: {VERBOSE: 1}
    files: [data.txt, {from: ../x, to: /etc/x}]
    expect:
      one: {fails: broken since 6.10}
      run.two: {skips: no such hardware}
    expect findings: {WARNING in provoked: it is provoked}
  - program: ./static.bin
  - kselftest: net/forwarding
  - kselftest: ipc:msgque
    timeout: 1m
`;
    const path = await suiteFile(text);
    const folder = dirname(path);
    const suite = await readSuite(ctx, path);
    expect(suite).toMatchObject({ name: 's', config: 'CONFIG_A=y', machine: { memoryMiB: 512, cpus: 2, append: ['slub_debug=FZP'] } });
    expect(suite.programs).toMatchObject([
      {
        ...{ name: 'run', from: { kind: 'script', path: join(folder, 't/run.sh') }, judge: 'auto', timeoutMs: 30_000, args: ['-n', '5'], env: ['VERBOSE=1'] },
        files: [{ path: join(folder, 'data.txt'), to: 'data.txt' }, { path: join(dirname(folder), 'x'), to: '/etc/x' }],
      },
      { name: 'static', from: { kind: 'static' } },
      { name: 'net.forwarding', from: { kind: 'kselftest', target: 'net/forwarding', program: undefined }, timeoutMs: undefined },
      { name: 'msgque', timeoutMs: 60_000 },
    ]);
    expect(declaredFindings(suite)).toEqual({ 'WARNING in provoked': 'it is provoked' });
    expect(expectationsIn(suite)).toEqual({ 'run.one': { status: 'fail', reason: 'broken since 6.10' }, 'run.two': { status: 'skip', reason: 'no such hardware' } });
  });

  it.each([
    ['two origins', '{source: a.c, script: b.sh}', /one of "source/],
    ['an expectation of both', '{script: a.sh, expect: {x: {fails: a, skips: b}}}', /either "fails: REASON"/],
    ['a report that is any', '{script: a.sh, "expect findings": {W: a}}', /part of a title of 3/],
    ['a report without a reason', '{script: a.sh, "expect findings": {WARNING in f: ""}}', /a reason in words/],
    ['an expectation without a reason', '{script: a.sh, expect: {x: {fails: ""}}}', /a reason in words/],
    ['an unknown key of an expectation', '{script: a.sh, expect: {x: {fail: a}}}', /did you mean "fails"/],
    ['a file that would hide /proc', '{script: a.sh, files: [{from: a, to: /proc/a}]}', /expected a path|not below/],
    ['a file that leads out', '{script: a.sh, files: [{from: a, to: ../a}]}', /expected/],
    ['a variable that is none', '{script: a.sh, env: {"A=B": 1}}', /such as VERBOSE/],
    ['tests of a whole target', '{kselftest: ipc, tests: [a]}', /names its tests itself/],
    ['a 32-bit script', '{script: a.sh, bits: 32}', /only what is compiled/],
    ['a name that leads out', '{name: ../x, script: a.sh}', /expected a name/],
    ['too many arguments', `{script: a.sh, args: [${'x,'.repeat(41)}]}`, /args/],
    ['an argument with a NUL', '{script: a.sh, args: ["\\0"]}', /args/],
  ])('refuses %s', async (_what, program, message) => {
    await expect(readSuite(ctx, await suiteFile(`programs: [${program}]`))).rejects.toMatchObject({ kind: 'usage', code: 'suite.invalid', message: expect.stringMatching(message) as string });
  });

  it('takes a path for a file and anything else for a name', async () => {
    const path = await suiteFile(`programs: [{script: a.sh}]`);
    expect(await findSuite(ctx, process.cwd(), 's.yaml', dirname(path))).toMatchObject({ programs: [{ name: 'a' }] });
    expect(await findSuite(ctx, process.cwd(), path)).toMatchObject({ name: 's' });
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
