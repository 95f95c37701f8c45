import { z } from 'zod';
import { usageError } from '../errors.js';
import { planOptionsSchema } from '../evidence/plan-schema.js';
import { evidenceHome } from '../evidence/write.js';
import { respinVersion } from '../host/package-root.js';
import { timesIfThere, timesIn } from '../matrix/earlier-times.js';
import { estimator } from '../matrix/estimate.js';
import { writePlan, planText } from '../matrix/plan-file.js';
import { makePlan, MOST_SHARDS, type CellRequest } from '../matrix/plan.js';
import { githubMatrix, planCommands, planTable } from '../matrix/print-plan.js';
import { openSeriesReader } from '../matrix/series-reader.js';
import { pathAt } from '../own-tests.js';
import { withSession } from '../session.js';
import { parseKernelSpec } from '../spec/kernel-spec.js';
import { findProfile } from '../spec/profile.js';
import { judgeRequests } from './judge-options.js';

const optionsSchema = z.object({
  kernel: z.array(z.string()).default([]),
  profile: z.array(z.string()).default([]),
  walk: z.boolean().default(false),
  shards: z.string(),
  times: z.array(z.string()).default([]),
  out: z.string().optional(),
  format: z.enum(['text', 'json', 'github', 'commands']),
});

/** @throws HarnessError `usage` `plan.shards` */
function shardsIn(text: string): number {
  const shards = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 0;
  if (shards >= 1 && shards <= MOST_SHARDS) return shards;
  throw usageError('plan.shards', `--shards ${text.slice(0, 80)} is no number of machines: expected from 1 to ${MOST_SHARDS}`, { hint: 'write it like --shards 4' });
}

/** `respin plan`: prints what is to be judged, and which machine does what of it. Nothing is built. */
export async function planCommand(series: readonly string[], rawOptions: Readonly<Record<string, unknown>>): Promise<number> {
  const { kernel: kernels, profile: profiles, walk, shards, times, out, format } = optionsSchema.parse(rawOptions);
  const options = planOptionsSchema.parse(rawOptions);
  if (series.includes('-')) throw usageError('plan.stdin', 'a plan cannot be of standard input, which the other machines do not have', { hint: 'write the series into a file and name that' });
  if (out === undefined && format !== 'json' && format !== 'text') throw usageError('plan.out', `--format ${format} is for machines that have the plan`, { hint: 'say where it goes: --out plan.json' });
  const wanted = shardsIn(shards);
  for (const name of kernels) parseKernelSpec(name);
  for (const name of profiles) findProfile(name);
  const plan = await withSession(async (ctx) => {
    const requests = await judgeRequests(ctx, series, options);
    const [first] = requests;
    if (!first) throw usageError('profile.unknown', 'no profile is named', { hint: 'for example: --profile plain' });
    const read = openSeriesReader(ctx, first);
    const named = profiles.length > 0 ? profiles : requests.map(({ profile }) => profile);
    const cells: CellRequest[] = [];
    for (const kernel of kernels.length > 0 ? kernels : [first.kernel]) {
      const found = await read(kernel);
      for (const profile of named) cells.push({ kernel, profile, series: found?.digest, patches: found?.patches.length });
    }
    const home = ctx.effects.env['HOME'];
    const earlier = times.length > 0 ? await timesIn(ctx, times.map((path) => pathAt(process.cwd(), home, path))) : await timesIfThere(ctx, evidenceHome(ctx));
    const made = makePlan({ respin: respinVersion(), judges: walk ? 'walk' : 'run', series, kernelNamed: kernels.length > 0, options, cells, shards: wanted, cost: estimator(earlier) });
    if (out !== undefined) await writePlan(ctx, pathAt(process.cwd(), home, out), made);
    return made;
  });
  const printed = { text: () => planTable(plan), json: () => planText(plan), github: () => githubMatrix(plan), commands: () => planCommands(plan, out ?? '') };
  process.stdout.write(printed[format]());
  return 0;
}
