import { z } from 'zod';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { findGitDirAbove, resolveRef } from '../kernel/source-git.js';
import { judgeStep } from '../pipeline.js';
import { withSession } from '../session.js';
import { parseKernelSpec } from '../spec/kernel-spec.js';
import type { StepFault } from '../verdict/step.js';
import { onlyFault, partTests } from './fault-options.js';
import { judgeRequests } from './judge-options.js';
import { finish, reportRequest } from './reports.js';

const optionsSchema = z.object({
  test: z.array(z.string()).default([]),
  finding: z.string().optional(),
  build: z.union([z.boolean(), z.string()]).optional(),
  boot: z.union([z.boolean(), z.string()]).optional(),
  known: z.array(z.string()).default([]),
  kernel: z.string().optional(),
});

type Options = z.output<typeof optionsSchema>;

/** What counts as bad: one of the tests that are asked for, where nothing is named. */
function faultIn({ finding, build, boot }: Options, name: string | undefined): StepFault {
  const textOf = (value: boolean | string): string | undefined => (typeof value === 'string' ? value : undefined);
  const asked: readonly StepFault[] = [
    ...(name === undefined ? [] : [{ kind: 'test', name } as const]),
    ...(finding === undefined ? [] : [{ kind: 'finding', text: finding } as const]),
    ...(build === undefined || build === false ? [] : [{ kind: 'build', text: textOf(build) } as const]),
    ...(boot === undefined || boot === false ? [] : [{ kind: 'boot', text: textOf(boot) } as const]),
  ];
  return onlyFault(asked, 'any of the tests that are asked for') ?? { kind: 'test', name: undefined };
}

/**
 * The kernel of this step: what is checked out here, or, where `git bisect start --no-checkout` is at work, what it would
 * check out. A `respin.yaml` has no say in it: every step would be the same kernel.
 * @throws HarnessError `usage` `step.kernel` for one that does not change from step to step
 */
async function kernelOf(ctx: Context, typed: string | undefined): Promise<string> {
  if (typed !== undefined) {
    const { kind } = parseKernelSpec(typed);
    if (kind === 'git' || kind === 'directory') return typed;
    throw usageError('step.kernel', `--kernel ${typed} is the same kernel at every step of a bisection`, {
      hint: 'leave it out for what is checked out here, or name it: --kernel git:PATH#HEAD, or --kernel dir:PATH for the files as they are',
    });
  }
  const gitDir = await findGitDirAbove(ctx, process.cwd());
  const isElsewhere = gitDir !== undefined && (await resolveRef(ctx, gitDir, 'BISECT_HEAD')) !== undefined;
  return `git:.#${isElsewhere ? 'BISECT_HEAD' : 'HEAD'}`;
}

/** `respin run --bisect`: one step of `git bisect run`; returns 0, 1 or 125 as git wants them. */
export async function stepCommand(series: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  if (series.length > 0) {
    throw usageError('step.series', `run --bisect judges the kernel that git checked out, without a series; it was given ${series.join(' ')}`, {
      hint: 'leave it out; to find the patch of a series, call: respin bisect SERIES',
    });
  }
  const own = optionsSchema.parse(options);
  const { text, exitCode } = await withSession(async (ctx) => {
    const { paths, name } = await partTests(ctx, own.test);
    const fault = faultIn(own, name);
    const kernel = await kernelOf(ctx, own.kernel);
    const [request, ...more] = await judgeRequests(ctx, [], { ...options, kernel, test: paths }, { kernelAlone: true });
    if (!request || more.length > 0) throw usageError('bisect.profiles', 'a bisection is of one profile', { hint: 'name it with --profile' });
    const wanted = await reportRequest(ctx, options);
    return finish(ctx, await judgeStep(ctx, { ...request, fault, known: own.known, testless: fault.kind !== 'test' }), wanted, options);
  });
  process.stdout.write(text);
  return exitCode;
}
