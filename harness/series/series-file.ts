import { parseDocument } from 'yaml';
import { z } from 'zod';
import { messageOf, usageError } from '../errors.js';
import { describeIssues } from '../spec/schema.js';
import { oneLine } from './text.js';
import { treePathProblem } from './tree-path.js';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected letters, digits, ".", "_" and "-", such as semundo-v1');

const line = z.string().trim().min(1);

function folder(example: string): z.ZodType<string> {
  return z
    .string(`expected a folder beside this file in quotes, such as "${example}"`)
    .refine((path) => treePathProblem(path) === undefined, `expected a folder beside this file, such as "${example}"`);
}

const base = z.strictObject({
  kernel: z
    .string('expected a line of kernels in quotes, such as "6.12"')
    .regex(/^\d+\.\d+$/, 'expected a line of kernels, such as "6.12"'),
  patches: folder('6.12'),
  prerequisites: folder('prerequisites/6.12').optional(),
});

/**
 * What `series.yaml` says. `origin` is where the series was first posted; `bases` the folders of patches by line of
 * kernels, with the patches that each is built on (`prerequisites`), which count to the base; `promises` from which patch on a test passes; `conflicts` the series that cannot be applied together with it.
 */
const schema = z.strictObject({
  name,
  title: line,
  origin: z.strictObject({ author: line, date: line, subject: line }),
  bases: z
    .array(base)
    .min(1, 'expected at least one base')
    .refine((bases) => new Set(bases.map(({ kernel }) => kernel)).size === bases.length, 'names a kernel twice'),
  suite: name.optional(),
  promises: z.record(line, z.int('expected the number of a patch, from 1').min(1, 'expected the number of a patch, from 1')),
  conflicts: z.array(name).default([]),
});

export type SeriesFile = Readonly<z.output<typeof schema>>;

/**
 * Reads the text of a `series.yaml`.
 * @param path of the file, for messages
 * @throws HarnessError `usage` `series.file` that names the file and everything that is wrong in it, with the nearest
 * valid key for one that is unknown
 */
export function parseSeriesFile(text: string, path: string): SeriesFile {
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax) throw fileError(path, syntax.message);
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    throw fileError(path, messageOf(error));
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw fileError(path, describeIssues(parsed.error, schema));
}

/** A file in which everything is wrong needs no more than this. */
const MAX_LENGTH = 2000;

function fileError(path: string, problem: string): Error {
  return usageError('series.file', `${path}: ${oneLine(problem, MAX_LENGTH)}`, {
    hint: 'kernel-patches/ of respin has examples of a valid series.yaml',
  });
}
