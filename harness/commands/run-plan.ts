import { resolve } from 'node:path';
import { z } from 'zod';
import { usageError } from '../errors.js';
import { respinVersion } from '../host/package-root.js';
import { readPlan } from '../matrix/plan-file.js';
import { runPlan } from '../matrix/run-plan.js';
import { withSession } from '../session.js';
import { judgeRequests } from './judge-options.js';
import { finish, reportRequest } from './reports.js';

const optionsSchema = z.object({
  plan: z.string(),
  shard: z.string().optional(),
  out: z.string().optional(),
  json: z.boolean().default(false),
  fresh: z.boolean().default(false),
  accel: z.string(),
  sandbox: z.string(),
  report: z.array(z.string()).default([]),
  testedBy: z.string().optional(),
});

/** What is given with a plan; all else is what the plan says. */
const BESIDE = new Set(Object.keys(optionsSchema.shape));

/** `respin run --plan FILE [--shard ID]`: judges what was planned, all of it or one shard, and returns the exit code of its verdict. */
export async function runPlanCommand(series: readonly string[], rawOptions: Readonly<Record<string, unknown>>): Promise<number> {
  const { plan: path, shard, out, json: _json, report: _report, testedBy: _testedBy, ...machine } = optionsSchema.parse(rawOptions);
  const [typed] = series.length > 0 ? ['a series'] : Object.keys(rawOptions).filter((name) => !BESIDE.has(name) && rawOptions[name] !== undefined).map((name) => `--${name}`);
  if (typed !== undefined) {
    throw usageError('plan.options', `${typed} stands beside --plan, which says that already`, { hint: 'give it to "respin plan"; with --plan there is --shard, --out, --report, --tested-by, --json, --fresh, --accel and --sandbox' });
  }
  const { text, exitCode } = await withSession(async (ctx) => {
    const wanted = await reportRequest(ctx, rawOptions);
    const plan = await readPlan(ctx, resolve(path));
    const done = await runPlan(ctx, {
      ...{ plan, shard, version: respinVersion(), command: ['respin', ...process.argv.slice(2)] },
      out: out === undefined ? undefined : resolve(out),
      requestOf: async ({ kernel, profile }) => {
        const [request] = await judgeRequests(ctx, plan.series, { ...plan.options, ...machine, profile, ...(plan.kernelNamed ? { kernel } : {}) });
        if (!request) throw usageError('profile.unknown', `no profile "${profile}"`);
        if (request.kernel !== kernel) throw usageError('plan.kernel', `what is asked for here is --kernel ${request.kernel}, and the plan is of ${kernel}`, { hint: 'run it in the folder that it was made in, with the same respin.yaml' });
        return request;
      },
    });
    return finish(ctx, done, wanted, rawOptions);
  });
  process.stdout.write(text);
  return exitCode;
}
