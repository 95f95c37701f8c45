import { basename, dirname, join, parse } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, hostError } from '../errors.js';
import { packageRoot } from '../host/package-root.js';
import type { SuiteProgram } from '../model.js';
import { readPlainFile } from '../store/plain-file.js';
import { compile, ROOM, type CompiledProgram, type CompileTools, type ProgramFailed, type Recipe } from './compile.js';

const KSELFTESTS = 'tools/testing/selftests';
/** How many compilers run at once. */
const AT_ONCE = 2;
/** Static, because the guest has no libraries; `-MD` so that what was read is known. */
const FLAGS: readonly string[] = ['-O2', '-g0', '-std=gnu11', '-Wall', '-Wextra', '-static', '-MD'];

export type ProgramsOutcome =
  | {
      readonly kind: 'compiled';
      /** One for each program of the suite, in order; undefined for a selftest that this tree does not have. */
      readonly programs: readonly (CompiledProgram | undefined)[];
    }
  | ProgramFailed;

/** A probe: one C file, with kselftest.h of the tree under test and probe.h of respin in reach. */
function sourceRecipe(tree: string, name: string, source: string, bits: 32 | 64): Recipe {
  const probes = join(packageRoot(), 'rootfs', 'probes');
  return {
    name,
    product: name,
    folder: dirname(source),
    inputs: [],
    mounts: [
      { host: tree, at: ROOM.tree, access: 'read' },
      { host: probes, at: ROOM.probes, access: 'read' },
      ...(source.startsWith(`${probes}/`) ? [] : [{ host: dirname(source), at: ROOM.source, access: 'read' } as const]),
    ],
    command: (room, out) => ({
      file: 'gcc',
      args: [
        ...FLAGS,
        ...(bits === 32 ? ['-m32'] : []),
        ...['-I', room.path(join(tree, KSELFTESTS))],
        ...['-I', room.path(probes)],
        ...['-MF', `${out}/${name}.d`],
        ...['-o', `${out}/${name}`],
        room.path(source),
        '-lrt',
        '-pthread',
      ],
    }),
  };
}

/** A kselftest of the tree, by its own Makefile, which writes to OUTPUT alone. */
function kselftestRecipe(tree: string, name: string, target: string, program: string): Recipe {
  return {
    name,
    product: program,
    folder: join(tree, KSELFTESTS, target),
    inputs: [join(tree, KSELFTESTS, target, 'Makefile'), join(tree, KSELFTESTS, 'lib.mk')],
    mounts: [{ host: tree, at: ROOM.tree, access: 'read' }],
    command: (room, out) => ({
      file: 'make',
      args: [
        '-s',
        ...['-C', room.path(join(tree, KSELFTESTS, target))],
        `OUTPUT=${out}`,
        'CC=gcc',
        'USERCFLAGS=-MD',
        'USERLDFLAGS=-static',
        `${out}/${program}`,
      ],
    }),
  };
}

function recipeOf(tree: string, { name, from, bits }: SuiteProgram): Recipe {
  return from.kind === 'source' ? sourceRecipe(tree, name, from.path, bits) : kselftestRecipe(tree, name, from.target, from.program);
}

/** Where the C library of 32-bit programs has its first object file. */
const CRT1_32: readonly string[] = ['/usr/lib32/crt1.o', '/usr/lib/i386-linux-gnu/crt1.o'];

/** A 32-bit program that does not compile on a host without the library for it is no fault of anybody's code. */
async function refuseWithout32(ctx: Context, programs: readonly SuiteProgram[], failed: ProgramFailed): Promise<void> {
  if (programs.find(({ name }) => name === failed.name)?.bits !== 32) return;
  const there = await Promise.all(CRT1_32.map((path) => ctx.effects.files.access(path).then(() => true, () => false)));
  if (there.includes(true)) return;
  throw hostError('libc.no-32-bit', `${failed.name} is a 32-bit program, and this host has no 32-bit C library`, {
    output: failed.output.join('\n'),
    hint: 'apt-get install gcc-multilib',
  });
}

/** Whether the tree has something that a selftest of this name is made from. A patch of a series may bring it. */
async function isInTree(ctx: Context, tree: string, { from }: SuiteProgram): Promise<boolean> {
  if (from.kind !== 'kselftest') return true;
  try {
    const names = await ctx.effects.files.readdir(join(tree, KSELFTESTS, from.target));
    return names.some((name) => name === from.program || parse(name).name === from.program);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * Compiles the programs of a suite against the tree as it is now, without writing to it. The first that does not compile
 * is the outcome.
 * @param tree folder of the kernel's sources
 * @throws HarnessError as `compile`
 */
export async function compilePrograms(
  ctx: Context,
  tools: CompileTools,
  tree: string,
  programs: readonly SuiteProgram[],
): Promise<ProgramsOutcome> {
  const made: (CompiledProgram | ProgramFailed | undefined)[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < programs.length; index = next++) {
      const program = programs[index];
      if (program) made[index] = (await isInTree(ctx, tree, program)) ? await compile(ctx, tools, recipeOf(tree, program)) : undefined;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const failed = made.find((one): one is ProgramFailed => one !== undefined && 'kind' in one);
  if (failed) await refuseWithout32(ctx, programs, failed);
  return failed ?? { kind: 'compiled', programs: made.map((one) => (one === undefined || 'kind' in one ? undefined : one)) };
}

/**
 * The runner of the guest, which is respin's own and does not come from the tree.
 * @throws HarnessError `host` `runner.compile` when the compiler refuses it, which is no fault of a series
 */
export async function compileRunner(ctx: Context, tools: CompileTools): Promise<CompiledProgram> {
  const source = join(packageRoot(), 'rootfs', 'guest', 'runner.c');
  const recipe: Recipe = {
    name: 'runner',
    product: 'runner',
    folder: dirname(source),
    inputs: [],
    mounts: [{ host: dirname(source), at: ROOM.source, access: 'read' }],
    command: (room, out) => ({
      file: 'gcc',
      args: [...FLAGS, '-Werror', '-MF', `${out}/runner.d`, '-o', `${out}/runner`, room.path(source)],
    }),
  };
  return orHostError(await compile(ctx, tools, recipe), "respin's own guest runner");
}

/**
 * The kernel's program that writes initramfs archives, from the tree. It is run in the sandbox too.
 * @throws HarnessError `host` `runner.compile` when the compiler refuses it
 */
export async function compileGenInitCpio(ctx: Context, tools: CompileTools, tree: string): Promise<CompiledProgram> {
  const source = join(tree, 'usr', 'gen_init_cpio.c');
  const product = basename(source, '.c');
  const recipe: Recipe = {
    name: product,
    product,
    folder: dirname(source),
    inputs: [],
    mounts: [{ host: dirname(source), at: ROOM.source, access: 'read' }],
    command: (room, out) => ({
      file: 'gcc',
      args: ['-O2', '-MD', '-MF', `${out}/${product}.d`, '-o', `${out}/${product}`, room.path(source)],
    }),
  };
  return orHostError(await compile(ctx, tools, recipe), 'usr/gen_init_cpio.c of the tree');
}

function orHostError(made: CompiledProgram | ProgramFailed, what: string): CompiledProgram {
  if (!('kind' in made)) return made;
  throw hostError('runner.compile', `${what} does not compile: ${made.output.at(-1) ?? 'gcc says nothing'}`, {
    output: made.output.join('\n'),
    hint: 'a static C library is needed: apt-get install gcc libc6-dev',
  });
}

/**
 * The Kconfig fragments that the kselftests among these programs ask for: `config` of their targets, each once.
 * @param tree folder of the kernel's sources
 */
export async function kselftestFragments(
  ctx: Context,
  tree: string,
  programs: readonly SuiteProgram[],
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const targets = [...new Set(programs.flatMap(({ from }) => (from.kind === 'kselftest' ? [from.target] : [])))];
  const fragments = await Promise.all(
    targets.map(async (target) => {
      const name = `${KSELFTESTS}/${target}/config`;
      try {
        return { name, text: (await readPlainFile(ctx.effects, join(tree, name))).toString('utf8') };
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    }),
  );
  return fragments.filter((fragment) => fragment !== undefined);
}
