import { z } from 'zod';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { packageRoot, respinVersion } from '../host/package-root.js';
import { pathAt } from '../own-tests.js';
import type { JudgeRequest } from '../request.js';
import { parseSeriesForm } from '../series/forms.js';
import { parseDuration } from '../spec/duration.js';
import { isInlineConfig } from '../spec/inline-config.js';
import { findRequestFile, type FoundRequest } from '../spec/request-file.js';
import { isSuitePath } from '../spec/suite.js';
import { accelSchema, sandboxSchema } from './options.js';
import type { Printed } from './reports.js';

/** What is judged when the user names no series, and no file does: what `npm start` runs. */
const MAIN_JOB = ['semundo-v2', 'next-id-v2'];
export const DEFAULT_KERNEL = '6.12';
const DEFAULT_PROFILE = 'plain';
/** Every one of them is a boot of seconds. */
const MOST_BOOTS = 1000;

/** `--config auto` */
const AUTO = 'auto';

const words = z.array(z.string()).default([]);

const optionsSchema = z.object({
  kernel: z.string().optional(),
  profile: z.string().optional(),
  suite: words,
  test: words,
  kselftest: words,
  config: words,
  append: words,
  memory: z.string().optional(),
  smp: z.string().optional(),
  qemuArg: words,
  repeat: z.string().optional(),
  version: z.string().optional(),
  out: z.string().optional(),
  json: z.boolean().default(false),
  fresh: z.boolean().default(false),
  '3way': z.boolean().default(false),
  accel: accelSchema.default('auto'),
  sandbox: sandboxSchema.default('auto'),
  timeout: z.string().optional(),
  keepGoing: z.boolean().default(false),
});

/** What `--version` says. @throws HarnessError `usage` `series.version` */
export function versionNumber(value: string): number {
  const digits = /^v?([1-9]\d{0,2})$/.exec(value)?.[1];
  if (digits !== undefined) return Number(digits);
  throw usageError('series.version', `--version ${value} is no version of a series; expected the N of [PATCH vN], such as 3`);
}

type Options = z.output<typeof optionsSchema>;

/** Where a value was written, and so what its relative paths are relative to. */
interface Place {
  readonly values: readonly string[];
  readonly folder: string;
}

/** What the command line says, or else what the file says. */
function choose(typed: readonly string[], cwd: string, file: FoundRequest | undefined, written: readonly string[] | undefined): Place {
  if (typed.length > 0 || file === undefined) return { values: typed, folder: cwd };
  return { values: written ?? [], folder: file.folder };
}

/** @throws HarnessError `usage` `repeat.invalid` */
function parseRepeat(text: string): number {
  const times = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (times >= 1 && times <= MOST_BOOTS) return times;
  throw usageError('repeat.invalid', `--repeat ${text.slice(0, 80)} is no number of boots: expected from 1 to ${MOST_BOOTS}`, { hint: 'write it like --repeat 5' });
}

/** The tests that are asked for: those of the command line, or else all that the file has; the two are never mixed. */
function testPlaces(options: Options, cwd: string, file: FoundRequest | undefined): Readonly<Record<'suites' | 'tests' | 'kselftests', Place>> {
  const isTyped = options.suite.length + options.test.length + options.kselftest.length > 0;
  const from = isTyped ? undefined : file;
  return {
    suites: choose(options.suite, cwd, from, from?.request.suites),
    tests: choose(options.test, cwd, from, from?.request.tests),
    kselftests: choose(options.kselftest, cwd, from, from?.request.kselftests),
  };
}

function seriesPlace(series: readonly string[], cwd: string, file: FoundRequest | undefined): Place {
  const place = choose(series, cwd, file, file?.request.series);
  if (place.values.length > 0) return place;
  if (file === undefined) return { values: MAIN_JOB, folder: cwd };
  throw usageError('series.none', `${file.path} names no series`, { hint: 'name one under "series:", such as git:.#v6.12..HEAD, or on the command line' });
}

/** The kernel that is named; else, for commits of a repository, what they are on. */
function kernelPlace(typed: string | undefined, cwd: string, file: FoundRequest | undefined, series: Place): Place {
  if (typed !== undefined) return { values: [typed], folder: cwd };
  if (file?.request.kernel !== undefined) return { values: [file.request.kernel], folder: file.folder };
  const below = kernelBelow(series.values);
  return below === undefined ? { values: [DEFAULT_KERNEL], folder: cwd } : { values: [below], folder: series.folder };
}

/** What commits of a repository are on, when they are the first of these series. */
export function kernelBelow([first]: readonly string[]): string | undefined {
  const form = first?.startsWith('git:') ? parseSeriesForm(first) : undefined;
  return form?.kind === 'git' ? `git:${form.location}#${form.base}` : undefined;
}

/**
 * What the options that the judging commands have in common ask for, with a respin.yaml of this folder or one above for
 * what they leave open: one request for each profile.
 * @param kernelAlone for the kernel itself, without a series
 * @throws HarnessError `usage` for a value that cannot be, or a file that has one
 */
export async function judgeRequests(
  ctx: Context,
  series: readonly string[],
  rawOptions: Readonly<Record<string, unknown>>,
  { cwd = process.cwd(), kernelAlone = false }: { readonly cwd?: string; readonly kernelAlone?: boolean } = {},
): Promise<readonly JudgeRequest[]> {
  const options = optionsSchema.parse(rawOptions);
  const home = ctx.effects.env['HOME'];
  const file = await findRequestFile(ctx, cwd);
  if (file) ctx.progress({ type: 'notice', level: 'info', text: `read ${file.path}` });
  const written = file?.request;
  const profiles = options.profile === undefined ? (written?.profiles ?? [DEFAULT_PROFILE]) : [options.profile];
  if (profiles.length > 1 && (options.json || options.out !== undefined)) {
    throw usageError('profile.several', `${file?.path ?? ''} names ${profiles.length} profiles, and ${options.json ? '--json' : '--out'} is for one`, { hint: `name one with --profile; there is: ${profiles.join(', ')}` });
  }
  const chosen = kernelAlone ? { values: [], folder: cwd } : seriesPlace(series, cwd, file);
  const kernel = kernelPlace(options.kernel, cwd, file, chosen);
  const { suites, tests, kselftests } = testPlaces(options, cwd, file);
  const config = choose(options.config, cwd, file, written?.config);
  const timeout = options.timeout ?? written?.timeout;
  const request: Omit<JudgeRequest, 'profile'> = {
    ...{ kernel: kernel.values[0] ?? DEFAULT_KERNEL, kernelCwd: kernel.folder, series: chosen.values, cwd: chosen.folder },
    tests: {
      suites: suites.values.map((name) => (isSuitePath(name) ? pathAt(suites.folder, home, name) : name)),
      tests: tests.values.map((path) => pathAt(tests.folder, home, path)),
      kselftests: kselftests.values,
      config: config.values.filter((value) => value !== AUTO).map((value) => (isInlineConfig(value) ? value : pathAt(config.folder, home, value))),
      append: choose(options.append, cwd, file, written?.append).values,
      memory: options.memory ?? written?.memory,
      cpus: options.smp ?? (written?.cpus === undefined ? undefined : String(written.cpus)),
      qemuArgs: choose(options.qemuArg, cwd, file, written?.['qemu-args']).values,
    },
    ...{ threeWay: options['3way'], autoConfig: config.values.includes(AUTO) },
    repeat: parseRepeat(options.repeat ?? String(written?.repeat ?? 1)),
    timeoutMs: timeout === undefined ? undefined : parseDuration(timeout),
    ...{ fresh: options.fresh, keepGoing: options.keepGoing, accelerator: options.accel, sandbox: options.sandbox },
    seriesVersion: options.version === undefined ? undefined : versionNumber(options.version),
    out: options.out === undefined ? undefined : pathAt(cwd, home, options.out),
    ...{ packageRoot: packageRoot(), version: respinVersion(), command: ['respin', ...process.argv.slice(2)] },
  };
  return profiles.map((profile) => ({ ...request, profile }));
}

/** Carries out one request after the other; the exit code is that of the worst verdict. */
export async function judgeEach(requests: readonly JudgeRequest[], one: (request: JudgeRequest) => Promise<Printed>): Promise<number> {
  const codes: number[] = [];
  for (const request of requests) {
    const { text, exitCode } = await one(request);
    process.stdout.write(text);
    codes.push(exitCode);
  }
  return [1, 125].find((code) => codes.includes(code)) ?? 0;
}
