import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { matrixEvidenceSchema } from '../../harness/evidence/matrix-schema.js';
import { readEvidence } from './evidence.js';
import { mountSmall } from './mounts.js';
import { FILES, plantSeries } from './plants.js';
import { ROOT, useRespin } from './respin.js';
import { fingerprint, tarballOf, treeOf } from './trees.js';

const respin = useRespin();

const actionSchema = z.object({
  inputs: z.record(z.string(), z.object({ default: z.string() })),
  outputs: z.record(z.string(), z.object({ value: z.string() })),
  runs: z.object({ steps: z.array(z.object({ id: z.string().optional(), run: z.string().optional(), env: z.record(z.string(), z.string()).optional() })) }),
});

let trees: Readonly<Record<string, string>>;

beforeAll(async () => {
  // There is a tree to make series for.
  expect((await respin.run(['check', 'semundo-v1', '--kernel', '6.12'])).exitCode).not.toBe(2);
  trees = await fingerprint();
});

afterEach(async () => {
  expect(await fingerprint()).toEqual(trees);
});

/** One job: the files that GitHub gives it, and what its steps left in them. */
interface Job {
  readonly folder: string;
  /** The log of each step, by the name of its script. */
  readonly logs: Readonly<Record<string, string>>;
  readonly exits: Readonly<Record<string, number | undefined>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Workflow commands as the runner obeys them: not those between stop-commands and its token. */
  readonly commands: readonly string[];
}

/** What a file of GITHUB_OUTPUT says, as the runner reads it: `name=value` or `name<<end`. */
function outputsIn(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    const [, name = '', end = ''] = /^([^=<]+)<<(.+)$/.exec(line) ?? [];
    if (name === '') {
      expect(line).toBe('');
      continue;
    }
    const value: string[] = [];
    while (lines.length > 0 && lines[0] !== end) value.push(lines.shift() ?? '');
    expect(lines.shift()).toBe(end);
    outputs[name] = value.join('\n');
  }
  return outputs;
}

function commandsIn(log: string): readonly string[] {
  const commands: string[] = [];
  let token: string | undefined;
  for (const line of log.split(/\r?\n/)) {
    if (token !== undefined) {
      if (line.trim() === `::${token}::`) token = undefined;
      continue;
    }
    const stop = /^::stop-commands::(.+)$/.exec(line.trim());
    if (stop) token = stop[1];
    else if (/^\s*::\w/.test(line)) commands.push(line);
  }
  expect(token).toBeUndefined();
  return commands;
}

/** `${{ inputs.x }}` and `${{ steps.run.outputs.x }}` */
function valueOf(text: string, inputs: Readonly<Record<string, string>>, outputs: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{ (?:inputs\.([\w-]+)|steps\.run\.outputs\.([\w-]+)) \}\}/g, (_all, input: string | undefined, output: string | undefined) => (input === undefined ? outputs[output ?? ''] : inputs[input]) ?? '');
}

/** Runs the scripts of the action in its order, as its file says, in a workspace. What it uses of others (caches, artifacts) is GitHub's. */
async function runAction(given: Readonly<Record<string, string>>, { workspace = ROOT, env = {}, event }: { readonly workspace?: string; readonly env?: Readonly<Record<string, string>>; readonly event?: unknown } = {}): Promise<Job> {
  const action = actionSchema.parse(parse(await readFile(join(ROOT, 'ci/action/action.yml'), 'utf8')));
  const inputs = { ...Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default])), ...given };
  const folder = await mkdtemp(join(respin.folder(), 'job-'));
  const [output, summary, payload] = ['output', 'summary', 'event.json'].map((name) => join(folder, name));
  await Promise.all([writeFile(output ?? '', ''), writeFile(summary ?? '', ''), writeFile(payload ?? '', JSON.stringify(event ?? {}))]);
  const github = {
    ...{ GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: workspace, GITHUB_OUTPUT: output ?? '', GITHUB_STEP_SUMMARY: summary ?? '', GITHUB_EVENT_PATH: payload ?? '' },
    ...{ GITHUB_EVENT_NAME: event === undefined ? 'push' : 'pull_request', GITHUB_ACTION_PATH: join(ROOT, 'ci/action'), RUNNER_TEMP: folder, RUNNER_OS: 'Linux', RUNNER_ARCH: 'X64', XDG_STATE_HOME: folder },
  };
  const logs: Record<string, string> = {};
  const exits: Record<string, number | undefined> = {};
  for (const { run, env: own = {} } of action.runs.steps) {
    const script = /node "\$GITHUB_ACTION_PATH\/([\w-]+)\.mjs"/.exec(run ?? '')?.[1];
    if (script === undefined || run === undefined) continue;
    const outputs = outputsIn(await readFile(output ?? '', 'utf8'));
    const values = Object.fromEntries(Object.entries(own).map(([name, text]) => [name, valueOf(text, inputs, outputs)]));
    const done = await execa('bash', ['-e', '-o', 'pipefail', '-c', run], { cwd: workspace, env: { ...github, ...env, ...values }, reject: false, all: true, stripFinalNewline: false });
    logs[script] = (logs[script] ?? '') + done.all;
    exits[script] = done.exitCode;
  }
  const log = Object.values(logs).join('\n');
  return { folder, logs, exits, outputs: outputsIn(await readFile(output ?? '', 'utf8')), summary: await readFile(summary ?? '', 'utf8'), commands: commandsIn(log) };
}

const SUITE = { suites: 'msgque', kernel: '6.12' };

describe('the steps of the action, in order', () => {
  test('a good series: outputs, evidence, summary, what checkpatch.pl says, and the job passes', async () => {
    const job = await runAction({ ...SUITE, series: await plantSeries({}, 1) });
    const story = JSON.stringify(job.logs, undefined, 1);
    expect(job.exits, story).toEqual({ 'cache-keys': 0, install: 0, run: 0, annotate: 0, summary: 0, finish: 0 });
    const evidence = job.outputs['evidence'] ?? '';
    expect(job.outputs).toMatchObject({ verdict: 'good', 'exit-code': '0', evidence: join(job.folder, 'respin-action', 'evidence') });
    expect((await readEvidence(evidence)).verdict.name).toBe('good');
    expect((await readdir(evidence)).sort()).toEqual(['base', 'evidence.json', 'series', 'tip']);
    // Two lists of keys, and the digest of the sources in the cache.
    expect(job.outputs['sources']).toMatch(/^respin-[\d.]+-Linux-X64-sources-[0-9a-f]{16}-$/);
    expect(job.outputs['sources-digest']).toMatch(/^[0-9a-f]{16}$/);
    expect(job.summary).toMatch(/good/i);
    expect(job.summary).toContain('msgque');
    // The patch is not signed off, and that is all there is to say of it.
    expect(job.commands.filter((line) => line.startsWith('::error'))).toEqual([
      expect.stringMatching(new RegExp(`^::error file=${FILES[0] ?? ''},line=\\d+,title=checkpatch\\.pl%3A MISSING_SIGN_OFF%2C patch 1::`)),
    ]);
    expect(JSON.parse(await readFile(join(job.folder, 'respin-action', 'check.json'), 'utf8'))).toMatchObject({ kind: 'check' });
    expect(job.logs['finish']).toContain('this does not fail the job');
  });

  test('a bad pull request: the line is annotated, and the job fails by the verdict', async () => {
    // The commits are those of a repository of their own; hostile text in a subject and in what the compiler says stays text.
    const patches = await plantSeries({ 1: 'build' }, 1);
    const workspace = await mkdtemp(join(respin.folder(), 'tree-'));
    const [file = ''] = FILES;
    await mkdir(join(workspace, 'ipc'));
    const git = async (...args: readonly string[]) => (await execa('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { cwd: workspace })).stdout;
    await git('init', '-q');
    await writeFile(join(workspace, file), await readFile(join(await treeOf('6.12'), file)));
    await git('add', '-A');
    await git('commit', '-qm', 'base');
    await git('apply', join(patches, '0001.patch'));
    const text = await readFile(join(workspace, file), 'utf8');
    await writeFile(join(workspace, file), text.replace('\tnot_declared_anywhere();', '#warning ::error::injected%0A::set-output name=verdict::good\n\tnot_declared_anywhere();'));
    await git('commit', '-qam', 'ipc: ::error::from the subject\n\n::set-output name=verdict::good');
    const [base, head] = await Promise.all([git('rev-parse', 'HEAD~1'), git('rev-parse', 'HEAD')]);
    const job = await runAction({ ...SUITE, series: '' }, { workspace, event: { pull_request: { base: { sha: base }, head: { sha: head }, commits: 1, title: '"; touch pwned; "' } } });
    const story = JSON.stringify(job.logs, undefined, 1);
    expect(job.outputs, story).toMatchObject({ verdict: 'bad', 'exit-code': '1' });
    expect(job.exits, story).toMatchObject({ run: 0, annotate: 0, summary: 0, finish: 1 });
    const lines = (await readFile(join(workspace, file), 'utf8')).split('\n');
    const at = lines.findIndex((line) => line.includes('not_declared_anywhere')) + 1;
    const errors = job.commands.filter((line) => line.startsWith('::error'));
    expect(errors.some((line) => line.startsWith(`::error file=${file},line=${at},title=compiler error in a line of patch 1::`)), errors.join('\n')).toBe(true);
    const warnings = job.commands.filter((line) => line.startsWith('::warning'));
    expect(warnings.find((line) => line.includes('injected'))).toContain('%250A::set-output');
    // Nothing of the patch is obeyed: what there is are our own commands.
    for (const line of job.commands) expect(line).toMatch(/^::(?:error|warning|notice) (?:file=|title=)/);
    expect(job.summary).toMatch(/bad/i);
    expect(job.summary).toContain('not_declared_anywhere');
    expect((await readdir(workspace)).sort()).toEqual(['.git', 'ipc']);
  });

  test('several profiles and suites: one evidence, one verdict, a kernel report annotated once at the line that the series added', async () => {
    const [file = ''] = FILES;
    const added = (await readFile(join(await treeOf('6.12'), file), 'utf8')).replace(/\n$/, '').split('\n').length + 3;
    const own = join(respin.folder(), 'own.yaml');
    await writeFile(join(respin.folder(), 'own.sh'), 'true\n');
    await writeFile(own, 'programs:\n  - {script: own.sh}\n');
    const job = await runAction({ suites: `msgque ${own}`, kernel: '6.12', profiles: 'plain\n smp ', series: await plantSeries({ 1: 'warning' }, 1) });
    const story = JSON.stringify(job.logs, undefined, 1);
    expect(job.exits, story).toEqual({ 'cache-keys': 0, install: 0, run: 0, annotate: 0, summary: 0, finish: 1 });
    const evidence = job.outputs['evidence'] ?? '';
    expect(job.outputs).toMatchObject({ verdict: 'bad', 'exit-code': '1', evidence: join(job.folder, 'respin-action', 'evidence') });

    const { cells, verdict, shard } = matrixEvidenceSchema.parse(JSON.parse(await readFile(join(evidence, 'evidence.json'), 'utf8')));
    expect({ name: verdict.name, shard }).toEqual({ name: 'bad', shard: undefined });
    expect(cells.map(({ profile, outcome }) => [profile, outcome.kind === 'judged' && outcome.name])).toEqual([['plain', 'bad'], ['smp', 'bad']]);
    for (const { id, profile } of cells) {
      const run = await readEvidence(join(evidence, 'cells', id));
      expect(run.profile.name).toBe(profile);
      // Both suites judged, in each of the profiles.
      expect(run.verdict.tests.map(({ name }) => name)).toEqual(expect.arrayContaining(['msgque', 'own']));
      expect(run.verdict.newFindings.map(({ title }) => title)).toEqual([expect.stringContaining('planted_0')]);
    }

    const reports = job.commands.filter((line) => line.includes('the kernel reports'));
    expect(reports, job.commands.join('\n')).toHaveLength(1);
    expect(reports[0]).toMatch(new RegExp(`^::error file=${file},line=${added},title=the kernel reports`));
    expect(job.summary).toMatch(/^## ❌ BAD$/m);
    expect(job.summary).toMatch(/^\| `6\.12` \| `BAD` \| `BAD` \|$/m);
    expect(job.outputs['results']).toMatch(/^respin-[\d.]+-Linux-X64-results-[0-9a-f]{16}-$/);
  });

  test('a host that fails says nothing about the series, and the job fails unless that is asked for', async (context) => {
    const disk = await mountSmall(context, join(respin.folder(), 'disk'), 'size=48m');
    const asked = { ...SUITE, kernel: `tar:${await tarballOf('6.12')}`, series: await plantSeries({}, 1) };
    const env = { RESPIN_CACHE: join(disk, 'cache') };
    const job = await runAction(asked, { env });
    const story = JSON.stringify(job.logs, undefined, 1);
    expect(job.outputs, story).toMatchObject({ verdict: 'host', 'exit-code': '3', evidence: '' });
    expect(job.exits).toMatchObject({ run: 0, summary: 0, finish: 3 });
    expect(job.summary).toContain('## respin: host');
    expect(job.summary).toContain('no space left');
    const finish = await execa(process.execPath, [join(ROOT, 'ci/action/finish.mjs')], { env: { RESPIN_VERDICT: 'host', RESPIN_EXIT_CODE: '3', INPUT_FAIL_ON: 'bad usage' } });
    expect(finish.stdout).toContain('this does not fail the job');
  });

  test('a request that is wrong is told before anything is built', async () => {
    const job = await runAction({ ...SUITE, series: 'semundo-v9' });
    expect(job.outputs).toMatchObject({ verdict: 'usage', 'exit-code': '2', evidence: '' });
    expect(job.exits['finish']).toBe(2);
    expect(job.summary).toContain('did you mean semundo-v1?');
    const wrong = await runAction({ ...SUITE, series: 'semundo-v1', 'fail-on': 'worse' });
    expect(wrong.outputs['verdict']).toBeUndefined();
    expect(wrong.exits).toMatchObject({ run: 2, finish: 2 });
    expect(wrong.commands.join('\n')).toContain('"worse" is no verdict that can fail a job');
    const none = await runAction(SUITE);
    expect(none.commands.join('\n')).toContain('the event is of no pull request');
  });
});
