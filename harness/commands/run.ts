import { usageError } from '../errors.js';
import { judge } from '../pipeline.js';
import { renderJson } from '../report/json.js';
import { renderText } from '../report/text.js';
import { withSession } from '../session.js';
import { judgeEach, judgeRequests } from './judge-options.js';
import { makeReports, reportRequest } from './reports.js';

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
  return judgeEach(requests, async (request) => {
    const { evidence, folder } = await withSession(async (ctx) => {
      const judged = await judge(ctx, request);
      await makeReports(ctx, judged.evidence, judged.folder, wanted);
      return judged;
    });
    const text = options['json'] === true ? renderJson(evidence, folder) : `\n${renderText(evidence, folder)}`;
    return { text, exitCode: evidence.verdict.exitCode };
  });
}
