import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { errnoOf, usageError } from '../errors.js';
import { evidenceSchema, EVIDENCE_VERSION, type Evidence } from './schema.js';

/** Ten times that of a run with a thousand tests. */
const MOST_BYTES = 64 * 1024 * 1024;

const headSchema = z.object({ version: z.number(), kind: z.string() });

/**
 * Reads the evidence of a run.
 * @param folder what `--out` named, or the place that a run printed
 * @throws HarnessError `usage` `evidence.missing`, `evidence.damaged`, `evidence.version` for one of a newer respin,
 * `evidence.kind` for that of another command
 */
export async function readEvidence(ctx: Pick<Context, 'effects'>, folder: string): Promise<Evidence> {
  const path = join(folder, 'evidence.json');
  const text = await readText(ctx, path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw usageError('evidence.damaged', `${path} is no JSON: it is cut or was changed`, { cause: thrown, hint: 'get the folder again from where it was written' });
  }
  const head = headSchema.safeParse(value);
  if (!head.success) throw damaged(path, head.error);
  const { version, kind } = head.data;
  if (version > EVIDENCE_VERSION) {
    throw usageError('evidence.version', `${path} is of version ${version}; this respin reads up to ${EVIDENCE_VERSION}`, { hint: 'take the newer respin that wrote it' });
  }
  if (kind !== 'run') {
    throw usageError('evidence.kind', `${path} is of "respin ${kind}"; rerun repeats what "respin run" did`, { hint: 'its member "command" says what was typed: type that again' });
  }
  const parsed = evidenceSchema.safeParse(value);
  if (!parsed.success) throw damaged(path, parsed.error);
  return parsed.data;
}

async function readText(ctx: Pick<Context, 'effects'>, path: string): Promise<string> {
  const { files } = ctx.effects;
  try {
    const { size } = await files.stat(path);
    if (size > MOST_BYTES) throw usageError('evidence.damaged', `${path} has ${size} bytes; expected at most ${MOST_BYTES}`);
    return await files.readFile(path, 'utf8');
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined || !['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(errno)) throw thrown;
    throw usageError('evidence.missing', `cannot read ${path}: ${errno}`, { cause: thrown, hint: 'name the folder that a run printed behind "evidence:", its evidence.json, or a pack of it' });
  }
}

function damaged(path: string, error: z.ZodError): Error {
  const [issue] = error.issues;
  const place = issue?.path.map(String).join('.') || 'the whole';
  return usageError('evidence.damaged', `${path}: ${place}: ${issue?.message ?? 'not as expected'}`, { hint: 'it was changed or cut: get it again from where it was written' });
}
