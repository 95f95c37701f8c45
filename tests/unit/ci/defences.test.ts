import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../e2e/respin.js';
import { linesOfTables, listDefences, withoutDefence } from '../../full/defences.js';

const defences = listDefences();
const pages = await Promise.all(['reliability.md', 'security.md'].map(async (name) => readFile(join(ROOT, 'docs', name), 'utf8')));
const lines = pages.flatMap(linesOfTables);

describe('the defences that can be taken away', () => {
  test.each(lines)('cover the line "%s"', (line) => {
    expect(defences.map((defence) => defence.line)).toContain(line);
  });

  test.each(defences)('are of a line that there is, change what is there, and name a test that there is: $line', async ({ line, without, caught_by: { file, test: name } }) => {
    expect(lines).toContain(line);
    for (const edit of without) expect(withoutDefence(await readFile(join(ROOT, edit.file), 'utf8'), edit)).not.toContain(edit.from);
    expect(await readFile(join(ROOT, file), 'utf8')).toContain(name);
  });
});
