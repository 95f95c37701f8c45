import { chmod, readFile, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withLock } from '../../../harness/host/lock.js';
import { relationOf } from '../../../harness/kernel/git-history.js';
import { resolveSource } from '../../../harness/kernel/resolve.js';
import { openTree, treeLockName } from '../../../harness/kernel/tree.js';
import { revertOf } from '../../../harness/run/bisect/git.js';
import { startGitBisection } from '../../../harness/run/bisect/git-range.js';
import { formatRange } from '../../../harness/series/git-range.js';
import { patchIdsIn } from '../../../harness/series/patch-ids.js';
import { seriesOf } from '../series/support.js';
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

describe('from one commit to another', () => {
  interface Moved {
    readonly at: (ref: string) => Promise<string>;
    readonly ctx: TestContext;
    readonly path: string;
    readonly git: Repository['git'];
  }

  /** Opens the tree of a repository at its refs; says which folder it is. */
  async function moving(): Promise<Moved> {
    const { ctx, path, git } = await repository();
    await git('tag', 'one');
    const at = async (ref: string): Promise<string> => (await openTree(ctx, await resolveSource(ctx, { kind: 'git', location: path, ref }))).src;
    return { at, ctx, path, git };
  }

  async function commit({ path, git }: Moved, tag: string, files: Readonly<Record<string, string>>): Promise<void> {
    await writeFiles(path, files);
    await git('add', '--all');
    await git('commit', '--quiet', '-m', tag);
    await git('tag', tag);
  }

  /** Every path with its kind, its executable bit and its content. */
  async function listing(folder: string): Promise<readonly string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const lines = entries.map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      const name = file.slice(folder.length + 1);
      if (entry.isDirectory()) return `${name}/`;
      if (entry.isSymbolicLink()) return `${name} -> ${await readlink(file)}`;
      return `${name} ${(await stat(file)).mode & 0o100 ? 'x' : '-'} ${await readFile(file, 'utf8')}`;
    });
    return (await Promise.all(lines)).sort();
  }

  test('the same tree becomes exactly what the other commit has, there and back', async () => {
    const moved = await moving();
    const { at, path, git } = moved;
    await writeFiles(path, { 'drivers/a/b/one.c': 'int one;\n', 'lib/folder/x.c': 'int x;\n', 'lib/tool': '#!/bin/sh\n', 'ipc/stays.c': 'int stays;\n' });
    await commit(moved, 'two', {});
    await git('rm', '-r', '--quiet', 'drivers', 'lib/folder');
    await chmod(join(path, 'lib/tool'), 0o755);
    await symlink('tool', join(path, 'lib/link'));
    await commit(moved, 'three', { 'lib/folder': 'now a file\n', 'ipc/msg.c': 'int other;\n', 'name with "quote"\n': '' });

    const src = await at('two');
    const fresh = async (ref: string): Promise<readonly string[]> => {
      const folder = join(moved.ctx.folder, `fresh-${ref}`);
      await git('worktree', 'add', '--quiet', '--detach', folder, ref);
      await rm(join(folder, '.git'));
      return listing(folder);
    };
    const [two, three] = [await fresh('two'), await fresh('three')];
    expect(await listing(src)).toEqual(two);
    const before = await stat(join(src, 'ipc/stays.c'));
    expect(await at('three')).toBe(src);
    expect(await listing(src)).toEqual(three);
    // What is the same looks so to make.
    expect((await stat(join(src, 'ipc/stays.c'))).mtimeMs).toBe(before.mtimeMs);
    expect((await stat(join(src, 'ipc/msg.c'))).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
    await at('two');
    expect(await listing(src)).toEqual(two);
    expect(await git('status', '--porcelain')).toBe('');
  });

  test('a series that a run left on it is taken off first', async () => {
    const moved = await moving();
    await commit(moved, 'two', { 'ipc/msg.c': 'int other;\n' });
    await moved.at('one');
    const seen: string[] = [];
    const source = await resolveSource(moved.ctx, { kind: 'git', location: moved.path, ref: 'two' });
    await openTree(moved.ctx, source, {
      beforeChange: async (tree) => {
        seen.push(await readFile(join(tree.src, 'ipc/msg.c'), 'utf8'));
      },
    });
    expect(seen).toEqual(['int msg;\n']);
  });

  test('what was built stays, unless a header comes that another file may find instead', async () => {
    const moved = await moving();
    await commit(moved, 'two', { 'ipc/msg.c': 'int other;\n', 'include/linux/name.h': '' });
    await commit(moved, 'three', { 'ipc/name.h': '' });
    const built = join(await moved.at('one'), '..', 'objects', 'plain', 'base', 'vmlinux');
    await writeFiles(join(built, '..'), { vmlinux: '' });
    await moved.at('two');
    await expect(stat(built)).resolves.toBeDefined();
    await moved.at('three');
    await expect(stat(built)).rejects.toThrow('ENOENT');
  });

  test('a commit that the repository has lost is no way to another one: the tree is made anew', async () => {
    const moved = await moving();
    await commit(moved, 'two', { 'ipc/msg.c': 'int other;\n' });
    const src = await moved.at('two');
    await moved.git('reset', '--quiet', '--hard', 'one');
    await moved.git('tag', '-d', 'two');
    await moved.git('reflog', 'expire', '--expire=now', '--all');
    await moved.git('gc', '--quiet', '--prune=now');
    expect(await moved.at('one')).toBe(src);
    expect(await readFile(join(src, 'ipc/msg.c'), 'utf8')).toBe('int msg;\n');
  });

  test('a tree that was left half way is made anew', async () => {
    const moved = await moving();
    await commit(moved, 'two', { 'ipc/msg.c': 'int other;\n' });
    const src = await moved.at('one');
    await rm(join(src, '..', 'tree.json'));
    await writeFile(join(src, 'ipc/msg.c'), 'half');
    await moved.at('two');
    expect(await readFile(join(src, 'ipc/msg.c'), 'utf8')).toBe('int other;\n');
  });
});

describe('the settings of a repository of somebody else', () => {
  test('run no program', async () => {
    const { ctx, path, git } = await repository();
    const mark = join(ctx.folder, 'ran');
    const program = join(ctx.folder, 'program');
    await writeFile(program, `#!/bin/sh\necho "$0 $*" >>${mark}\nexec cat\n`, { mode: 0o755 });
    const remote = join(ctx.folder, 'remote');
    await writeFile(remote, `#!/bin/sh\necho "$0 $*" >>${mark}\n`, { mode: 0o755 });
    const signer = join(ctx.folder, 'signer');
    await writeFile(signer, '#!/bin/sh\ncat >/dev/null\necho "[GNUPG:] SIG_CREATED " >&2\necho "-----BEGIN PGP SIGNATURE-----"\necho "-----END PGP SIGNATURE-----"\n', { mode: 0o755 });
    const hooks = ['reference-transaction', 'post-index-change', 'post-checkout', 'fsmonitor-watchman', 'pre-auto-gc'];
    await writeFiles(join(ctx.folder, 'hooks'), Object.fromEntries(hooks.map((name) => [name, `#!/bin/sh\necho "$0 $*" >>${mark}\n`])));
    for (const name of hooks) await chmod(join(ctx.folder, 'hooks', name), 0o755);
    const attributes = '*.c filter=evil diff=evil\n';
    await writeFiles(path, { '.gitattributes': attributes, '.git/info/attributes': attributes });
    await git('add', '--all');
    await git('-c', `gpg.program=${signer}`, 'commit', '--quiet', '--gpg-sign', '-m', 'attributes');
    await git('tag', 'one');
    await writeFiles(path, { 'ipc/msg.c': 'int other;\n' });
    await git('commit', '--quiet', '--all', '-m', 'two');
    await git('tag', 'two');
    const settings = {
      ...{ 'filter.evil.smudge': program, 'filter.evil.clean': program, 'filter.evil.required': 'true', 'diff.evil.textconv': program, 'diff.evil.command': program },
      ...{ 'diff.external': program, 'core.fsmonitor': program, 'core.pager': program, 'log.showSignature': 'true', 'gpg.program': program, 'core.hooksPath': join(ctx.folder, 'hooks') },
      ...{ 'remote.gone.url': path, 'remote.gone.uploadpack': remote, 'remote.gone.promisor': 'true', 'extensions.partialClone': 'gone', 'core.repositoryFormatVersion': '1' },
    };
    for (const [name, value] of Object.entries(settings)) await git('config', name, value);
    const treeAt = async (ref: string): Promise<string> => {
      const source = await resolveSource(ctx, { kind: 'git', location: path, ref });
      return (await withLock(ctx, treeLockName(source), () => openTree(ctx, source))).src;
    };
    expect(await readFile(join(await treeAt('one'), 'ipc/msg.c'), 'utf8')).toBe('int msg;\n');
    expect(await readFile(join(await treeAt('two'), 'ipc/msg.c'), 'utf8')).toBe('int other;\n');
    const range = await formatRange(ctx, { location: path, base: 'one', tip: 'two' }, ctx.folder);
    expect(range.patches).toHaveLength(1);
    const [commit = ''] = (await git('rev-parse', 'one')).split('\n');
    await patchIdsIn(ctx, { gitDir: join(path, '.git'), commit }, ['ipc/msg.c'], ctx.folder);
    const bisection = await startGitBisection(ctx, { gitDir: join(path, '.git'), location: path, good: commit, bad: await git('rev-parse', 'two'), fixed: false, firstParent: false }, join(ctx.folder, 'bisection'));
    expect(await bisection.subject(commit)).toBe('attributes');
    const [from, to] = [await git('rev-parse', 'two'), commit];
    const revert = await revertOf(ctx, { gitDir: join(path, '.git') }, seriesOf(), from, to);
    // An object that is missing would be asked for from the remote, by its program.
    await expect(relationOf(ctx, { gitDir: join(path, '.git'), commit }, '1234567890123456789012345678901234567890')).resolves.toEqual({ kind: 'unknown' });
    expect(await readFile(mark, 'utf8').catch(() => 'nothing')).toBe('nothing');
    expect(revert?.patches).toHaveLength(1);
  });
});
