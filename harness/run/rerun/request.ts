import { join } from 'node:path';
import type { Context } from '../../context.js';
import { usageError } from '../../errors.js';
import type { Evidence } from '../../evidence/schema.js';
import type { JudgeRequest } from '../../request.js';
import { readRecordedSeries } from './read-series.js';

/** What the one who repeats a run decides: the rest is as it was. */
export type RerunChoices = Pick<JudgeRequest, 'accelerator' | 'sandbox' | 'out' | 'packageRoot' | 'version' | 'command' | 'fromNothing'> & {
  /** Where the kernel is on this machine; undefined for where it was. */
  readonly kernel: string | undefined;
  readonly cwd: string;
};

/**
 * What to ask so that a run is repeated. Kernels are built and booted again, also those that are known.
 * @param scratch a folder for the pieces of configuration that were given
 * @throws HarnessError `usage` `evidence.old` for evidence that does not say what was asked, or as `readRecordedSeries`
 */
export async function rerunRequest(ctx: Context, folder: string, evidence: Evidence, scratch: string, choices: RerunChoices): Promise<JudgeRequest> {
  const { request, options } = evidence;
  if (!request || !options) {
    throw usageError('evidence.old', `the evidence was written by respin ${evidence.respin}, which did not keep all that was asked`, { hint: 'its member "command" says what was typed: type that again' });
  }
  const seriesRead = await readRecordedSeries(ctx, folder, evidence);
  const { suites, tests, kselftests, append, memory, cpus, timeoutMs, autoConfig } = request;
  const config: string[] = [];
  for (const [index, { text }] of options.config.entries()) {
    const path = join(scratch, `${index}.config`);
    await ctx.effects.files.writeFile(path, text);
    config.push(path);
  }
  const { kernel, cwd, ...rest } = choices;
  return {
    ...rest,
    ...{ kernel: kernel ?? evidence.kernel.spec, kernelCwd: cwd, cwd, series: [], seriesRead, seriesVersion: undefined },
    profile: evidence.profile.name,
    tests: { suites, tests, kselftests, config, append, memory, cpus, qemuArgs: options.qemuArgs },
    ...{ repeat: options.repeat, timeoutMs, fresh: true, threeWay: false, autoConfig, keepGoing: false },
  };
}
