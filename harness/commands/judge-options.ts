import { resolve } from 'node:path';
import { z } from 'zod';
import { usageError } from '../errors.js';
import { packageRoot, respinVersion } from '../host/package-root.js';
import type { JudgeRequest } from '../request.js';
import { parseDuration } from '../spec/duration.js';
import { accelSchema, sandboxSchema } from './options.js';

/** What is judged when the user names no series: what `npm start` runs. */
const MAIN_JOB = ['semundo-v2', 'next-id-v2'];

const optionsSchema = z.object({
  kernel: z.string(),
  profile: z.string(),
  suite: z.string().optional(),
  version: z.string().optional(),
  out: z.string().optional(),
  fresh: z.boolean().default(false),
  accel: accelSchema,
  sandbox: sandboxSchema,
  timeout: z.string().optional(),
  keepGoing: z.boolean().default(false),
});

/** @throws HarnessError `usage` `series.version` */
function versionNumber(value: string): number {
  const digits = /^v?([1-9]\d{0,2})$/.exec(value)?.[1];
  if (digits !== undefined) return Number(digits);
  throw usageError('series.version', `--version ${value} is no version of a series; expected the N of [PATCH vN], such as 3`);
}

/**
 * What the options that the judging commands have in common ask for.
 * @throws HarnessError `usage` for a duration or version that is none
 */
export function judgeRequest(series: readonly string[], rawOptions: Readonly<Record<string, unknown>>): JudgeRequest {
  const options = optionsSchema.parse(rawOptions);
  const cwd = process.cwd();
  return {
    ...{ kernel: options.kernel, profile: options.profile, suite: options.suite },
    timeoutMs: options.timeout === undefined ? undefined : parseDuration(options.timeout),
    ...{ fresh: options.fresh, keepGoing: options.keepGoing, accelerator: options.accel, sandbox: options.sandbox },
    series: series.length === 0 ? MAIN_JOB : series,
    seriesVersion: options.version === undefined ? undefined : versionNumber(options.version),
    out: options.out === undefined ? undefined : resolve(cwd, options.out),
    ...{ cwd, packageRoot: packageRoot(), version: respinVersion(), command: ['respin', ...process.argv.slice(2)] },
  };
}
