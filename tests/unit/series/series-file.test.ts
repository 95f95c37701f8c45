import { describe, expect, it } from 'vitest';
import { HarnessError } from '../../../harness/errors.js';
import { parseSeriesFile } from '../../../harness/series/series-file.js';

const GOOD = `name: semundo-v1
title: Show the undo values
origin:
  author: A <a@example.org>
  date: 2008-01-29
  subject: "[PATCH 13/15] semundo"
bases:
  - {kernel: "6.12", patches: "6.12"}
  - {kernel: "6.1", patches: "6.1"}
suite: semundo
promises:
  semundo.read: 1
`;

function problem(text: string): string {
  try {
    parseSeriesFile(text, '/x/series.yaml');
  } catch (error) {
    if (error instanceof HarnessError && error.kind === 'usage' && error.code === 'series.file') return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('parseSeriesFile', () => {
  it('reads a whole file', () => {
    expect(parseSeriesFile(GOOD, 'x')).toEqual({
      name: 'semundo-v1',
      title: 'Show the undo values',
      origin: { author: 'A <a@example.org>', date: '2008-01-29', subject: '[PATCH 13/15] semundo' },
      bases: [
        { kernel: '6.12', patches: '6.12' },
        { kernel: '6.1', patches: '6.1' },
      ],
      suite: 'semundo',
      promises: { 'semundo.read': 1 },
      conflicts: [],
    });
  });

  it.each([
    ['promises:', 'promise:', /^\/x\/series\.yaml: .*unknown key "promise"; did you mean "promises"\?/],
    ['  author:', '  auhtor:', /at origin: unknown key "auhtor"; did you mean "author"\?/],
    ['kernel: "6.1"', 'kernels: "6.1"', /at bases\.1: unknown key "kernels"; did you mean "kernel"\?/],
    ['suite:', 'zzz:', /unknown key "zzz"; valid are name, title, origin, bases, suite, promises, conflicts/],
    ['kernel: "6.12"', 'kernel: 6.12', /bases\.0\.kernel: .*in quotes, such as "6\.12"/],
    ['patches: "6.12"', 'patches: "../6.12"', /bases\.0\.patches: expected a folder beside this file/],
    ['semundo.read: 1', 'semundo.read: 0', /promises\.semundo\.read: expected the number of a patch, from 1/],
    ['kernel: "6.1"', 'kernel: "6.12"', /bases: names a kernel twice/],
    ['name: semundo-v1', 'name: ../x', /name: expected letters/],
    ['title: Show', 'title: [Show', /\/x\/series\.yaml: /],
  ])('refuses %s written as %s', (from, to, message) => {
    expect(problem(GOOD.replace(from, to))).toMatch(message);
  });

  it('names everything that is wrong at once, on one line', () => {
    const message = problem('name: 1\n"a\\u001b[31m\\nb": 2\n');
    expect(message).toMatch(/name: .*title: .*bases: .*unknown key/);
    expect(message).not.toMatch(/[\u0000-\u001f]/);
  });

  it('refuses what is no mapping', () => {
    expect(problem('')).toMatch(/expected object/);
    expect(problem('- a')).toMatch(/expected object/);
  });
});
