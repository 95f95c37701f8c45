import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { lookAround } from '../../../harness/kernel/look-around.js';
import { cacheAt } from '../../../harness/store/cache.js';

let folder: string;
let ctx: Context;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'respin-around-'));
  // The repository of respin itself may lie above.
  const real = realEffects();
  ctx = { effects: { ...real, env: { ...real.env, GIT_CEILING_DIRECTORIES: tmpdir() } }, cache: cacheAt('/nonexistent'), progress: () => undefined };
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false', ...args], { encoding: 'utf8' }).trim();
}

function commit(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  git('add', '-A');
  git('commit', '-qm', 'x');
}

const KERNEL = { Makefile: 'VERSION = 6\nPATCHLEVEL = 12\n', Kconfig: 'mainmenu "x"\n' };

describe('lookAround', () => {
  it('finds a branch since the last release, and the selftests that it touches', async () => {
    git('init', '-q');
    commit(KERNEL);
    git('tag', 'v6.12');
    commit({ 'kernel/x.c': 'int x;\n', 'tools/testing/selftests/x/Makefile': '\n', 'tools/testing/selftests/ipc/more.c': '\n', 'tools/testing/selftests/lib.mk': '\n' });
    expect(await lookAround(ctx, folder)).toMatchObject({ kernel: 'git:.#v6.12', series: 'git:.#v6.12..HEAD', kselftests: ['ipc', 'x'] });
    expect(await lookAround(ctx, join(folder, 'kernel'))).toMatchObject({ kernel: 'git:..#v6.12', series: 'git:..#v6.12..HEAD' });
  });

  it('names no series where there is no commit since the release', async () => {
    git('init', '-q');
    commit(KERNEL);
    git('tag', 'v6.12');
    expect(await lookAround(ctx, folder)).toMatchObject({ kernel: 'git:.#v6.12', series: undefined, kselftests: [] });
  });

  it('takes the upstream branch before the tag', async () => {
    git('init', '-q', '-b', 'main');
    commit(KERNEL);
    const base = git('rev-parse', 'HEAD');
    git('checkout', '-q', '-b', 'mine', '--track', 'main');
    commit({ 'kernel/x.c': 'int x;\n' });
    expect(await lookAround(ctx, folder)).toMatchObject({ kernel: `git:.#${base}`, series: `git:.#${base}..HEAD` });
  });

  it('finds a tree without git, patches, or nothing', async () => {
    expect(await lookAround(ctx, folder)).toMatchObject({ kernel: '6.12', series: undefined });
    mkdirSync(join(folder, 'outgoing'));
    writeFileSync(join(folder, 'outgoing', '0001-x.patch'), '');
    expect(await lookAround(ctx, folder)).toMatchObject({ kernel: '6.12', series: 'outgoing' });
    for (const [name, text] of Object.entries(KERNEL)) writeFileSync(join(folder, name), text);
    expect(await lookAround(ctx, folder)).toMatchObject({ kernel: 'dir:.', series: 'outgoing' });
  });
});
