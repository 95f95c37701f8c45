import { usageError } from '../errors.js';
import { judge } from '../pipeline.js';
import { withSession } from '../session.js';
import { judgeEach, judgeRequests } from './judge-options.js';
import { finish, reportRequest } from './reports.js';

/** `respin run`: judges series, prints the report, and returns the verdict's exit code. */
export async function runCommand(series: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  if (options['shard'] !== undefined) throw usageError('plan.missing', '--shard is a shard of a plan', { hint: 'name it: --plan plan.json' });
  if (options['bisect'] === true) return (await import('./step.js')).stepCommand(series, options);
  const own = ['finding', 'build', 'boot', 'known'].filter((name) => options[name] !== undefined);
  if (own.length > 0) throw usageError('run.bisect', `--${own.join(', --')}: that is for a bisection`, { hint: 'add --bisect for a step of git bisect run, or call: respin bisect' });
  const { requests, wanted } = await withSession(async (ctx) => {
    const asked = await judgeRequests(ctx, series, options);
    return { requests: asked, wanted: await reportRequest(ctx, options, asked.length > 1) };
  });
  return judgeEach(requests, (request) => withSession(async (ctx) => finish(ctx, await judge(ctx, request), wanted, options)));
}
