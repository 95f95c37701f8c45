// The commits of a pull request as a series.
import { readFileSync } from 'node:fs';
import { $ } from 'zx';
import { refuse, workspace } from './steps.mjs';

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** What of the event is needed, checked: its texts are the author's. */
function pullRequest() {
  const path = process.env.GITHUB_EVENT_PATH;
  if (!path) refuse('no series is named, and there is no event to take one from; set the input "series"');
  const { pull_request: found } = JSON.parse(readFileSync(path, 'utf8'));
  const { base, head, commits } = found ?? {};
  if (!COMMIT.test(base?.sha) || !COMMIT.test(head?.sha) || !Number.isSafeInteger(commits) || commits < 1) refuse('no series is named, and the event is of no pull request; set the input "series"');
  return { base: base.sha, head: head.sha, commits };
}

/**
 * The commits of the pull request that this job is for: `git:PATH#BASE..HEAD`. With a shallow clone the base is told by how many
 * commits there are, which must then lie one on the other.
 */
export async function pullRequestSeries() {
  if (process.env.GITHUB_EVENT_NAME === 'pull_request_target') refuse('pull_request_target gives this job the rights of the repository, and a build runs code of the patch; use pull_request');
  const { base, head, commits } = pullRequest();
  const git = async (...args) => $({ cwd: workspace(), nothrow: true, quiet: true })`git ${args}`;
  if ((await git('cat-file', '-e', `${head}^{commit}`)).exitCode !== 0) refuse(`commit ${head} of the pull request is not checked out; give actions/checkout "ref: \${{ github.event.pull_request.head.sha }}"`);
  const merged = await git('merge-base', base, head);
  const from = merged.exitCode === 0 ? merged.stdout.trim() : (await git('rev-parse', '--verify', '--quiet', `${head}~${commits}^{commit}`)).stdout.trim();
  const count = COMMIT.test(from) ? Number((await git('rev-list', '--count', `${from}..${head}`)).stdout) : 0;
  if (count !== commits) refuse(`the history of this clone does not reach below the ${commits} commits of the pull request; give actions/checkout a larger "fetch-depth", or 0`);
  return `git:${workspace()}#${from}..${head}`;
}
