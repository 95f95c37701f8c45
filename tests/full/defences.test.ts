import { cp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { literalPattern } from '../../harness/kernel/literal.js';
import { ROOT, sharedCache, useRespin } from '../e2e/respin.js';
import { listDefences, withoutDefence, type Defence } from './defences.js';

const respin = useRespin();
/** What a program without a defence writes is in no cache that anybody uses. */
const cache = join(sharedCache().root, 'e2e', 'defences');

const outcomeSchema = z.object({ testResults: z.array(z.object({ message: z.string(), assertionResults: z.array(z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) })) })) });

/** The checkout as it is, changes that are not committed included. */
async function copyCheckout(): Promise<string> {
  const copy = join(respin.folder(), 'checkout');
  const { stdout } = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const path of stdout.split('\0').filter((name) => name !== '')) await cp(join(ROOT, path), join(copy, path));
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

let unpacked: Promise<unknown> | undefined;

/** Tests with boots read the tree that a run has unpacked; others need not wait for that. */
async function unpackTree(): Promise<void> {
  unpacked ??= respin.judge(['semundo-v1', '--kernel', '6.12', '--suite', 'msgque'], { env: { RESPIN_CACHE: cache } });
  await unpacked;
}

/** The tests of this name that fail in the copy, with why. */
async function failures(copy: string, { project, file, test: name }: Defence['caught_by']): Promise<readonly string[]> {
  // A program with a part taken out may not please the compiler, who writes it all the same.
  if (project === 'e2e') {
    await unpackTree();
    await execa('npm', ['run', '--silent', 'build'], { cwd: copy, reject: false });
  }
  const report = join(copy, 'outcome.json');
  await rm(report, { force: true });
  await execa('npx', ['vitest', 'run', '--project', project, file, '-t', literalPattern(name), '--reporter=json', `--outputFile=${report}`], { cwd: copy, reject: false, env: { RESPIN_CACHE: cache } });
  const { testResults } = outcomeSchema.parse(JSON.parse(await readFile(report, 'utf8')));
  // A file that cannot be loaded fails whatever the defence is.
  expect(testResults.filter(({ assertionResults }) => assertionResults.length === 0).map(({ message }) => message)).toEqual([]);
  return testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'failed').map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join('\n')}`));
}

afterAll(async () => {
  await rm(cache, { recursive: true, force: true });
});

let copy = '';

beforeAll(async () => {
  copy = await copyCheckout();
});

describe('without its defence a test fails:', () => {
  test.each(listDefences().map((defence, index) => ({ ...defence, index: index + 1 })))('$index $line', async ({ without, caught_by: caughtBy }) => {
    const kept = await Promise.all([...new Set(without.map(({ file }) => file))].map(async (file) => [join(copy, file), await readFile(join(copy, file), 'utf8')] as const));
    try {
      for (const edit of without) {
        const path = join(copy, edit.file);
        await writeFile(path, withoutDefence(await readFile(path, 'utf8'), edit));
      }
      const failed = await failures(copy, caughtBy);
      expect(failed.length, `${caughtBy.file} passes without it`).toBeGreaterThan(0);
      // What the edit has made of the program must run: a name that is not there is no proof.
      expect(failed.filter((why) => /ReferenceError|SyntaxError|is not a function/.test(why))).toEqual([]);
    } finally {
      for (const [path, text] of kept) await writeFile(path, text);
    }
  });
});
