import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Context } from '../context.js';
import { errnoOf, messageOf, usageError } from '../errors.js';
import type { Suite, SuiteProgram } from '../model.js';
import { canonicalJson } from '../store/digest.js';
import { parseDuration } from './duration.js';
import { choices } from './nearest.js';
import { findProfile } from './profile.js';
import { describeIssues } from './schema.js';

const NAME = /^[\w][\w.-]{0,63}$/;

const testName = z.string().min(1).max(200);

const programSchema = z
  .strictObject({
    name: z.string().regex(NAME, 'expected a name of letters, digits, "_", "." and "-", such as semundo_read'),
    source: z.string().optional(),
    kselftest: z
      .string()
      .regex(/^[\w./-]+:[\w.-]+$/, 'expected TARGET:PROGRAM, such as ipc:msgque')
      .optional(),
    judge: z.enum(['exit', 'ktap']),
    timeout: z.union([z.string(), z.number()]).default('30s'),
    tests: z
      .union([z.array(testName), z.record(testName, z.string().trim().min(1))], 'expected a list of names, or names with what each proves')
      .default([]),
    absent: z.enum(['fail', 'skip']).default('fail'),
    bits: z.union([z.literal(32), z.literal(64)], 'expected 32 or 64').default(64),
    profiles: z.array(z.string()).min(1).optional(),
  })
  .refine((program) => (program.source === undefined) !== (program.kselftest === undefined), {
    message: 'expected either "source: FILE.c" or "kselftest: TARGET:PROGRAM"',
  });

const suiteSchema = z.strictObject({
  name: z.string().regex(NAME),
  description: z.string(),
  config: z.string().default(''),
  /** Suites beside this file whose programs are run too, and are skipped where their interface is absent. */
  include: z.array(z.string().regex(NAME)).default([]),
  programs: z.array(programSchema).min(1, 'expected at least one program: a suite without tests proves nothing'),
});

function programOf(raw: z.infer<typeof programSchema>, folder: string): SuiteProgram {
  const [target = '', program = ''] = (raw.kselftest ?? '').split(':');
  return {
    name: raw.name,
    from:
      raw.source === undefined
        ? { kind: 'kselftest', target, program }
        : { kind: 'source', path: resolve(folder, raw.source) },
    judge: raw.judge,
    timeoutMs: parseDuration(String(raw.timeout)),
    tests: Array.isArray(raw.tests) ? raw.tests : Object.keys(raw.tests),
    meanings: Array.isArray(raw.tests) ? {} : raw.tests,
    absent: raw.absent,
    bits: raw.bits,
    profiles: raw.profiles?.map((profile) => findProfile(profile).name),
  };
}

/** Two of one name would make two results of one name. */
function refuseTwice(path: string, what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError('suite.invalid', `${path}: ${what} "${twice}" is there twice`, { hint: 'give each its own name' });
}

/**
 * Reads a suite file.
 * @throws HarnessError `usage` `suite.invalid` naming the place, what was expected and what to change
 */
export async function readSuite(ctx: Context, path: string, isIncluded = false): Promise<Suite> {
  let raw: unknown;
  try {
    raw = parse(await ctx.effects.files.readFile(path, 'utf8'));
  } catch (thrown) {
    throw usageError('suite.invalid', `${path}: not readable as YAML: ${messageOf(thrown)}`, { cause: thrown });
  }
  const parsed = suiteSchema.safeParse(raw);
  if (!parsed.success) {
    throw usageError('suite.invalid', `${path}: ${describeIssues(parsed.error, suiteSchema)}`, {
      hint: 'rootfs/suites/semundo.yaml is an example that works',
    });
  }
  const { name, description, config, include } = parsed.data;
  const programs = parsed.data.programs.map((program) => programOf(program, dirname(path)));
  refuseTwice(path, 'the program', programs.map((program) => program.name));
  refuseTwice(path, 'the test', programs.flatMap(testNames));
  const own: Suite = { name, description, config, programs };
  if (include.length === 0) return own;
  if (isIncluded) throw usageError('suite.invalid', `${path}: it is included by another suite and includes others itself`);
  const others = await Promise.all(include.map((other) => readSuite(ctx, join(dirname(path), `${other}.yaml`), true)));
  const guests = others.map((suite) => ({ ...suite, programs: suite.programs.flatMap((program) => asGuest(program, own)) }));
  return { ...mergeSuites([own, ...guests]), name, description };
}

/** A program of an included suite: skipped where its interface is absent, and left out where the suite has it itself. */
function asGuest(program: SuiteProgram, host: Suite): readonly SuiteProgram[] {
  if (host.programs.some(({ name }) => name === program.name)) return [];
  return [program.from.kind === 'source' ? { ...program, absent: 'skip' } : program];
}

/**
 * Several suites as one, for series that are judged together. A program that two of them have in common runs once.
 * @throws HarnessError `usage` `suite.invalid` when two different programs or tests have one name
 */
export function mergeSuites(suites: readonly Suite[]): Suite {
  const programs = new Map<string, SuiteProgram>();
  for (const program of suites.flatMap((suite) => suite.programs)) programs.set(canonicalJson(program), program);
  const merged = [...programs.values()];
  const name = suites.map((suite) => suite.name).join('+');
  refuseTwice(name, 'the program', merged.map((program) => program.name));
  refuseTwice(name, 'the test', merged.flatMap(testNames));
  return {
    name,
    description: suites.map((suite) => suite.description).join('; '),
    config: suites.map((suite) => suite.config).join('\n'),
    programs: merged,
  };
}

/** The names under which a program's results are reported. */
export function testNames({ name, judge, tests }: SuiteProgram): readonly string[] {
  return judge === 'exit' || tests.length === 0 ? [name] : tests;
}

/**
 * The suite as it is run in a profile, and the programs left out because they are for other profiles only.
 * @throws HarnessError `usage` `suite.profile` when none is left
 */
export function suiteIn(suite: Suite, profile: string): { readonly suite: Suite; readonly left: readonly SuiteProgram[] } {
  const left = suite.programs.filter(({ profiles }) => profiles !== undefined && !profiles.includes(profile));
  const programs = suite.programs.filter((program) => !left.includes(program));
  if (programs.length > 0) return { suite: { ...suite, programs }, left };
  const profiles = [...new Set(left.flatMap((program) => program.profiles ?? []))].join(', ');
  throw usageError('suite.profile', `no program of the suite ${suite.name} is for profile ${profile}`, { hint: `they are for: ${profiles}` });
}

/** Every suite that ships with respin. */
export async function listSuites(ctx: Context, packageRoot: string): Promise<readonly Suite[]> {
  const folder = join(packageRoot, 'rootfs', 'suites');
  const files = (await ctx.effects.files.readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  return Promise.all(files.map((file) => readSuite(ctx, join(folder, file))));
}

/**
 * The shipped suite of this name.
 * @throws HarnessError `usage` `suite.unknown`, with the valid names
 */
export async function findSuite(ctx: Context, packageRoot: string, name: string): Promise<Suite> {
  const folder = join(packageRoot, 'rootfs', 'suites');
  const path = join(folder, `${name}.yaml`);
  if (NAME.test(name)) {
    try {
      await ctx.effects.files.access(path);
      return await readSuite(ctx, path);
    } catch (thrown) {
      if (errnoOf(thrown) !== 'ENOENT') throw thrown;
    }
  }
  const names = (await ctx.effects.files.readdir(folder)).filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -5));
  throw usageError('suite.unknown', `there is no suite "${name}"`, { hint: choices(name, names) });
}
