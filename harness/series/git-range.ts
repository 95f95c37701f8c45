import { basename, join, resolve } from 'node:path';
import type { Context } from '../context.js';
import type { Completed } from '../effects.js';
import { hostError, usageError } from '../errors.js';
import { findGitDirAbove, gitCommand, resolveRef } from '../kernel/source-git.js';
import { expandHome } from '../kernel/source-paths.js';
import { count } from '../spec/count.js';
import { withScratch } from './scratch.js';
import { oneLine } from './text.js';

const MOST_COMMITS = 1200;
const TIMEOUT_MS = 300_000;

export interface CommitRange {
  readonly location: string;
  readonly base: string;
  readonly tip: string;
}

export interface RangePatches {
  /** One file of git format-patch for each commit, in order. */
  readonly patches: readonly { readonly name: string; readonly content: Buffer }[];
  readonly gitDir: string;
  readonly name: string;
  /** What the first commit is on. */
  readonly baseCommit: string;
}

/** Whatever a repository configures, its patches come out in one form. */
const SETTINGS = [
  ...['diff.suppressBlankEmpty=false', 'diff.interHunkContext=0', 'core.quotePath=true', 'format.headers=', 'format.encodeEmailHeaders=true'],
  ...['i18n.logOutputEncoding=UTF-8', 'diff.renames=true', 'diff.renameLimit=1000', 'format.useAutoBase=false', 'log.showSignature=false', 'format.subjectPrefix=PATCH'],
].flatMap((setting) => ['-c', setting]);

const FORMAT = [
  ...['--binary', '--full-index', '--no-ext-diff', '--no-textconv', '--no-color', '--no-relative', '--src-prefix=a/', '--dst-prefix=b/', '-U3', '-M', '-O/dev/null'],
  ...['--diff-algorithm=myers', '--no-indent-heuristic', '--submodule=short', '--no-attach', '--no-thread', '--no-cover-letter', '--no-signature', '--no-notes'],
  ...['--numbered', '--start-number=1', '--subject-prefix=PATCH', '--no-to', '--no-cc', '--no-add-header', '--no-base', '--no-from', '--no-signoff', '--suffix=.patch'],
];

/**
 * The commits of a range as git format-patch writes them; the repository is only read, and its settings change nothing.
 * @throws HarnessError `usage` `series.git` for no repository, an unknown revision, an empty range, a merge in it; `host` `git.failed`
 */
export async function formatRange(ctx: Context, { location, base, tip }: CommitRange, cwd: string): Promise<RangePatches> {
  const path = resolve(cwd, expandHome(location, ctx.effects.env));
  const gitDir = await findGitDirAbove(ctx, path);
  if (gitDir === undefined) throw usageError('series.git', `${path} is in no git repository`, { hint: 'for example: git:/home/you/linux#v6.12..topic' });
  const commits = { base: await commitOf(ctx, gitDir, path, base), tip: await commitOf(ctx, gitDir, path, tip) };
  const range = `${commits.base}..${commits.tip}`;
  const listed = await git(ctx, gitDir, ['rev-list', '--reverse', '--topo-order', '--parents', `--max-count=${MOST_COMMITS + 1}`, range]);
  const lines = listed.stdout.split('\n').filter(Boolean).map((line) => line.split(' '));
  const named = `${base}..${tip} of ${path}`;
  const merge = lines.find((words) => words.length > 2)?.[0];
  if (merge !== undefined) {
    throw usageError('series.git', `${named} has the merge ${merge.slice(0, 12)}, which is no patch`, { hint: 'name a range without merges: git rebase makes a branch straight' });
  }
  if (lines.length > MOST_COMMITS) throw usageError('series.git', `${named} has more than ${MOST_COMMITS} commits`, { hint: 'are BASE and TIP the right way round?' });
  const [commit, parent] = lines[0] ?? [];
  if (commit === undefined) {
    throw usageError('series.git', `${named} has no commit`, { hint: commits.base === commits.tip ? 'both are the same commit' : 'is TIP an ancestor of BASE? The range is BASE..TIP' });
  }
  if (parent === undefined) throw usageError('series.git', `${named} begins with ${commit.slice(0, 12)}, which is on nothing`, { hint: 'BASE has to be an ancestor of TIP' });
  return withScratch(ctx, 'git-range', async (scratch) => {
    await git(ctx, gitDir, [...SETTINGS, 'format-patch', ...FORMAT, '-o', scratch, range]);
    const names = (await ctx.effects.files.readdir(scratch)).sort();
    const written = await Promise.all(names.map(async (name) => ({ name, content: await ctx.effects.files.readFile(join(scratch, name)) })));
    // For a commit without a change git leaves an empty file.
    const patches = written.filter(({ content }) => content.length > 0);
    if (patches.length !== lines.length) {
      throw usageError('series.git', `${named} has ${count(lines.length, 'commit')}, of which git makes ${count(patches.length, 'patch', 'patches')}`, { hint: 'a commit without a change is no patch: git rebase --no-keep-empty drops it' });
    }
    return { patches, gitDir, name: /^[0-9a-f]{40}$/.test(tip) || tip === 'HEAD' ? basename(path) : tip, baseCommit: parent };
  });
}

async function commitOf(ctx: Context, gitDir: string, path: string, revision: string): Promise<string> {
  const found = await resolveRef(ctx, gitDir, revision);
  if (found) return found.commit;
  throw usageError('series.git', `${path} has no commit "${oneLine(revision, 80)}"`, { hint: 'git log --oneline and git branch say what it has' });
}

async function git(ctx: Context, gitDir: string, args: readonly string[]): Promise<Completed> {
  const done = await ctx.effects.processes.run({ ...gitCommand(ctx, gitDir, args), timeoutMs: TIMEOUT_MS });
  if (done.exitCode === 0) return done;
  throw hostError('git.failed', `git could not read ${gitDir}: it ended with ${done.timedOut ? 'nothing in time' : (done.exitCode ?? done.signal ?? 'nothing')}`, {
    output: done.stderr,
    hint: 'git fsck says whether the repository is whole; a shallow or partial clone may lack what the range needs',
  });
}
