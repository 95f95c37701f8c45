import { z } from 'zod';
import { checkSeries } from '../check/check-series.js';
import { packageRoot, respinVersion } from '../host/package-root.js';
import { withSession } from '../session.js';
import { DEFAULT_KERNEL, kernelBelow, versionNumber } from './judge-options.js';
import { sandboxSchema } from './options.js';
import { finish, reportRequest } from './reports.js';

const optionsSchema = z.object({ kernel: z.array(z.string()).optional(), version: z.string().optional(), sandbox: sandboxSchema });

/** `respin check`: all that can be known of series without a build. Returns 0 when they are clean, else 1. */
export async function checkCommand(series: readonly string[], rawOptions: Readonly<Record<string, unknown>>): Promise<number> {
  const { kernel, version, sandbox } = optionsSchema.parse(rawOptions);
  const request = {
    kernels: kernel ?? [kernelBelow(series) ?? DEFAULT_KERNEL],
    seriesVersion: version === undefined ? undefined : versionNumber(version),
    ...{ series, sandbox, cwd: process.cwd(), packageRoot: packageRoot(), version: respinVersion() },
    command: ['respin', ...process.argv.slice(2)],
  };
  const { text, exitCode } = await withSession(async (ctx) => {
    const wanted = await reportRequest(ctx, rawOptions);
    return finish(ctx, { evidence: await checkSeries(ctx, request), folder: undefined }, wanted, rawOptions);
  });
  process.stdout.write(text);
  return exitCode;
}
