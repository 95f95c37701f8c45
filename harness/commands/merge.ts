import { resolve } from 'node:path';
import { z } from 'zod';
import { respinVersion } from '../host/package-root.js';
import { mergeShards } from '../matrix/merge.js';
import { readPlan } from '../matrix/plan-file.js';
import { renderMatrixJson } from '../report/matrix-json.js';
import { renderMatrixText } from '../report/matrix-text.js';
import { withSession } from '../session.js';

const optionsSchema = z.object({ plan: z.string().optional(), out: z.string().optional(), json: z.boolean().default(false) });

/** `respin merge`: makes one evidence of those of all shards, and returns the exit code of their verdict. */
export async function mergeCommand(folders: readonly string[], rawOptions: Readonly<Record<string, unknown>>): Promise<number> {
  const { plan, out, json } = optionsSchema.parse(rawOptions);
  const { evidence, folder } = await withSession(async (ctx) =>
    mergeShards(ctx, {
      ...{ folders: folders.map((path) => resolve(path)), version: respinVersion(), command: ['respin', ...process.argv.slice(2)] },
      plan: plan === undefined ? undefined : await readPlan(ctx, resolve(plan)),
      out: out === undefined ? undefined : resolve(out),
    }),
  );
  process.stdout.write(json ? renderMatrixJson(evidence, folder) : `\n${renderMatrixText(evidence, folder)}`);
  return evidence.verdict.exitCode;
}
