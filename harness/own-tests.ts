import { join, resolve } from 'node:path';
import type { Context } from './context.js';
import { errnoOf, messageOf, usageError } from './errors.js';
import { checkProgramFiles, kselftestProgram, readTests } from './guest/program-file.js';
import type { Fragment } from './kernel/kconfig.js';
import type { MachineWish, Series, Suite } from './model.js';
import { parseCommandLine } from './spec/command-line.js';
import { checkFragment, isInlineConfig } from './spec/inline-config.js';
import { checkQemuArgs } from './spec/machine.js';
import { parseCpus, parseMemory } from './spec/memory.js';
import { findSuite, listSuites, mergeSuites } from './spec/suite.js';

/** What a request says of tests and of the machine to run them on, as it was typed. Paths are absolute. */
export interface TestRequest {
  /** Names of shipped suites, or paths of suite files; none for those that the series names. */
  readonly suites: readonly string[];
  /** Paths of `--test`. */
  readonly tests: readonly string[];
  /** `TARGET` or `TARGET:PROGRAM`. */
  readonly kselftests: readonly string[];
  /** Paths of fragments, or `CONFIG_FOO=y`. */
  readonly config: readonly string[];
  /** Texts for the kernel command line. */
  readonly append: readonly string[];
  readonly memory: string | undefined;
  readonly cpus: string | undefined;
  readonly qemuArgs: readonly string[];
}

/** The machine that the command line asks for. */
export interface UserMachine extends MachineWish {
  readonly qemuArgs: readonly string[];
}

/** @throws HarnessError `usage` for a size, a number, a word or an argument that cannot be */
export function userMachine({ memory, cpus, append, qemuArgs }: TestRequest): UserMachine {
  return {
    memoryMiB: memory === undefined ? undefined : parseMemory(memory),
    cpus: cpus === undefined ? undefined : parseCpus(cpus),
    append: append.flatMap(parseCommandLine),
    qemuArgs: checkQemuArgs(qemuArgs),
  };
}

/** The files of `--config` have to fit on a screen or some. */
const MAX_FRAGMENT_BYTES = 1024 * 1024;

/** @throws HarnessError `usage` `config.file`, `config.fragment`, `config.needed` */
export async function userFragments(ctx: Context, { config }: Pick<TestRequest, 'config'>, asked = '--config'): Promise<readonly Fragment[]> {
  return Promise.all(
    config.map(async (text): Promise<Fragment> => {
      const name = `${asked} ${text}`;
      if (isInlineConfig(text)) return { name, text: checkFragment(name, text) };
      try {
        const { size } = await ctx.effects.files.stat(text);
        if (size > MAX_FRAGMENT_BYTES) throw usageError('config.file', `${name}: it has ${size} bytes; expected at most ${MAX_FRAGMENT_BYTES}`);
        return { name, text: checkFragment(text, await ctx.effects.files.readFile(text, 'utf8')) };
      } catch (thrown) {
        if (errnoOf(thrown) === undefined || thrown instanceof TypeError) throw thrown;
        if (!['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(errnoOf(thrown) ?? '')) throw thrown;
        throw usageError('config.file', `${name} cannot be read: ${messageOf(thrown)}`, { cause: thrown, hint: 'expected a file of CONFIG_FOO=y lines, or one such line: --config CONFIG_FOO=y' });
      }
    }),
  );
}

/** The tests of `--test` and `--kselftest` as a suite; undefined without any. */
async function ownSuite(ctx: Context, request: TestRequest): Promise<Suite | undefined> {
  const read = await Promise.all(request.tests.map((path) => readTests(ctx, path)));
  const kselftests = [...new Set(request.kselftests)].map(kselftestProgram);
  const programs = [...read.flat(), ...kselftests];
  if (programs.length === 0) return undefined;
  const names = programs.map(({ name }) => name);
  const name = names.length <= 3 ? names.join('+') : `${names.slice(0, 2).join('+')}+${names.length - 2}-more`;
  return mergeSuites([{ name, description: 'named on the command line', config: '', machine: { append: [] }, programs }]);
}

/** Every suite that the request names, and no other: undefined when it names none. */
async function namedSuites(ctx: Context, request: TestRequest, packageRoot: string): Promise<Suite | undefined> {
  const suites = await Promise.all(request.suites.map((name) => findSuite(ctx, packageRoot, name)));
  const own = await ownSuite(ctx, request);
  const all = [...suites, ...(own ? [own] : [])];
  return all.length === 0 ? undefined : mergeSuites(all);
}

/**
 * Everything that can be known of the tests of a request before there is a series or a kernel.
 * @throws HarnessError `usage` for what is wrong with a suite, a test, a fragment or the machine
 */
export async function checkTests(ctx: Context, request: TestRequest, packageRoot: string): Promise<void> {
  userMachine(request);
  await userFragments(ctx, request);
  const suite = await namedSuites(ctx, request, packageRoot);
  if (suite) await checkProgramFiles(ctx, suite);
}

/** What is booted when only the build, the boot or a report of the kernel is looked at. */
const NO_TESTS: Suite = { name: 'no tests', description: 'the kernel boots and ends', config: '', machine: { append: [] }, programs: [] };

/**
 * The suite that judges: what the request names, or else what the series names.
 * @param testless whether none will do as well
 * @throws HarnessError `usage` `suite.none`, `suite.unknown`, `suite.invalid`, `test.file`
 */
export async function readSuites(ctx: Context, request: TestRequest, series: Series, { packageRoot, testless }: { readonly packageRoot: string; readonly testless: boolean }): Promise<Suite> {
  // What there is to tell of them was told when they were checked.
  const named = await namedSuites({ ...ctx, progress: () => undefined }, request, packageRoot);
  if (named) return named;
  if (series.suites.length > 0) return mergeSuites(await Promise.all(series.suites.map((name) => findSuite(ctx, packageRoot, name))));
  if (testless) return NO_TESTS;
  const known = (await listSuites(ctx, packageRoot)).map((suite) => suite.name);
  throw usageError('suite.none', `the series ${series.name} names no suite to judge it with`, {
    hint: `name tests with --kselftest TARGET, --test FILE or --suite; there is: ${known.join(', ')}`,
  });
}

/** An absolute path of what was typed, without what only a shell expands. */
export function pathAt(cwd: string, home: string | undefined, path: string): string {
  return path.startsWith('~/') && home !== undefined && home !== '' ? join(home, path.slice(2)) : resolve(cwd, path);
}
