import { resolve } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { readRunEvidence } from '../evidence/read.js';
import { packageRoot, respinVersion } from '../host/package-root.js';
import { jsonDocument } from '../json-document.js';
import { judge } from '../pipeline.js';
import { renderRerunJson, renderRerunText, type RerunReport } from '../report/rerun.js';
import { compareRuns } from '../run/rerun/items.js';
import { isPack, readPack, writePack } from '../run/rerun/pack.js';
import { rerunRequest } from '../run/rerun/request.js';
import { withScratch } from '../series/scratch.js';
import { withSession } from '../session.js';
import { accelSchema, sandboxSchema } from './options.js';

const optionsSchema = z.object({
  kernel: z.string().optional(),
  out: z.string().optional(),
  json: z.boolean().default(false),
  fromNothing: z.boolean().default(false),
  pack: z.string().optional(),
  accel: accelSchema,
  sandbox: sandboxSchema,
});

/** Where the evidence lies that was named: what is unpacked of a pack, else what was named itself. */
async function placeOf(ctx: Context, path: string, scratch: string): Promise<string> {
  if (!(await isPack(ctx, path))) return path;
  const into = resolve(scratch, 'unpacked');
  await ctx.effects.files.mkdir(into);
  return readPack(ctx, path, into);
}

/** `respin rerun`: repeats a run from its evidence, and returns 0 when everything came out the same, else 1. */
export async function rerunCommand(named: string, rawOptions: Readonly<Record<string, unknown>>): Promise<number> {
  const { pack, json, out, kernel, fromNothing, accel, sandbox } = optionsSchema.parse(rawOptions);
  const path = resolve(named);
  const printed = await withSession((ctx) =>
    withScratch(ctx, 'rerun', async (scratch): Promise<{ readonly text: string; readonly exitCode: 0 | 1 }> => {
      const { evidence: then, folder } = await readRunEvidence(ctx, await placeOf(ctx, path, scratch));
      if (pack !== undefined) {
        const into = resolve(pack);
        await writePack(ctx, folder, then, into);
        return { text: json ? jsonDocument({ pack: into }) : `${into}\n`, exitCode: 0 };
      }
      const request = await rerunRequest(ctx, folder, then, scratch, {
        ...{ kernel, fromNothing, accelerator: accel, sandbox, cwd: process.cwd(), out: out === undefined ? undefined : resolve(out) },
        ...{ packageRoot: packageRoot(), version: respinVersion(), command: ['respin', ...process.argv.slice(2)] },
      });
      const judged = await judge(ctx, request);
      const items = compareRuns(then, judged.evidence);
      const exitCode = items.every(({ same, decides }) => same || !decides) ? 0 : 1;
      const { base, tip } = judged.evidence;
      const objects = { base: base.build?.objects, tip: tip.build?.objects };
      const report: RerunReport = { exitCode, items, objects, of: path, folder: judged.folder };
      return { text: json ? renderRerunJson(report) : `\n${renderRerunText(report)}`, exitCode };
    }),
  );
  process.stdout.write(printed.text);
  return printed.exitCode;
}
