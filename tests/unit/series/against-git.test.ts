import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { popSeries, pushSeries } from '../../../harness/series/push.js';
import { readSeries } from '../../../harness/series/read-series.js';
import { fill, git, makePlace, snapshot } from './support.js';

const COMMITS = 6;
const FILES = ['a.c', 'dir/b.c', 'c d.c', 'e.c'];

/** Numbers that look random and are the same on every run (the generator of Numerical Recipes). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Changes a few places of a text whose lines repeat a lot, as those of C do. */
function edited(text: string, random: (below: number) => number): string {
  const lines = text === '' ? [] : text.split('\n');
  for (let edits = random(4) + 1; edits > 0; edits--) {
    const at = random(lines.length + 1);
    const added = Array.from({ length: random(3) }, () => ['}', '', '\treturn 0;', `x${random(50)}`][random(4)] ?? '');
    lines.splice(at, random(3), ...added);
  }
  return lines.join('\n');
}

it.each([1, 2, 3])('git and respin agree on a made-up history (%i): content, and who added each line', async (seed) => {
  const place = makePlace();
  try {
    const random = generator(seed);
    const repository = join(place.root, 'repository');
    mkdirSync(join(repository, 'dir'), { recursive: true });
    git(repository, 'init', '-q', '-b', 'main', '.');
    const contents = new Map(
      FILES.slice(0, 3).map((path) => [path, Array.from({ length: 60 }, () => edited('', random)).join('\n')] as const),
    );
    const commit = (message: string): string => {
      for (const [path, content] of contents) writeFileSync(join(repository, path), content);
      git(repository, 'add', '-A');
      git(repository, 'commit', '-q', '--allow-empty', '-m', message);
      return git(repository, 'rev-parse', 'HEAD').trim();
    };
    const base = commit('base');
    fill(place.tree.src, Object.fromEntries(contents));
    const before = snapshot(place.tree.src);
    const patchOfCommit = new Map([[base, 0]]);
    for (let number = 1; number <= COMMITS; number++) {
      for (const path of FILES) if (random(2) === 0) contents.set(path, edited(contents.get(path) ?? '', random));
      contents.set('a.c', `${contents.get('a.c') ?? ''}\nend ${number}`);
      if (number === 4) {
        rmSync(join(repository, 'c d.c'));
        contents.delete('c d.c');
      }
      patchOfCommit.set(commit(`change ${number}`), number);
    }
    git(repository, 'format-patch', '-q', '-o', join(place.root, 'out'), '--no-renames', `-${COMMITS}`);

    const request = { text: './out', packageRoot: place.root, kernelVersion: '6.12', cwd: place.root };
    const outcome = await pushSeries(place.ctx, place.tree, await readSeries(place.ctx, request));
    if (outcome.kind === 'rejected') throw new Error(JSON.stringify(outcome.rejected));
    expect(outcome.touched.length).toBeGreaterThan(2);
    for (const { path, now } of outcome.touched) {
      if (now === undefined) continue;
      expect(readFileSync(join(place.tree.src, path), 'utf8')).toBe(contents.get(path));
      const blame = git(repository, 'blame', '--porcelain', '-s', 'HEAD', '--', path).matchAll(/^([0-9a-f]{40}) \d+ (\d+)/gm);
      const expected = [0];
      for (const [, id = '', line] of blame) expected[Number(line)] = patchOfCommit.get(id) ?? -1;
      const mine = outcome.addedLines.find((added) => added.path === path)?.patchOfLine;
      expect(mine, path).toEqual(expected);
    }
    await popSeries(place.ctx, place.tree);
    expect(snapshot(place.tree.src)).toEqual(before);
  } finally {
    place.remove();
  }
});
