import { z } from 'zod';
import { usageError } from '../errors.js';
import { walk } from '../pipeline.js';
import { withSession } from '../session.js';
import { judgeEach, judgeRequests } from './judge-options.js';
import { finish, reportRequest } from './reports.js';

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
  return judgeEach(requests, (request) => withSession(async (ctx) => finish(ctx, await walk(ctx, { ...request, ...range, isPart: false }), wanted, options)));
}
