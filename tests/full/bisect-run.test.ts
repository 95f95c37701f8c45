import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { ROOT, useRespin } from '../e2e/respin.js';
import { git, growHistory, linuxRepository } from './linux-git.js';

const respin = useRespin();

describe('commits of a repository', () => {
  const line = Array.from({ length: 8 }, (_, index) => ({ parents: [index] }));

  test('are found by git bisect run, which is told of each what it is', async () => {
    const linux = await linuxRepository();
    const faults = { 3: 'calls', 5: 'defines', 7: 'test' } as const;
    const commits = await growHistory(linux, line.map((one, index) => ({ ...one, fault: Object.entries(faults).find(([number]) => number === String(index + 1))?.[1] })));
    await git(linux, ['checkout', '--quiet', '--force', 'topic']);
    await git(linux, ['bisect', 'start', 'topic', 'base']);
    const step = [process.execPath, join(ROOT, 'dist', 'cli.js'), 'run', '--bisect', '--suite', 'msgque', '--test', 'msgque'];
    const done = await execa('git', ['bisect', 'run', ...step], { cwd: linux, env: { XDG_STATE_HOME: respin.folder() }, reject: false, all: true });
    expect(done.all).toContain(`${commits[7] ?? ''} is the first bad commit`);
    await git(linux, ['bisect', 'reset']);
  });

  test('stop git when the host fails, and none is blamed', async () => {
    const linux = await linuxRepository();
    await growHistory(linux, line);
    await git(linux, ['checkout', '--quiet', '--force', 'topic']);
    await git(linux, ['bisect', 'start', 'topic', 'base']);
    const step = [process.execPath, join(ROOT, 'dist', 'cli.js'), 'run', '--bisect', '--suite', 'msgque'];
    // No folder for the cache can be made below a file.
    const done = await execa('git', ['bisect', 'run', ...step], { cwd: linux, env: { RESPIN_CACHE: join(linux, 'Makefile', 'cache') }, reject: false, all: true });
    expect(done.exitCode).not.toBe(0);
    expect(done.all).toMatch(/exit code 131/);
    expect(await git(linux, ['bisect', 'log'])).not.toMatch(/^git bisect (?:good|bad|skip) /m);
    await git(linux, ['bisect', 'reset']);
  });
});
