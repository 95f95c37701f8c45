import { parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Context } from '../context.js';
import { errnoOf, messageOf, usageError, type HarnessError } from '../errors.js';
import { describeIssues } from './schema.js';

/** Files that people write by hand; a larger one is another file. */
const MAX_BYTES = 1024 * 1024;
/** How often an anchor may be used, so that a few lines cannot stand for millions. */
const MAX_ALIASES = 50;
/** A file in which everything is wrong needs no more than this. */
const MAX_MESSAGE = 2000;

export interface YamlFile<S extends z.ZodType> {
  /** Absolute. */
  readonly path: string;
  readonly schema: S;
  /** Of the error. */
  readonly code: string;
  /** Where a file of this kind can be seen. */
  readonly example: string;
}

/**
 * Reads a YAML 1.2 file strictly: one document, no key twice, aliases bounded, and only the keys of the schema.
 * @throws HarnessError `usage` with the file's code: place, what was expected, and the nearest valid key
 */
export async function readYaml<S extends z.ZodType>(ctx: Pick<Context, 'effects'>, file: YamlFile<S>): Promise<z.output<S>> {
  const { path, schema, example } = file;
  const refused = (problem: string, cause?: unknown): HarnessError =>
    usageError(file.code, `${path}: ${problem.replace(/\s+/g, ' ').slice(0, MAX_MESSAGE)}`, { cause, hint: example });
  let text: string;
  try {
    const { size } = await ctx.effects.files.stat(path);
    if (size > MAX_BYTES) throw refused(`it has ${size} bytes; expected at most ${MAX_BYTES}`);
    text = await ctx.effects.files.readFile(path, 'utf8');
  } catch (thrown) {
    const what = { ENOENT: 'there is no such file', ENOTDIR: 'there is no such file', EISDIR: 'it is a folder' }[errnoOf(thrown) ?? ''];
    if (what !== undefined || errnoOf(thrown) === 'EACCES') throw refused(what ?? messageOf(thrown), thrown);
    throw thrown;
  }
  let value: unknown;
  try {
    const document = parseDocument(text, { uniqueKeys: true, strict: true });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw problem;
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (thrown) {
    throw refused(`not readable as YAML: ${messageOf(thrown)}`, thrown);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refused(describeIssues(parsed.error, schema));
}
