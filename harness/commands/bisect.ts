import { resolve } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { expandHome } from '../kernel/source-paths.js';
import { bisect, type CommitsRequest } from '../pipeline.js';
import type { JudgeRequest } from '../request.js';
import { pathAt } from '../own-tests.js';
import { parseSeriesForm } from '../series/forms.js';
import { withSession } from '../session.js';
import { isInlineConfig } from '../spec/inline-config.js';
import type { SymptomRequest } from '../verdict/symptom.js';
import { onlyFault, partTests } from './fault-options.js';
import { judgeRequests } from './judge-options.js';
import { finish, reportRequest } from './reports.js';

const optionsSchema = z.object({
  test: z.array(z.string()).default([]),
  finding: z.string().optional(),
  build: z.boolean().default(false),
  boot: z.boolean().default(false),
  fixed: z.boolean().default(false),
  confidence: z.string(),
  kernel: z.string().optional(),
  firstParent: z.boolean().default(false),
  jobs: z.string().default('1'),
  configGood: z.string().optional(),
  configBad: z.string().optional(),
});

/** @throws HarnessError `usage` `bisect.symptom` when two things are asked for at once */
function symptomIn({ test, finding, build, boot }: Pick<z.infer<typeof optionsSchema>, 'finding' | 'build' | 'boot'> & { readonly test: string | undefined }): SymptomRequest | undefined {
  const asked: readonly SymptomRequest[] = [
    ...(test === undefined ? [] : [{ kind: 'test', name: test } as const]),
    ...(finding === undefined ? [] : [{ kind: 'finding', text: finding } as const]),
    ...(build ? [{ kind: 'build' } as const] : []),
    ...(boot ? [{ kind: 'boot' } as const] : []),
  ];
  return onlyFault(asked, 'what the ends differ in');
}

/** @throws HarnessError `usage` `bisect.confidence` */
function confidenceIn(text: string): number {
  const value = Number(text);
  if (/^0?\.\d{1,9}$/.test(text) && value >= 0.5) return value;
  throw usageError('bisect.confidence', `--confidence ${text} is none; expected a number from 0.5 to below 1, such as 0.99`);
}

/** Each beside the first is a copy of the kernel tree. */
const MOST_JOBS = 8;

/** @throws HarnessError `usage` `bisect.jobs` */
function jobsIn(text: string): number {
  if (/^[1-9]\d?$/.test(text) && Number(text) <= MOST_JOBS) return Number(text);
  throw usageError('bisect.jobs', `--jobs ${text} is none; expected a number from 1 to ${MOST_JOBS}: so many points are looked at at once`);
}

/** Commits are searched by git; with a kernel of its own they are a series like any other. */
function commitsIn(ctx: Context, request: JudgeRequest, { kernel, firstParent }: Pick<z.infer<typeof optionsSchema>, 'kernel' | 'firstParent'>): CommitsRequest | undefined {
  const [text, ...more] = request.series;
  const form = text?.startsWith('git:') && more.length === 0 && kernel === undefined ? parseSeriesForm(text) : undefined;
  if (form?.kind !== 'git') {
    if (!firstParent) return undefined;
    throw usageError('bisect.first-parent', '--first-parent is for commits of a repository', { hint: 'for example: respin bisect git:.#v6.12..HEAD --first-parent' });
  }
  const location = resolve(request.cwd, expandHome(form.location, ctx.effects.env));
  return { location, older: form.base, newer: form.tip, firstParent };
}

/**
 * Two configurations of which the options are searched.
 * @throws HarnessError `usage` `bisect.config` for one without the other, or with an option that goes with changes of code
 */
function configsIn(ctx: Context, { configGood, configBad, fixed, firstParent }: Omit<z.infer<typeof optionsSchema>, 'test'>): { readonly good: string; readonly bad: string } | undefined {
  if (configGood === undefined && configBad === undefined) return undefined;
  const hint = 'for example: respin bisect --config-good a.config --config-bad b.config --kselftest ipc --test ipc.msgque';
  if (configGood === undefined || configBad === undefined) {
    throw usageError('bisect.config', `--config-${configGood === undefined ? 'bad' : 'good'} needs --config-${configGood === undefined ? 'good' : 'bad'} beside it`, { hint });
  }
  if (fixed) throw usageError('bisect.config', '--fixed is for changes of code; of two configurations, exchange the two', { hint });
  if (firstParent) throw usageError('bisect.config', '--first-parent is for commits of a repository', { hint });
  const at = (text: string): string => (isInlineConfig(text) ? text : pathAt(process.cwd(), ctx.effects.env['HOME'], text));
  return { good: at(configGood), bad: at(configBad) };
}

/** `respin bisect`: searches the patch that breaks, or fixes, and returns 0 when it is found, 125 when it cannot be. */
export async function bisectCommand(series: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const { test, ...own } = optionsSchema.parse(options);
  const { text, exitCode } = await withSession(async (ctx) => {
    const { paths, name } = await partTests(ctx, test);
    const search = { symptom: symptomIn({ ...own, test: name }), fixed: own.fixed, confidence: confidenceIn(own.confidence), jobs: jobsIn(own.jobs) };
    const configs = configsIn(ctx, own);
    const [request, ...more] = await judgeRequests(ctx, series, { ...options, test: paths }, { kernelAlone: configs !== undefined && series.length === 0 });
    if (!request || more.length > 0) throw usageError('bisect.profiles', 'a bisection is of one profile', { hint: 'name it with --profile' });
    const commits = configs === undefined ? commitsIn(ctx, request, own) : undefined;
    if (search.jobs > 1 && (commits ?? configs) !== undefined) {
      throw usageError('bisect.jobs', `--jobs is for the patches of a series: ${commits ? 'git bisect looks at one commit after the other' : 'each set of options depends on what the last one showed'}`, {
        hint: 'leave it out; each build uses all processors',
      });
    }
    const wanted = await reportRequest(ctx, options);
    const testless = search.symptom !== undefined && search.symptom.kind !== 'test';
    const bisected = await bisect(ctx, { ...request, ...search, commits, configs, testless, series: commits === undefined ? request.series : [] });
    return finish(ctx, bisected, wanted, options);
  });
  process.stdout.write(text);
  return exitCode;
}
