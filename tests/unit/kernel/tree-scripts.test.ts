import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { proveSandbox } from '../../../harness/host/sandbox.js';
import { openTreeScripts, parseCheckpatch, parseMaintainers, type TreeScripts } from '../../../harness/kernel/tree-scripts.js';
import { fill, makePlace, type Place } from '../series/support.js';

let place: Place;

beforeEach(() => {
  place = makePlace();
});

afterEach(() => {
  place.remove();
});

async function scripts(files: Readonly<Record<string, string>>): Promise<TreeScripts> {
  const folder = join(place.root, 'patches');
  mkdirSync(folder);
  fill(folder, { 'a.patch': 'the patch\n' });
  fill(place.tree.src, files);
  return openTreeScripts(place.ctx, await proveSandbox(place.ctx, 'auto'), place.tree, folder);
}

describe('parseCheckpatch', () => {
  it('has counts, and messages with their places', () => {
    const text = `ipc/sem.c:12: ERROR:SPACING: spaces required\n+a=b\n\nWARNING:COMMIT_MESSAGE: Missing commit description\n\n:7: CHECK:X: y\n\ntotal: 1 errors, 1 warnings, 1 checks, 9 lines checked\n\nNOTE: more\n`;
    expect(parseCheckpatch(text)).toEqual({
      ...{ kind: 'ran', errors: 1, warnings: 1, checks: 1 },
      messages: [
        { severity: 'ERROR', type: 'SPACING', text: 'spaces required', file: 'ipc/sem.c', line: 12 },
        { severity: 'WARNING', type: 'COMMIT_MESSAGE', text: 'Missing commit description', file: undefined, line: undefined },
        { severity: 'CHECK', type: 'X', text: 'y', file: undefined, line: undefined },
      ],
    });
  });

  it('is nothing when checkpatch did not come to its end', () => {
    expect(parseCheckpatch('ipc/sem.c:12: ERROR:SPACING: x\n')).toBeUndefined();
  });
});

it('parseMaintainers has who and why', () => {
  expect(parseMaintainers('A (B) <a@b> (maintainer:IPC)\nlist@x (open list)\nBad divisor\n')).toEqual([
    { who: 'A (B) <a@b>', role: 'maintainer:IPC' },
    { who: 'list@x', role: 'open list' },
  ]);
});

describe('the scripts of a tree', () => {
  const SUMMARY = 'print "total: 0 errors, 0 warnings, 0 checks, 1 lines checked\\n";';

  it('run on the patch, and can write nothing of the tree', async () => {
    const script = `open(F, "<", $ARGV[-1]) or die; print ":1: CHECK:TEXT: " . <F>; open(W, ">", "left") and print ":1: CHECK:WROTE: it\\n"; ${SUMMARY}`;
    const done = await (await scripts({ 'scripts/checkpatch.pl': script })).checkpatch('a.patch');
    const sandboxed = (await proveSandbox(place.ctx, 'auto')).kind === 'bubblewrap';
    const types = done.kind === 'ran' ? done.messages.map(({ type, text }) => `${type} ${text}`) : [];
    expect(types).toEqual(sandboxed ? ['TEXT the patch'] : ['TEXT the patch', 'WROTE it']);
  });

  it.each([
    ['that is not there', {}, /this tree has no scripts\/checkpatch\.pl/],
    ['that dies', { 'scripts/checkpatch.pl': 'die "no such thing\\n";' }, /did not come to its end: no such thing/],
  ])('one %s is told, and is no clean result', async (_what, files, why) => {
    expect(await (await scripts(files)).checkpatch('a.patch')).toEqual({ kind: 'not-run', why: expect.stringMatching(why) as string });
  });

  it('name maintainers, or say that they name nobody', async () => {
    const named = await (await scripts({ 'scripts/get_maintainer.pl': 'print q{a@b (open list)} . "\\n";' })).maintainers(['a.patch']);
    expect(named).toEqual({ kind: 'ran', maintainers: [{ who: 'a@b', role: 'open list' }] });
  });
});
