import { resolve } from 'node:path';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';

/**
 * Parts `--test`: what is a file is a test of the user's own, as for `run`; what is none is the name of the test that is
 * searched for.
 * @throws HarnessError `usage` `bisect.symptom` when several tests are named
 */
export async function partTests(ctx: Context, given: readonly string[]): Promise<{ readonly paths: readonly string[]; readonly name: string | undefined }> {
  const isFile = await Promise.all(given.map((text) => ctx.effects.files.access(resolve(text)).then(() => true, () => false)));
  const names = given.filter((_, index) => isFile[index] === false);
  if (names.length > 1) throw usageError('bisect.symptom', `one test can be searched for, not ${names.length}: ${names.join(', ')}`);
  return { paths: given.filter((_, index) => isFile[index] === true), name: names[0] };
}

/**
 * The one thing that is searched for.
 * @param asked what the options name
 * @throws HarnessError `usage` `bisect.symptom` when it is more than one
 */
export function onlyFault<T>(asked: readonly T[], without: string): T | undefined {
  if (asked.length > 1) {
    throw usageError('bisect.symptom', 'one thing can be searched for at a time: --test, --finding, --build or --boot', { hint: `name one of them, or none for ${without}` });
  }
  return asked[0];
}
