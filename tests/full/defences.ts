import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../e2e/respin.js';

const FOLDER = join(ROOT, 'tests', 'full', 'defences');

const listSchema = z.array(
  z.strictObject({
    /** The first column of a line of a table. */
    line: z.string(),
    /** What to change, so that the defence is not there. */
    without: z.array(z.strictObject({ file: z.string(), from: z.string().min(1), to: z.string() })).min(1),
    /** A test that fails then: its project, its file, and a part of its name. */
    caught_by: z.strictObject({ project: z.enum(['unit', 'programs', 'e2e', 'outside']), file: z.string(), test: z.string().min(1) }),
  }),
);

export type Defence = z.infer<typeof listSchema>[number];

/** Every defence that can be taken away. */
export function listDefences(): readonly Defence[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((file) => listSchema.parse(parse(readFileSync(join(FOLDER, file), 'utf8'))));
}

/**
 * The first column of each line of the tables of a page that name a test in their last column.
 * @param page Markdown
 */
export function linesOfTables(page: string): readonly string[] {
  return page.split('\n').flatMap((line) => {
    const [first = '', , last = ''] = line.split(' | ');
    return line.startsWith('| ') && /^(?:e2e|full|unit|docs|`)/.test(last) ? [first.replace(/^\| /, '').trim()] : [];
  });
}

/** The file without the defence. @throws where what is to be changed is not there, or more than once */
export function withoutDefence(text: string, { file, from, to }: Defence['without'][number]): string {
  const [before = '', after, ...more] = text.split(from);
  if (after === undefined || more.length > 0) throw new Error(`${file}: ${after === undefined ? 'there is no' : 'more than one'} ${JSON.stringify(from)}`);
  return `${before}${to}${after}`;
}
