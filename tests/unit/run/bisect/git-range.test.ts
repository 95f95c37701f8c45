import { join } from 'node:path';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../../../harness/context.js';
import { realEffects } from '../../../../harness/host/real-effects.js';
import { cacheAt } from '../../../../harness/store/cache.js';
import { startGitBisection, type GitBisection, type GitRange, type GitState } from '../../../../harness/run/bisect/git-range.js';
import { run } from '../../kernel/source-support.js';

let ctx: Context;
let folder = '';
let path = '';
let commits: readonly string[] = [];

const git = async (...args: readonly string[]): Promise<string> =>
  (await run('git', ['-C', path, '-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=master', ...args])).stdout.trim();

async function commit(name: string): Promise<void> {
  await writeFile(join(path, name), name);
  await git('add', '--all');
  await git('commit', '--quiet', '-m', name);
}

/** A history with three merges: 1 2 [3 4 | a b c] merge 5 [6 | d e] merge 7 8 [f | 9] merge 10. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'respin-bisect-'));
  ctx = { effects: realEffects(), progress: () => undefined, cache: cacheAt(join(folder, 'cache')) };
  path = join(folder, 'linux');
  await mkdir(path);
  await git('init', '--quiet');
  const side = async (names: readonly string[], main: readonly string[]): Promise<void> => {
    await git('checkout', '--quiet', '-b', names.join(''));
    for (const name of names) await commit(name);
    await git('checkout', '--quiet', 'master');
    for (const name of main) await commit(name);
    await git('merge', '--quiet', '--no-ff', '-m', `merge ${names.join('')}`, names.join(''));
  };
  for (const name of ['1', '2']) await commit(name);
  await side(['a', 'b', 'c'], ['3', '4']);
  await commit('5');
  await side(['d', 'e'], ['6']);
  for (const name of ['7', '8']) await commit(name);
  await side(['f'], ['9']);
  await commit('10');
  await git('tag', 'v1');
  commits = (await git('rev-list', '--topo-order', '--reverse', 'HEAD')).split('\n');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

let serial = 0;

async function start(range: Partial<GitRange> = {}): Promise<GitBisection> {
  const whole = { gitDir: join(path, '.git'), location: path, good: commits[0] ?? '', bad: commits.at(-1) ?? '', fixed: false, firstParent: false };
  return startGitBisection(ctx, { ...whole, ...range }, join(folder, `scratch-${(serial += 1)}`));
}

async function has(commit: string, culprit: string): Promise<boolean> {
  return git('merge-base', '--is-ancestor', culprit, commit).then(() => true, () => false);
}

/** Marks commits as a culprit would have it until git is at its end. */
async function follow(bisection: GitBisection, culprit: string, skip: readonly string[] = []): Promise<{ readonly end: GitState; readonly asked: number }> {
  for (let asked = 0; ; asked += 1) {
    const state = await bisection.state();
    if (state.kind !== 'test') return { end: state, asked };
    const isNew = await has(state.commit, culprit);
    expect(state.left).toBeGreaterThan(0);
    expect(state.cells.length).toBe(commits.length - 1);
    await bisection.mark(state.commit, skip.includes(state.commit) ? 'skip' : isNew ? 'new' : 'old');
  }
}

test('commits of a history with merges are found, in about log2 steps', async () => {
  for (const culprit of commits.slice(1).filter((_, index) => index % 3 === 0)) {
    const { end, asked } = await follow(await start(), culprit);
    expect(end).toEqual({ kind: 'found', commit: culprit });
    expect(asked).toBeLessThanOrEqual(6);
  }
}, 120_000);

test('the log can be replayed in the repository itself, which was not touched', async () => {
  const culprit = commits[6] ?? '';
  const before = await git('for-each-ref');
  const bisection = await start();
  await follow(bisection, culprit);
  expect(await git('for-each-ref')).toBe(before);
  const file = join(folder, 'bisect.log');
  await writeFile(file, await bisection.log());
  expect(await git('bisect', 'replay', file)).toContain(`${culprit} is the first bad commit`);
  await git('bisect', 'reset');
}, 60_000);

test('what fixes is found with its own words', async () => {
  const culprit = commits[9] ?? '';
  const [older, newer] = [commits[0] ?? '', commits.at(-1) ?? ''];
  const bisection = await start({ good: newer, bad: older, fixed: true });
  const { end } = await follow(bisection, culprit);
  expect(end).toEqual({ kind: 'found', commit: culprit });
  expect(await bisection.log()).toContain('# first fixed commit');
}, 60_000);

test('commits that were skipped are told as suspects, the oldest first', async () => {
  const [culprit, next] = [commits.at(-2) ?? '', commits.at(-1) ?? ''];
  const { end } = await follow(await start(), culprit, [culprit]);
  expect(end).toEqual({ kind: 'suspects', commits: [culprit, next] });
}, 60_000);

test('the picture has old, new, open and skipped commits', async () => {
  const bisection = await start();
  const first = await bisection.state();
  if (first.kind !== 'test') throw new Error(first.kind);
  expect(new Set(first.cells)).toEqual(new Set(['open']));
  await bisection.mark(first.commit, 'skip');
  const second = await bisection.state();
  if (second.kind !== 'test') throw new Error(second.kind);
  expect(second.cells.filter((cell) => cell === 'skip')).toHaveLength(1);
  await bisection.mark(second.commit, 'old');
  const third = await bisection.state();
  expect(third.kind === 'test' ? new Set(third.cells) : third.kind).toContain('old');
}, 60_000);

test('with first parents, the merge that brought it is found', async () => {
  const culprit = await git('rev-parse', 'abc');
  const merge = (await git('rev-list', '--merges', '--reverse', 'HEAD')).split('\n')[0];
  const bisection = await startGitBisection(
    ctx,
    { gitDir: join(path, '.git'), location: path, good: commits[0] ?? '', bad: commits.at(-1) ?? '', fixed: false, firstParent: true },
    join(folder, 'first-parent'),
  );
  for (;;) {
    const state = await bisection.state();
    if (state.kind !== 'test') {
      expect(state).toEqual({ kind: 'found', commit: merge });
      break;
    }
    await bisection.mark(state.commit, (await has(state.commit, culprit)) ? 'new' : 'old');
  }
}, 60_000);

describe('a wrong range', () => {
  test('of one commit is a wrong request', async () => {
    const [one = ''] = commits;
    await expect(start({ good: one, bad: one })).rejects.toMatchObject({ kind: 'usage', code: 'bisect.range' });
  });

  test('the wrong way round is a wrong request', async () => {
    await expect(start({ good: commits.at(-1) ?? '', bad: commits[0] ?? '' })).rejects.toMatchObject({ kind: 'usage', code: 'bisect.range' });
  });
});

test('a merge base that has it already is told', async () => {
  const good = await git('rev-parse', 'abc');
  const bad = await git('log', '-1', '--format=%H', '--grep=^4$');
  const bisection = await start({ good, bad });
  const state = await bisection.state();
  expect(state.kind).toBe('test');
  if (state.kind !== 'test') return;
  await bisection.mark(state.commit, 'new');
  expect(await bisection.state()).toMatchObject({ kind: 'contradiction', text: expect.stringContaining('merge base') });
}, 60_000);
