import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { cacheAt } from '../../harness/store/cache.js';
import { realEffects } from '../../harness/host/real-effects.js';
import { readSeries } from '../../harness/series/read-series.js';
import { goodWalk } from '../unit/report/samples.js';
import { useFolder } from './tools.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** As b4 runs a check command: in the top folder of the repository, with the mail on standard input. */
describe('respin b4-check', () => {
  const folder = useFolder();
  const repository = join(folder, 'linux');
  const git = (...args: readonly string[]): string => execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { cwd: repository, encoding: 'utf8' });
  const commit = (text: string, subject: string): void => {
    writeFileSync(join(repository, 'a.c'), text);
    git('add', 'a.c');
    git('commit', '-qm', subject);
  };
  const b4 = async (mail: string, ...args: readonly string[]): Promise<string> => {
    const { stdout, exitCode } = await execa(process.execPath, [CLI, 'b4-check', ...args], { cwd: repository, input: mail, reject: false, env: { XDG_STATE_HOME: join(folder, 'state'), RESPIN_CACHE: join(folder, 'cache') } });
    expect(exitCode).toBe(0);
    return stdout;
  };
  const mailOf = (ref: string): string => git('format-patch', '-1', '--stdout', ref);

  it('answers from the newest evidence of a patch, on the patches that it was tested on', async () => {
    mkdirSync(repository);
    git('init', '-q', '-b', 'main');
    commit('int a;\n', 'base');
    commit('int a;\nint b;\n', 'ipc: step 1');
    commit('int a;\nint b;\nint c;\n', 'ipc: step 2');
    const ctx = { effects: realEffects(), progress: () => undefined, cache: cacheAt(join(folder, 'cache')) };
    const { patches } = await readSeries(ctx, { text: `git:${repository}#main~2..main`, packageRoot: folder, kernelVersion: '6.12', cwd: folder });
    const walk = goodWalk();
    const evidence = { ...walk, series: { ...walk.series, patches: patches.map(({ number, subject, digest }) => ({ number, subject, digest })) } };
    const run = join(folder, 'state/respin/runs/20261120-000000-x');
    mkdirSync(run, { recursive: true });
    expect(await b4(mailOf('main'))).toMatch(/^respin: WARNING: not tested/);
    writeFileSync(join(run, 'evidence.json'), JSON.stringify(evidence));

    expect(await b4(mailOf('main~1'))).toBe('');
    expect(await b4(mailOf('main'))).toBe('');
    expect(JSON.parse(await b4(mailOf('main'), '--json'))).toMatchObject([{ tool: 'respin', status: 'pass', summary: 'builds, boots; 3 of 3 tests pass, 1 from here on' }]);

    expect(await b4(mailOf('main').replace('+int c;', '+int d;'))).toMatch(/^respin: WARNING: not tested/);

    // The same second patch on another first one.
    git('checkout', '-q', '-b', 'other', 'main~2');
    commit('int a;\nint b; /* other */\n', 'ipc: step 1');
    writeFileSync(join(repository, 'a.c'), 'int a;\nint b;\nint c;\n');
    const second = mailOf('main');
    expect(await b4(second)).toMatch(/^respin: WARNING: not tested/);
    expect(await b4(mailOf('other'))).toMatch(/^respin: WARNING: not tested/);
    git('checkout', '-q', '-f', 'main');

    const cover = 'From: A <a@example.org>\nSubject: [PATCH v3 0/2] ipc: do it\nMessage-ID: <20240101.1-ada@example.org>\n\nbody\n';
    expect(JSON.parse(await b4(cover, '--json', '--evidence', run))).toMatchObject([{ status: 'pass', summary: expect.stringMatching(/^GOOD: /) as string }]);
    expect(JSON.parse(await b4(cover.replace('20240101.1', '20240101.2'), '--json'))).toMatchObject([{ status: 'warn', summary: expect.stringMatching(/^not tested/) as string }]);
    expect(readdirSync(run)).toEqual(['evidence.json']);
    expect(readFileSync(join(repository, 'a.c'), 'utf8')).toBe('int a;\nint b;\nint c;\n');
  });
});
