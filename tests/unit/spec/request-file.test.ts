import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { judgeRequests } from '../../../harness/commands/judge-options.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { findRequestFile, requestFileSchema } from '../../../harness/spec/request-file.js';
import { renderRequestFile } from '../../../harness/spec/request-template.js';
import { cacheAt } from '../../../harness/store/cache.js';

let home: string;
let below: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'respin-home-'));
  below = join(home, 'linux', 'ipc');
  mkdirSync(below, { recursive: true });
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const real = realEffects();
const context = () => ({ effects: { ...real, env: { ...real.env, HOME: home } }, progress: () => undefined, cache: cacheAt('/nonexistent') });
const write = (folder: string, text: string): void => {
  writeFileSync(join(folder, 'respin.yaml'), text);
};
const DEFAULTS = { accel: 'auto', sandbox: 'auto' };

describe('findRequestFile', () => {
  it('looks in the folder and above it, up to the home', async () => {
    expect(await findRequestFile(context(), below)).toBeUndefined();
    write(home, 'kernel: "6.1"\n');
    expect(await findRequestFile(context(), below)).toMatchObject({ folder: home, request: { kernel: '6.1' } });
    write(below, 'kernel: dir:.\n');
    expect(await findRequestFile(context(), below)).toMatchObject({ folder: below });
  });

  it('does not look above a git repository', async () => {
    write(home, 'kernel: "6.1"\n');
    mkdirSync(join(home, 'linux', '.git'));
    expect(await findRequestFile(context(), below)).toBeUndefined();
  });

  it.each([
    ['an unknown key, with the nearest valid one', 'kernal: "6.12"', /unknown key "kernal"; did you mean "kernel"/],
    ['a key twice', 'kernel: a\nkernel: b', /unique/],
    ['another document', 'kernel: a\n---\nkernel: b', /multiple documents/],
    ['an anchor that is used without end', `a: &a [x]\nseries: [${'*a,'.repeat(60)}]`, /alias|unknown key/i],
    ['a value of another kind', 'series: {a: b}', /expected a series or a list/],
    ['a list', '- a', /expected object|expected/i],
    ['no YAML', 'kernel: [', /not readable as YAML/],
    ['half a boot', 'repeat: 1.5', /repeat/],
  ])('refuses %s', async (_what, text, message) => {
    write(below, `${text}\n`);
    await expect(findRequestFile(context(), below)).rejects.toMatchObject({ kind: 'usage', code: 'request.file', message: expect.stringMatching(message) as string });
  });
});

describe('a request', () => {
  it('is what the file says, with paths relative to it', async () => {
    write(home, 'kernel: git:linux#v6.12\nseries: [a, ./b]\nsuites: [msgque, s.yaml]\ntests: t/a.c\nkselftests: ipc\nconfig: [CONFIG_NET=y, c.config]\nmemory: 512M\ncpus: 2\nrepeat: 3\ntimeout: 2m\nprofiles: [plain, smp]\nappend: nokaslr\nqemu-args: [-device, x]\n');
    const requests = await judgeRequests(context(), [], DEFAULTS, { cwd: below });
    expect(requests.map(({ profile }) => profile)).toEqual(['plain', 'smp']);
    expect(requests[0]).toMatchObject({
      ...{ kernel: 'git:linux#v6.12', kernelCwd: home, series: ['a', './b'], cwd: home, repeat: 3, timeoutMs: 120_000 },
      tests: { suites: ['msgque', join(home, 's.yaml')], tests: [join(home, 't/a.c')], kselftests: ['ipc'], config: ['CONFIG_NET=y', join(home, 'c.config')], memory: '512M', cpus: '2', append: ['nokaslr'], qemuArgs: ['-device', 'x'] },
    });
  });

  it('gives way to the command line, whose paths are relative to where respin is run', async () => {
    write(home, 'kernel: dir:.\nseries: a\nsuites: msgque\nkselftests: ipc\nconfig: CONFIG_A=y\nrepeat: 3\nprofiles: [plain, smp]\n');
    const options = { ...DEFAULTS, kernel: '6.1', test: ['x.c'], config: ['y.config'], repeat: '1', profile: 'kasan' };
    const requests = await judgeRequests(context(), ['mine'], options, { cwd: below });
    expect(requests).toMatchObject([
      { kernel: '6.1', kernelCwd: below, series: ['mine'], cwd: below, profile: 'kasan', repeat: 1, tests: { suites: [], tests: [join(below, 'x.c')], kselftests: [], config: [join(below, 'y.config')] } },
    ]);
  });

  it('without a file is the main job', async () => {
    expect(await judgeRequests(context(), [], DEFAULTS, { cwd: below })).toMatchObject([{ kernel: '6.12', profile: 'plain', series: ['semundo-v2', 'next-id-v2'], repeat: 1 }]);
  });

  it('is about what the commits of a repository are on, when no kernel is named', async () => {
    const named = async (series: string, kernel?: string) => (await judgeRequests(context(), [series], { ...DEFAULTS, kernel }, { cwd: below }))[0]?.kernel;
    expect(await named('git:../repo#HEAD~3..topic')).toBe('git:../repo#HEAD~3');
    expect(await named('git:../repo#HEAD~3..topic', '6.1')).toBe('6.1');
    write(home, 'kernel: debian:6.1\nseries: git:.#v6.12..HEAD\n');
    expect(await named('git:../repo#HEAD~3..topic')).toBe('debian:6.1');
    write(home, 'series: git:.#v6.12..HEAD\n');
    expect((await judgeRequests(context(), [], DEFAULTS, { cwd: below }))[0]).toMatchObject({ kernel: 'git:.#v6.12', kernelCwd: home });
  });

  it('needs a series once there is a file, and one profile for one document', async () => {
    write(home, 'kernel: dir:.\n');
    await expect(judgeRequests(context(), [], DEFAULTS, { cwd: below })).rejects.toMatchObject({ code: 'series.none' });
    write(home, 'series: a\nprofiles: [plain, smp]\n');
    await expect(judgeRequests(context(), [], { ...DEFAULTS, json: true }, { cwd: below })).rejects.toMatchObject({ code: 'profile.several' });
  });
});

describe('renderRequestFile', () => {
  it.each([
    { kernel: 'dir:.', series: undefined, kselftests: [], seen: 'nothing' },
    { kernel: 'git:.#v6.12', series: 'git:.#v6.12..HEAD', kselftests: ['ipc', 'a-b'], seen: 'a \n key: x' },
    { kernel: '6.12', series: './- odd: [name', kselftests: [], seen: '' },
  ])('is a file that reads back: %j', (found) => {
    const request = requestFileSchema.parse(parse(renderRequestFile(found)));
    expect(request).toMatchObject({ kernel: found.kernel, profiles: ['plain'] });
    expect(request.series).toEqual(found.series === undefined ? undefined : [found.series]);
    expect(request.kselftests ?? []).toEqual(found.kselftests);
    // What is commented out is valid as well.
    const all = renderRequestFile(found).replace(/^# (\w[\w-]*: )/gm, '$1').split('\n');
    const keys = new Set<string>();
    const once = all.filter((line) => { const key = /^([\w-]+):/.exec(line)?.[1]; return key === undefined || (!keys.has(key) && keys.add(key).size > 0); });
    expect(requestFileSchema.safeParse(parse(once.join('\n'))).error?.issues).toBeUndefined();
  });
});
