import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findFaults } from '../../../harness/results/faults.js';

/** Recorded by ci/record-transcripts.mjs; what is expected of each was written by people who read it. */
const FOLDER = new URL('../../fixtures/transcripts/', import.meta.url);

interface Transcript {
  readonly path: string;
  readonly isSilent: boolean;
  /** `class | title | function`, and ` | corrupt` where the report is not whole. */
  readonly expected: readonly string[];
  readonly console: string;
}

function read(path: string): Transcript {
  const text = readFileSync(new URL(path, FOLDER), 'latin1');
  const end = text.indexOf('\n\n');
  const header = text.slice(0, end).split('\n');
  const expected = header.flatMap((line) => /^# finding: (.*)$/.exec(line)?.[1] ?? []);
  return { path, isSilent: header.includes('# silent'), expected, console: text.slice(end + 2) };
}

const transcripts = ['6.12', '6.1'].flatMap((version) => {
  const folder = new URL(`${version}/`, FOLDER);
  return existsSync(folder) ? readdirSync(folder).sort().map((name) => read(`${version}/${name}`)) : [];
});

const CLASSES = [
  ...['atomic-sleep', 'bad-page', 'bug', 'double-fault', 'gpf', 'hard-lockup', 'hung-task', 'kasan', 'leak', 'list', 'lockdep', 'message', 'null-deref', 'odebug', 'oom'],
  ...['page-fault', 'panic', 'program', 'rcu-stall', 'reboot', 'refcount', 'slab', 'soft-lockup', 'stack', 'trap', 'ubsan', 'usercopy', 'vfs', 'warning', 'workqueue-lockup'],
];

function found(console: string): readonly string[] {
  return findFaults(console).map(({ class: kind, title, function: name, corrupt }) => [kind, title, name ?? '-', ...(corrupt === true ? ['corrupt'] : [])].join(' | '));
}

describe('consoles of guests in which a fault was provoked', () => {
  it.each(transcripts.map((transcript) => [transcript.path, transcript] as const))('%s', (_, { expected, isSilent, console }) => {
    expect(found(console)).toEqual(expected);
    expect(isSilent).toBe(expected.length === 0);
  });

  it('covers what an emulated guest can show', () => {
    const classes = new Set(transcripts.flatMap(({ expected }) => expected.map((line) => line.split(' | ')[0] ?? '')));
    expect([...classes].sort()).toEqual(CLASSES);
    expect(transcripts.filter(({ isSilent }) => !isSilent).length).toBeGreaterThanOrEqual(25);
  });

  it.each(transcripts.filter(({ path }) => path.endsWith('-again.txt')).map(({ path }) => path))('%s has the fingerprint of the other boot', (path) => {
    const fingerprints = (name: string): readonly string[] => findFaults(read(name).console).map(({ fingerprint }) => fingerprint);
    expect(fingerprints(path)).toEqual(fingerprints(path.replace('-again', '')));
    expect(read(path).console).not.toBe(read(path.replace('-again', '')).console);
  });
});
