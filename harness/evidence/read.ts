import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { errnoOf, usageError } from '../errors.js';
import { EVIDENCE_KINDS, KIND_SCHEMAS, type KnownEvidence } from './kinds.js';
import { EVIDENCE_VERSION, type Evidence } from './schema.js';

/** Evidence that was read again. */
export interface ReadEvidence<E = KnownEvidence> {
  readonly evidence: E;
  /** Where it lies, with the files that it names beside it. */
  readonly folder: string;
}

/** Far beyond what thousands of tests on hundreds of kernels take. */
const MOST_BYTES = 512 * 1024 * 1024;
const SHOWN_ISSUES = 5;
const HINT = 'name the folder or the evidence.json that run, walk, bisect, compare or merge wrote, or what check --json printed';

const envelopeSchema = z.object({ version: z.number().int(), kind: z.string() });

function kindSchema(kind: string): (typeof KIND_SCHEMAS)[keyof typeof KIND_SCHEMAS] | undefined {
  return Object.entries(KIND_SCHEMAS).find(([name]) => name === kind)?.[1];
}

/**
 * Reads what a JSON document says, as evidence of any kind.
 * @param where for messages: a path
 * @throws HarnessError `usage` `evidence.newer` for a version or kind that this respin does not know, `evidence.foreign` for what
 * is no evidence, `evidence.invalid` for evidence that breaks its schema
 */
export function parseEvidence(value: unknown, where: string): KnownEvidence {
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) {
    throw usageError('evidence.foreign', `${where} is no evidence of respin: it has no "version" and "kind", such as 1 and "run"`, {
      hint: HINT,
    });
  }
  const { version, kind } = envelope.data;
  if (version > EVIDENCE_VERSION) {
    throw usageError('evidence.newer', `${where} is evidence of version ${version}; this respin reads version ${EVIDENCE_VERSION}`, { hint: 'a newer respin wrote it: read it with that one' });
  }
  const schema = version === EVIDENCE_VERSION ? kindSchema(kind) : undefined;
  if (!schema) {
    throw usageError('evidence.newer', `${where} is evidence of the kind "${kind.slice(0, 40)}" and version ${version}; this respin reads ${EVIDENCE_KINDS.join(', ')} of version ${EVIDENCE_VERSION}`, {
      hint: 'another respin wrote it: read it with that one',
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const shown = issues.slice(0, SHOWN_ISSUES).map(({ path, message }) => `${path.map(String).join('.') || 'the document'}: ${message}`);
  const more = issues.length > shown.length ? `; and ${issues.length - shown.length} more` : '';
  throw usageError('evidence.invalid', `${where} breaks the schema of evidence: ${shown.join('; ')}${more}`, { hint: 'the schema is schema/evidence-v1.schema.json of the package' });
}

/**
 * Reads evidence.
 * @param path of the folder or of the file in it
 * @param hint for what cannot be read: what to name instead
 * @throws HarnessError as `parseEvidence`; `usage` `evidence.unreadable`
 */
export async function readEvidence(ctx: Pick<Context, 'effects'>, path: string, hint: string = HINT): Promise<ReadEvidence> {
  const { files } = ctx.effects;
  const unreadable = (why: string, cause?: unknown): Error =>
    usageError('evidence.unreadable', `${path}: ${why}`, { cause, hint });
  let text: string;
  let file = path;
  try {
    if ((await files.stat(path)).isDirectory()) file = join(path, 'evidence.json');
    const found = await files.stat(file);
    if (!found.isFile()) throw unreadable('it is neither a folder nor a file');
    if (found.size > MOST_BYTES) throw unreadable(`it has ${found.size} bytes; evidence has at most ${MOST_BYTES}`);
    text = await files.readFile(file, 'utf8');
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined || (thrown instanceof Error && thrown.name === 'HarnessError')) throw thrown;
    throw unreadable(file === path ? `it cannot be read (${errno})` : `the folder has no evidence.json that can be read (${errno})`, thrown);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw unreadable('it is no JSON', thrown);
  }
  return { evidence: parseEvidence(value, file), folder: dirname(file) };
}

/**
 * Reads the evidence of a run.
 * @throws HarnessError as `readEvidence`; `usage` `evidence.kind` for that of another command
 */
export async function readRunEvidence(ctx: Pick<Context, 'effects'>, path: string): Promise<ReadEvidence<Evidence>> {
  const { evidence, folder } = await readEvidence(ctx, path, 'name the folder that a run printed behind "evidence:", its evidence.json, or a pack of it');
  if (evidence.kind === 'run') return { evidence, folder };
  if (evidence.kind === 'matrix') {
    throw usageError('evidence.kind', `${path} is of a plan, which has evidence for each of its cells; rerun repeats one run`, { hint: 'name the folder of a cell: the column EVIDENCE of what respin merge or run --plan printed' });
  }
  throw usageError('evidence.kind', `${path} is of "respin ${evidence.kind}"; rerun repeats what "respin run" did`, { hint: 'its member "command" says what was typed: type that again' });
}
