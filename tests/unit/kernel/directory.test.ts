import { chmod, lstat, mkdir, readFile, readlink, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Clock, Effects } from '../../../harness/effects.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { resolveSource } from '../../../harness/kernel/resolve.js';
import { formatListing, parseListing, type Listing } from '../../../harness/kernel/source-listing.js';
import { openTree, type OpenTreeOptions } from '../../../harness/kernel/tree.js';
import type { KernelSource, KernelTree } from '../../../harness/model.js';
import { KERNEL_FILES, run, testContext, writeFiles, type TestContext } from './source-support.js';

interface Place {
  readonly ctx: TestContext;
  readonly directory: string;
  readonly resolve: () => Promise<KernelSource>;
  readonly open: (options?: OpenTreeOptions) => Promise<KernelTree>;
}

async function place(files: Readonly<Record<string, string>> = {}, effects: Partial<Effects> = {}): Promise<Place> {
  const ctx = await testContext(effects);
  const directory = join(ctx.folder, 'linux');
  await writeFiles(directory, { ...KERNEL_FILES, ...files });
  const resolve = (): Promise<KernelSource> => resolveSource(ctx, { kind: 'directory', path: 'linux' }, { cwd: ctx.folder });
  return { ctx, directory, resolve, open: async (options) => await openTree(ctx, await resolve(), options) };
}

/** An hour ahead: a file that changed just now is read again, since it may change once more without a new time. */
function clockAhead(): Clock {
  return { ...realEffects().clock, date: () => new Date(Date.now() + 3_600_000) };
}

async function fingerprint(folder: string): Promise<string> {
  return (await run('find', [folder, '-printf', '%y %m %T@ %C@ %P %l\n'])).stdout;
}

test('a directory is mirrored without what a build left there, and not touched', async () => {
  const { directory, open } = await place({ '.config': 'CONFIG_X=y\n', 'include/generated/a.h': '', 'ipc/msg.o': '', 'arch/x86/include/generated/b.h': '' });
  await chmod(join(directory, 'scripts/Makefile.build'), 0o755);
  await symlink('../Kconfig', join(directory, 'ipc/link'));
  await symlink('/etc/passwd', join(directory, 'outside'));
  const before = await fingerprint(directory);
  const tree = await open();
  expect(await fingerprint(directory)).toBe(before);
  expect((await readdir(tree.src, { recursive: true })).sort()).toEqual(['Kconfig', 'Makefile', 'ipc', 'ipc/link', 'ipc/msg.c', 'scripts', 'scripts/Makefile.build']);
  expect(await readlink(join(tree.src, 'ipc/link'))).toBe('../Kconfig');
  expect((await stat(join(tree.src, 'scripts/Makefile.build'))).mode & 0o111).toBe(0o111);
  expect((await stat(join(tree.src, 'Makefile'))).mtimeMs).toBe((await stat(join(directory, 'Makefile'))).mtimeMs);
  expect(tree.source).toMatchObject({ provider: 'directory', version: '6.12.9' });
});

test('only what changed is copied, with a new time, and what is gone goes', async () => {
  const { directory, open } = await place({ 'ipc/sem.c': 'int sem;\n', 'old/deep/file.c': 'x', 'kernel/fork.c': 'x' });
  const first = await open();
  const untouched = await lstat(join(first.src, 'ipc/sem.c'));
  const past = new Date('2001-01-01');
  await writeFile(join(directory, 'ipc/msg.c'), 'int msg = 1;\n');
  await utimes(join(directory, 'ipc/msg.c'), past, past);
  await rm(join(directory, 'old'), { recursive: true });
  await rm(join(directory, 'kernel'), { recursive: true });
  await writeFile(join(directory, 'kernel'), 'now a file');
  const opened = Date.now();
  const second = await open();
  expect(second.home).toBe(first.home);
  expect(second.source.digest).not.toBe(first.source.digest);
  expect(await readFile(join(second.src, 'ipc/msg.c'), 'utf8')).toBe('int msg = 1;\n');
  // A file system's clock may be one tick behind.
  expect((await stat(join(second.src, 'ipc/msg.c'))).mtimeMs).toBeGreaterThan(opened - 1000);
  expect(await readdir(second.src)).not.toContain('old');
  expect(await readFile(join(second.src, 'kernel'), 'utf8')).toBe('now a file');
  expect((await lstat(join(second.src, 'ipc/sem.c'))).ino).toBe(untouched.ino);
});

test('a change that keeps size and modification time is seen, long after the file was listed', async () => {
  const { directory, open } = await place({}, { clock: clockAhead() });
  const file = join(directory, 'ipc/msg.c');
  const past = new Date('2001-01-01');
  await utimes(file, past, past);
  const first = await open();
  await writeFile(`${file}.new`, 'int gsm;\n');
  await utimes(`${file}.new`, past, past);
  await rename(`${file}.new`, file);
  const second = await open();
  expect(second.source.digest).not.toBe(first.source.digest);
  expect(await readFile(join(second.src, 'ipc/msg.c'), 'utf8')).toBe('int gsm;\n');
});

test('a directory that has not changed is not read', async () => {
  const ran: string[] = [];
  const real = realEffects();
  const run: typeof real.processes.run = async (command) => {
    ran.push(command.file);
    return await real.processes.run(command);
  };
  const { resolve } = await place({}, { clock: clockAhead(), processes: { ...real.processes, run } });
  const first = await resolve();
  expect(ran).toContain('xargs');
  ran.length = 0;
  expect(await resolve()).toEqual(first);
  expect(ran.filter((file) => file !== 'flock')).toEqual(['find']);
});

test('what git no longer ignores is a source', async () => {
  const { directory, open } = await place({ '.gitignore': 'table.h\n', 'lib/table.h': '' }, { clock: clockAhead() });
  await run('git', ['init', '--quiet', directory]);
  await open();
  await run('git', ['-C', directory, 'add', '--force', 'lib/table.h']);
  expect(await readdir((await open()).src)).toContain('lib');
});

test('a file that becomes a link is a change', async () => {
  const { directory, open } = await place({ 'ipc/sem.c': 'int sem;\n' }, { clock: clockAhead() });
  await open();
  await rm(join(directory, 'ipc/sem.c'));
  await symlink('msg.c', join(directory, 'ipc/sem.c'));
  expect(await readlink(join((await open()).src, 'ipc/sem.c'))).toBe('msg.c');
});

test('new times alone change nothing', async () => {
  const { directory, open } = await place();
  const first = await open();
  const copied = await lstat(join(first.src, 'Makefile'));
  await utimes(join(directory, 'Makefile'), new Date(), new Date());
  let changed = false;
  const second = await open({
    beforeChange: () => {
      changed = true;
      return Promise.resolve();
    },
  });
  expect(second).toEqual(first);
  expect(changed).toBe(false);
  expect((await lstat(join(second.src, 'Makefile'))).mtimeMs).toBe(copied.mtimeMs);
});

test('a series is taken off before the mirror changes', async () => {
  const { directory, open } = await place();
  await open();
  await writeFile(join(directory, 'ipc/msg.c'), 'new\n');
  const seen: string[] = [];
  await open({
    beforeChange: async (tree) => {
      seen.push(await readFile(join(tree.src, 'ipc/msg.c'), 'utf8'));
    },
  });
  expect(seen).toEqual(['int msg;\n']);
});

test('a mirror whose update was cut short is made anew', async () => {
  const { directory, open } = await place();
  const { home, src } = await open();
  await rm(join(home, 'tree.json'));
  await writeFile(join(src, 'ipc/msg.c'), 'half');
  await writeFile(join(src, 'stray.c'), 'x');
  await open();
  expect(await readFile(join(src, 'ipc/msg.c'), 'utf8')).toBe(await readFile(join(directory, 'ipc/msg.c'), 'utf8'));
  expect(await readdir(src)).not.toContain('stray.c');
});

test('an update that failed half way is not taken for what was there before', async () => {
  const { ctx, directory, open, resolve } = await place({ 'ipc/sem.c': 'int sem;\n' });
  await open();
  await writeFile(join(directory, 'ipc/msg.c'), 'changed\n');
  await rm(join(directory, 'ipc/sem.c'));
  const run: typeof ctx.effects.processes.run = async (command) => {
    if (command.args.includes('cp')) throw new Error('killed');
    return await ctx.effects.processes.run(command);
  };
  const dying = { ...ctx, effects: { ...ctx.effects, processes: { ...ctx.effects.processes, run } } };
  await expect(openTree(dying, await resolve())).rejects.toThrow('killed');
  await writeFiles(directory, { 'ipc/msg.c': 'int msg;\n', 'ipc/sem.c': 'int sem;\n' });
  const { src } = await open();
  expect(await readFile(join(src, 'ipc/sem.c'), 'utf8')).toBe('int sem;\n');
});

test('a directory that changes after it was resolved is refused', async () => {
  const { ctx, directory, resolve } = await place();
  const source = await resolve();
  await writeFile(join(directory, 'ipc/msg.c'), 'changed\n');
  await expect(openTree(ctx, source)).rejects.toMatchObject({ kind: 'host', code: 'source.changed' });
  const newer = await resolve();
  await expect(openTree(ctx, source)).rejects.toMatchObject({ kind: 'host', code: 'source.changed' });
  await openTree(ctx, newer);
});

test('in a git worktree what git ignores is left out; the index is not written', async () => {
  const { directory, open } = await place({ '.gitignore': 'table.h\nout/\n', 'lib/table.h': '', 'out/x.c': '', 'lib/new.c': '' });
  await run('git', ['init', '--quiet', directory]);
  await run('git', ['-C', directory, 'add', 'Makefile', 'Kconfig']);
  const before = await fingerprint(directory);
  const tree = await open();
  expect((await readdir(tree.src, { recursive: true })).sort()).toEqual(
    ['.gitignore', 'Kconfig', 'Makefile', 'ipc', 'ipc/msg.c', 'lib', 'lib/new.c', 'scripts', 'scripts/Makefile.build'].sort(),
  );
  expect(await fingerprint(directory)).toBe(before);
});

test('names with spaces, quotes and newlines are names', async () => {
  const odd = 'ipc/a b\n"c\'\\.c';
  const { open } = await place({ [odd]: 'x', 'ipc/-rf': 'y' });
  const tree = await open();
  expect(await readFile(join(tree.src, odd), 'utf8')).toBe('x');
  expect(await readFile(join(tree.src, 'ipc/-rf'), 'utf8')).toBe('y');
});

test.each([
  ['does not exist', 'nowhere'],
  ['is no kernel', 'empty'],
])('a folder that %s is a wrong request', async (_what, path) => {
  const ctx = await testContext();
  await mkdir(join(ctx.folder, 'empty'));
  await expect(resolveSource(ctx, { kind: 'directory', path }, { cwd: ctx.folder })).rejects.toMatchObject({ kind: 'usage', code: 'kernel.directory' });
});

test('a cache inside the tree is refused', async () => {
  const { ctx, directory } = await place();
  const inside = { ...ctx, cache: { ...ctx.cache, root: join(directory, 'cache') } };
  await expect(resolveSource(inside, { kind: 'directory', path: directory })).rejects.toMatchObject({ kind: 'usage', code: 'kernel.directory' });
});

test('a listing is read as it was written, and nothing else is one', () => {
  const listing: Listing = {
    taken: 1.5,
    files: [{ path: 'a\nb', type: 'f', executable: true, stamp: '1:2:3', changed: 2.25, content: 'abc' }],
  };
  const text = formatListing(listing);
  expect(parseListing(text)).toEqual(listing);
  expect(parseListing(formatListing({ taken: 1, files: [] }))).toEqual({ taken: 1, files: [] });
  expect([parseListing(''), parseListing(text.slice(0, -1)), parseListing('{"taken":1}'), parseListing(text.replace(' 1', ' 2'))]).toEqual(Array(4).fill(undefined));
});
