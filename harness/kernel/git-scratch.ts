import { join } from 'node:path';
import type { Context } from '../context.js';
import type { Completed } from '../effects.js';
import { hostError } from '../errors.js';
import { gitCommand, type Commit } from './source-git.js';

/** Reading the index of a kernel and merging a patch take seconds at most. */
const LIMIT_MS = 120_000;

/** A repository of respin's own that sees the objects of another and writes none there. */
export interface ScratchRepository {
  /**
   * Runs git in it; its folder of files is empty.
   * @param keepBytes how much of its output is kept, from its end
   */
  readonly git: (args: readonly string[], input?: Uint8Array, keepBytes?: number) => Promise<Completed>;
  /** @throws HarnessError `host` `git.failed` when git does not succeed */
  readonly must: (args: readonly string[], input?: Uint8Array) => Promise<string>;
}

export interface ScratchOptions {
  readonly limitMs?: number;
  /** Descriptors of locks. */
  readonly holds?: readonly number[];
}

/**
 * Makes a repository in an empty folder, with the objects of `from` as its alternates (gitrepository-layout,
 * `objects/info/alternates`), or with none. Nothing of the other one's configuration, attributes or hooks counts in it: a
 * merge driver of its owner is not run.
 * @throws HarnessError `host` `git.failed`
 */
export async function openScratchRepository(ctx: Context, from: Commit | undefined, folder: string, options: ScratchOptions = {}): Promise<ScratchRepository> {
  const { limitMs = LIMIT_MS, holds = [] } = options;
  const { files, processes } = ctx.effects;
  const own = join(folder, 'repository.git');
  const worktree = join(folder, 'files');
  await files.mkdir(worktree);
  const gitDir = from?.gitDir ?? own;
  const run = async (directory: string, args: readonly string[], input?: Uint8Array, keepBytes?: number): Promise<Completed> =>
    processes.run({ ...gitCommand(ctx, directory, args), cwd: worktree, input, keepBytes, timeoutMs: limitMs, holds });
  const must = async (directory: string, args: readonly string[], input?: Uint8Array): Promise<string> => {
    const done = await run(directory, args, input);
    if (done.exitCode === 0) return done.stdout;
    throw hostError('git.failed', `git ${args[0] ?? ''} of ${gitDir} ended with ${done.timedOut ? 'its time limit' : (done.exitCode ?? done.signal ?? 'nothing')}`, {
      output: done.stderr,
      hint: 'git fsck says whether the repository is whole',
    });
  };
  const format = from?.commit.length === 64 ? ['--object-format=sha256'] : [];
  await must(own, ['init', '--quiet', '--bare', '--template=', ...format, own]);
  if (from) {
    const objects = (await must(gitDir, ['rev-parse', '--git-path', 'objects'])).replace(/\n$/, '');
    await files.mkdir(join(own, 'objects', 'info'), { recursive: true });
    await files.writeFile(join(own, 'objects', 'info', 'alternates'), `${objects}\n`);
  }
  const there = ['--work-tree', worktree];
  return {
    git: async (args, input, keepBytes) => run(own, [...there, ...args], input, keepBytes),
    must: async (args, input) => must(own, [...there, ...args], input),
  };
}
