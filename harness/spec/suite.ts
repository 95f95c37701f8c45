import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, usageError } from '../errors.js';
import type { DeclaredFindings, Expectations, MachineWish, ProgramOrigin, Suite, SuiteProgram } from '../model.js';
import { canonicalJson } from '../store/digest.js';
import { parseCommandLine } from './command-line.js';
import { parseDuration } from './duration.js';
import { checkFragment } from './inline-config.js';
import { parseCpus, parseMemory } from './memory.js';
import { choices } from './nearest.js';
import { findProfile } from './profile.js';
import { SUITE_NAME, suiteSchema, type ProgramEntry, type SuiteFile } from './suite-schema.js';
import { readYaml } from './yaml.js';

/** Of a program that says nothing about it. */
const DEFAULT_TIMEOUT = '30s';

function originOf({ source, program, script, kselftest = '' }: ProgramEntry, folder: string): ProgramOrigin {
  if (source !== undefined) return { kind: 'source', path: resolve(folder, source) };
  if (program !== undefined) return { kind: 'static', path: resolve(folder, program) };
  if (script !== undefined) return { kind: 'script', path: resolve(folder, script) };
  const [target = '', one] = kselftest.split(':');
  return { kind: 'kselftest', target, program: one };
}

/** As the file that it comes from is named, where the suite does not name it. */
function nameOf(from: ProgramOrigin): string {
  const name = from.kind === 'kselftest' ? (from.program ?? from.target).replaceAll('/', '.') : basename(from.path, extname(from.path));
  return name.replace(/[^\w.-]/g, '_').replace(/^[.-]/, '_').slice(0, 64);
}

function expectationsOf(expect: ProgramEntry['expect']): Expectations {
  return Object.fromEntries(
    Object.entries(expect).map(([test, { fails, skips }]) => [test, fails === undefined ? { status: 'skip', reason: skips ?? '' } : { status: 'fail', reason: fails }]),
  );
}

function programOf(raw: ProgramEntry, folder: string): SuiteProgram {
  const from = originOf(raw, folder);
  const timeout = raw.timeout ?? (from.kind === 'kselftest' ? undefined : DEFAULT_TIMEOUT);
  return {
    name: raw.name ?? nameOf(from),
    from,
    judge: raw.judge,
    timeoutMs: timeout === undefined ? undefined : parseDuration(String(timeout)),
    args: raw.args,
    env: Object.entries(raw.env).map(([name, value]) => `${name}=${value}`),
    files: raw.files.map((file) =>
      typeof file === 'string' ? { path: resolve(folder, file), to: basename(file) } : { path: resolve(folder, file.from), to: file.to },
    ),
    tests: Array.isArray(raw.tests) ? raw.tests : Object.keys(raw.tests),
    meanings: Array.isArray(raw.tests) ? {} : raw.tests,
    expect: expectationsOf(raw.expect),
    findings: raw['expect findings'],
    absent: raw.absent,
    bits: raw.bits,
    profiles: raw.profiles?.map((profile) => findProfile(profile).name),
  };
}

function machineOf({ memory, cpus, append }: SuiteFile): MachineWish {
  return {
    memoryMiB: memory === undefined ? undefined : parseMemory(String(memory)),
    cpus: cpus === undefined ? undefined : parseCpus(String(cpus)),
    append: parseCommandLine(append),
  };
}

/** Two of one name would make two results of one name. */
function refuseTwice(path: string, what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError('suite.invalid', `${path}: ${what} "${twice}" is there twice`, { hint: 'give each its own name' });
}

const EXAMPLE = 'docs/suites.md of respin describes every key; rootfs/suites/semundo.yaml is an example that works';

/**
 * Reads a suite file.
 * @throws HarnessError `usage` `suite.invalid` naming the place, what was expected and what to change
 */
export async function readSuite(ctx: Context, path: string, isIncluded = false): Promise<Suite> {
  const file = await readYaml(ctx, { path, schema: suiteSchema, code: 'suite.invalid', example: EXAMPLE });
  const { name = nameOf({ kind: 'source', path }), description, include } = file;
  const config = checkFragment(`${path}, config`, file.config);
  const programs = file.programs.map((program) => programOf(program, dirname(path)));
  refuseTwice(path, 'the program', programs.map((program) => program.name));
  refuseTwice(path, 'the test', programs.flatMap(testNames));
  const own: Suite = { name, description, config, machine: machineOf(file), programs };
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
    machine: mergeWishes(suites.map((suite) => suite.machine)),
    programs: merged,
  };
}

/** A machine that is large enough for all. */
function mergeWishes(wishes: readonly MachineWish[]): MachineWish {
  const largest = (numbers: readonly (number | undefined)[]): number | undefined => {
    const given = numbers.filter((number) => number !== undefined);
    return given.length === 0 ? undefined : Math.max(...given);
  };
  return {
    memoryMiB: largest(wishes.map(({ memoryMiB }) => memoryMiB)),
    cpus: largest(wishes.map(({ cpus }) => cpus)),
    append: [...new Set(wishes.flatMap(({ append }) => append))],
  };
}

/** What is known of the tests of a suite, by the names under which they are reported (`harness/results/judge.ts`). */
export function expectationsIn({ programs }: Suite): Expectations {
  return Object.fromEntries(
    programs.flatMap(({ name, tests, expect }) =>
      Object.entries(expect).map(([test, expected]) => {
        const isReported = test === name || tests.includes(test) || test.startsWith(`${name}.`);
        return [isReported ? test : `${name}.${test}`, expected] as const;
      }),
    ),
  );
}

/** What the programs of a suite provoke on purpose. */
export function declaredFindings({ programs }: Suite): DeclaredFindings {
  return Object.assign({}, ...programs.map(({ findings }) => findings)) as DeclaredFindings;
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

/** Whether what was given for a suite is the path of a file: it has a `/`, or ends as YAML files do. */
export function isSuitePath(name: string): boolean {
  return name.includes('/') || /\.ya?ml$/.test(name);
}

/**
 * The suite of this path, or the shipped one of this name.
 * @param cwd what a relative path is relative to
 * @throws HarnessError `usage` `suite.unknown`, with the valid names; `suite.invalid`
 */
export async function findSuite(ctx: Context, packageRoot: string, name: string, cwd = '.'): Promise<Suite> {
  if (isSuitePath(name)) return readSuite(ctx, resolve(cwd, name));
  const folder = join(packageRoot, 'rootfs', 'suites');
  const path = join(folder, `${name}.yaml`);
  if (SUITE_NAME.test(name)) {
    try {
      await ctx.effects.files.access(path);
      return await readSuite(ctx, path);
    } catch (thrown) {
      if (errnoOf(thrown) !== 'ENOENT') throw thrown;
    }
  }
  const names = (await ctx.effects.files.readdir(folder)).filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -5));
  throw usageError('suite.unknown', `there is no suite "${name}"`, { hint: `${choices(name, names)}; a file of your own is named by a path with a "/", or by its ending .yaml` });
}
