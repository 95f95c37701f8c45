import { resolve } from 'node:path';
import { z } from 'zod';
import { packageRoot, respinVersion } from '../host/package-root.js';
import { judge } from '../pipeline.js';
import { renderJson } from '../report/json.js';
import { renderText } from '../report/text.js';
import { withSession } from '../session.js';
import { parseDuration } from '../spec/duration.js';
import { accelSchema, sandboxSchema } from './options.js';

/** What `npm start` runs. */
const MAIN_JOB = ['semundo-v1'];

const optionsSchema = z.object({
  kernel: z.string(),
  profile: z.string(),
  suite: z.string().optional(),
  out: z.string().optional(),
  json: z.boolean().default(false),
  fresh: z.boolean().default(false),
  accel: accelSchema,
  sandbox: sandboxSchema,
  timeout: z.string().optional(),
  keepGoing: z.boolean().default(false),
});

/** `respin run`: judges series, prints the report, and returns the verdict's exit code. */
export async function runCommand(series: readonly string[], rawOptions: Readonly<Record<string, unknown>>): Promise<number> {
  const options = optionsSchema.parse(rawOptions);
  const timeoutMs = options.timeout === undefined ? undefined : parseDuration(options.timeout);
  const cwd = process.cwd();
  const judged = await withSession((ctx) =>
    judge(ctx, {
      ...{ kernel: options.kernel, profile: options.profile, suite: options.suite, timeoutMs },
      ...{ fresh: options.fresh, keepGoing: options.keepGoing, accelerator: options.accel, sandbox: options.sandbox },
      series: series.length === 0 ? MAIN_JOB : series,
      out: options.out === undefined ? undefined : resolve(cwd, options.out),
      ...{ cwd, packageRoot: packageRoot(), version: respinVersion(), command: ['respin', ...process.argv.slice(2)] },
    }),
  );
  process.stdout.write(options.json ? renderJson(judged.evidence, judged.folder) : `\n${renderText(judged.evidence, judged.folder)}`);
  return judged.evidence.verdict.exitCode;
}
