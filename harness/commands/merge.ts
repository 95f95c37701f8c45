import { resolve } from 'node:path';
import { z } from 'zod';
import { respinVersion } from '../host/package-root.js';
import { mergeShards } from '../matrix/merge.js';
import { readPlan } from '../matrix/plan-file.js';
import { withSession } from '../session.js';
import { finish, reportRequest } from './reports.js';

const optionsSchema = z.object({ plan: z.string().optional(), out: z.string().optional() });

/** `respin merge`: makes one evidence of those of all shards, and returns the exit code of their verdict. */
export async function mergeCommand(folders: readonly string[], rawOptions: Readonly<Record<string, unknown>>): Promise<number> {
  const { plan, out } = optionsSchema.parse(rawOptions);
  const { text, exitCode } = await withSession(async (ctx) => {
    const wanted = await reportRequest(ctx, rawOptions);
    const merged = await mergeShards(ctx, {
      ...{ folders: folders.map((path) => resolve(path)), version: respinVersion(), command: ['respin', ...process.argv.slice(2)] },
      plan: plan === undefined ? undefined : await readPlan(ctx, resolve(plan)),
      out: out === undefined ? undefined : resolve(out),
    });
    return finish(ctx, merged, wanted, rawOptions);
  });
  process.stdout.write(text);
  return exitCode;
}
