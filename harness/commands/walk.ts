import { z } from 'zod';
import { usageError } from '../errors.js';
import { walk } from '../pipeline.js';
import { renderWalkJson } from '../report/walk-json.js';
import { renderWalkText } from '../report/walk-text.js';
import { withSession } from '../session.js';
import { judgeEach, judgeRequests } from './judge-options.js';
import { makeReports, reportRequest } from './reports.js';

const rangeSchema = z.object({ from: z.string(), to: z.string().optional() });

/** @throws HarnessError `usage` `walk.number` */
function patchNumber(option: string, value: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw usageError('walk.number', `${option} ${value} is no number of a patch; expected one such as 3, or 0 for the base`);
}

/** `respin walk`: judges series patch by patch, prints the matrix, and returns the verdict's exit code. */
export async function walkCommand(series: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const { from, to } = rangeSchema.parse(options);
  const range = { from: patchNumber('--from', from), to: to === undefined ? undefined : patchNumber('--to', to) };
  const { requests, wanted } = await withSession(async (ctx) => {
    const asked = await judgeRequests(ctx, series, options);
    return { requests: asked, wanted: await reportRequest(ctx, options, asked.length > 1) };
  });
  return judgeEach(requests, async (request) => {
    const { evidence, folder } = await withSession(async (ctx) => {
      const walked = await walk(ctx, { ...request, ...range, isPart: false });
      await makeReports(ctx, walked.evidence, walked.folder, wanted);
      return walked;
    });
    const text = options['json'] === true ? renderWalkJson(evidence, folder) : `\n${renderWalkText(evidence, folder)}`;
    return { text, exitCode: evidence.verdict.exitCode };
  });
}
