import { join, resolve } from 'node:path';
import type { z } from 'zod';
import type { Context } from '../context.js';
import { messageOf, usageError } from '../errors.js';
import { checkReportSchema } from '../evidence/check-schema.js';
import { matrixEvidenceSchema } from '../evidence/matrix-schema.js';
import { evidenceSchema } from '../evidence/schema.js';
import { annotationsOfCheck, annotationsOfRun, type AddedIn, type Annotation } from '../report/annotations.js';
import { githubCommands } from '../report/github-commands.js';
import { addedByPatches } from '../series/added-by-patches.js';
import { withSession } from '../session.js';
import { describeIssues } from '../spec/schema.js';
import { readPlainFile } from '../store/plain-file.js';

/** The lines that the series of an evidence folder adds. */
async function addedIn(ctx: Context, folder: string): Promise<AddedIn> {
  const home = join(folder, 'series');
  const names = await ctx.effects.files.readdir(home).catch(() => []);
  const patches = names.filter((name) => name.endsWith('.patch')).sort();
  return addedByPatches(await Promise.all(patches.map((name) => readPlainFile(ctx.effects, join(home, name)))));
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw usageError('annotate.evidence', `${path}: ${describeIssues(result.error, schema).slice(0, 1000)}`, { hint: 'name a folder that respin wrote, or what "respin check --json" printed' });
}

/** @throws HarnessError `usage` `annotate.evidence` */
async function annotationsAt(ctx: Context, path: string): Promise<readonly Annotation[]> {
  const isFolder = await ctx.effects.files.stat(path).then((found) => found.isDirectory(), () => false);
  const file = isFolder ? join(path, 'evidence.json') : path;
  let value: unknown;
  try {
    value = JSON.parse((await readPlainFile(ctx.effects, file)).toString('utf8'));
  } catch (thrown) {
    throw usageError('annotate.evidence', `${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown, hint: 'name a folder that respin wrote, or what "respin check --json" printed' });
  }
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  switch (kind) {
    case 'check':
      return annotationsOfCheck(parsed(checkReportSchema, value, file));
    case 'run':
      return annotationsOfRun(parsed(evidenceSchema, value, file), await addedIn(ctx, path));
    case 'matrix': {
      const { cells } = parsed(matrixEvidenceSchema, value, file);
      const judged = cells.filter(({ outcome }) => outcome.kind === 'judged');
      return (await Promise.all(judged.map(({ id }) => annotationsAt(ctx, join(path, 'cells', id))))).flat();
    }
    default:
      throw usageError('annotate.kind', `${file} is of the kind ${typeof kind === 'string' ? `"${kind.slice(0, 80)}"` : 'none'}; there are annotations of a run, a matrix of runs, and a check`);
  }
}

/** `respin annotate`: prints what evidence says of lines of the sources as workflow commands of GitHub, and nothing else. */
export async function annotateCommand(paths: readonly string[]): Promise<number> {
  const all = await withSession(async (ctx) => (await Promise.all(paths.map((path) => annotationsAt(ctx, resolve(path))))).flat());
  process.stdout.write(githubCommands(all).map((line) => `${line}\n`).join(''));
  return 0;
}
