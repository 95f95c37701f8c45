import { usageError } from '../errors.js';
import { judge } from '../pipeline.js';
import { renderJson } from '../report/json.js';
import { renderText } from '../report/text.js';
import { withSession } from '../session.js';
import { judgeEach, judgeRequests } from './judge-options.js';

/** `respin run`: judges series, prints the report, and returns the verdict's exit code. */
export async function runCommand(series: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  if (options['bisect'] === true) return (await import('./step.js')).stepCommand(series, options);
  const own = ['finding', 'build', 'boot', 'known'].filter((name) => options[name] !== undefined);
  if (own.length > 0) throw usageError('run.bisect', `--${own.join(', --')}: that is for a bisection`, { hint: 'add --bisect for a step of git bisect run, or call: respin bisect' });
  const requests = await withSession((ctx) => judgeRequests(ctx, series, options));
  return judgeEach(requests, async (request) => {
    const { evidence, folder } = await withSession((ctx) => judge(ctx, request));
    const text = options['json'] === true ? renderJson(evidence, folder) : `\n${renderText(evidence, folder)}`;
    return { text, exitCode: evidence.verdict.exitCode };
  });
}
