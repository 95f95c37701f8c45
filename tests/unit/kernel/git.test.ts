import { chmod, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveSource } from '../../../harness/kernel/resolve.js';
import { openTree } from '../../../harness/kernel/tree.js';
import { KERNEL_FILES, run, testContext, writeFiles, type TestContext } from './source-support.js';

interface Repository {
  readonly ctx: TestContext;
  readonly path: string;
  readonly git: (...args: readonly string[]) => Promise<string>;
}

async function repository(): Promise<Repository> {
  const ctx = await testContext();
  const path = join(ctx.folder, 'linux');
  await writeFiles(path, KERNEL_FILES);
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', ['-C', path, '-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=master', ...args])).stdout.trim();
  await git('init', '--quiet');
  await git('add', '--all');
  await git('commit', '--quiet', '-m', 'one');
  await git('tag', '-a', 'v6.12.9', '-m', 'tag');
  return { ctx, path, git };
}

test.each(['v6.12.9', 'master', 'HEAD'])('%s of a repository on this disk', async (ref) => {
  const { ctx, path, git } = await repository();
  const source = await resolveSource(ctx, { kind: 'git', location: 'linux', ref }, { cwd: ctx.folder });
  const commit = await git('rev-parse', 'HEAD');
  expect(source).toMatchObject({
    provider: 'git',
    version: '6.12.9',
    label: `git linux@${commit.slice(0, 12)}`,
    digest: await git('rev-parse', 'HEAD^{tree}'),
    content: { kind: 'git', gitDir: join(path, '.git'), commit },
  });
  await writeFile(join(path, 'ipc/msg.c'), 'not committed');
  const tree = await openTree(ctx, source);
  expect(await readFile(join(tree.src, 'ipc/msg.c'), 'utf8')).toBe('int msg;\n');
  expect(await readdir(tree.src)).not.toContain('.git');
});

test('a linked worktree is its repository', async () => {
  const { ctx, git } = await repository();
  await git('worktree', 'add', '--quiet', '-b', 'topic', join(ctx.folder, 'worktree'));
  const source = await resolveSource(ctx, { kind: 'git', location: join(ctx.folder, 'worktree'), ref: 'topic' });
  expect(source.version).toBe('6.12.9');
  await openTree(ctx, source);
});

test.each([
  ['a ref that is not there', 'linux', 'v9.9'],
  ['a folder that is no repository', '.', 'HEAD'],
])('%s is a wrong request', async (_what, location, ref) => {
  const { ctx } = await repository();
  await expect(resolveSource(ctx, { kind: 'git', location, ref }, { cwd: ctx.folder })).rejects.toMatchObject({ kind: 'usage', code: 'kernel.git' });
});

test('a commit that is no kernel is a wrong request', async () => {
  const { ctx, git } = await repository();
  await git('rm', '--quiet', 'Makefile');
  await git('commit', '--quiet', '-m', 'two');
  await expect(resolveSource(ctx, { kind: 'git', location: 'linux', ref: 'HEAD' }, { cwd: ctx.folder })).rejects.toMatchObject({ kind: 'usage', code: 'kernel.git' });
});

test('a repository cannot make respin run its programs, and an outer git does not lead to another one', async () => {
  const { ctx, path, git } = await repository();
  const trap = join(ctx.folder, 'trap');
  await writeFile(trap, `#!/bin/sh\ntouch "${ctx.folder}/trapped"\n`);
  await chmod(trap, 0o755);
  await git('config', 'core.fsmonitor', trap);
  await git('config', 'core.hooksPath', ctx.folder);
  await git('config', 'tar.tar.command', trap);
  const env = { ...ctx.effects.env, GIT_DIR: '/nowhere', GIT_OBJECT_DIRECTORY: '/nowhere' };
  const inside = { ...ctx, effects: { ...ctx.effects, env } };
  await openTree(inside, await resolveSource(inside, { kind: 'git', location: path, ref: 'HEAD' }));
  await resolveSource(inside, { kind: 'directory', path });
  expect(await readdir(ctx.folder)).not.toContain('trapped');
});

test('a remote repository is fetched once, shallow; tags are the commits they name', async () => {
  const { ctx, path, git } = await repository();
  const location = `file://${path}`;
  await git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const source = await resolveSource(ctx, { kind: 'git', location, ref: 'v6.12.9' });
  const commit = await git('rev-parse', 'HEAD');
  expect(source.content).toMatchObject({ kind: 'git', commit });
  await openTree(ctx, source);
  // A commit that was fetched needs no network.
  await run('mv', [path, `${path}.gone`]);
  expect((await resolveSource(ctx, { kind: 'git', location, ref: commit })).digest).toBe(source.digest);
  await expect(resolveSource(ctx, { kind: 'git', location, ref: 'master' })).rejects.toMatchObject({ kind: 'host', code: 'source.unreachable' });
});

test('a ref that a remote repository does not have is a wrong request', async () => {
  const { ctx, path } = await repository();
  await expect(resolveSource(ctx, { kind: 'git', location: `file://${path}`, ref: 'v9.9' })).rejects.toMatchObject({ kind: 'usage', code: 'kernel.git' });
});
