import { isAbsolute, join } from 'node:path';
import type { Context } from '../context.js';
import { hostError, usageError } from '../errors.js';
import type { GuestProgram, LeftOut, ProgramFile, SuiteProgram } from '../model.js';
import { compile, type CompiledProgram, type CompileTools, type ProgramFailed, type Read } from './compile.js';
import {
  guestFolder,
  guestPath,
  hasProgram,
  hasTarget,
  keepFiles,
  listsMore,
  listTarget,
  SHARED_SCRIPTS,
  targetTimeout,
  upFrom,
  type KeptFile,
  type TargetLists,
} from './kselftest.js';
import { readInterpreter } from './program-file.js';
import { kselftestRecipe, sourceRecipe } from './recipes.js';

/** How many compilers run at once. */
const AT_ONCE = 2;

/** A file for the guest, with its place on the host. */
export interface PackedFile {
  readonly guestPath: string;
  /** On the host. */
  readonly path: string;
  readonly mode: '0644' | '0755';
}

/** A program for the guest, with everything that must be there for it. */
export interface MadeProgram {
  readonly program: GuestProgram;
  readonly files: readonly PackedFile[];
  /** It may call the commands of a shell. */
  readonly wantsCommands: boolean;
}

export type ProgramsOutcome =
  | {
      readonly kind: 'made';
      /** In the order in which they run, each name once. */
      readonly programs: readonly MadeProgram[];
      readonly leftOut: readonly LeftOut[];
      /** What was read of the folders of the user's own C files. */
      readonly reads: readonly Read[];
    }
  | ProgramFailed;

interface Request {
  readonly ctx: Context;
  readonly tools: CompileTools;
  readonly tree: string;
  readonly slowness: number;
}

type Made =
  | { readonly kind: 'made'; readonly made: MadeProgram; readonly reads: readonly Read[] }
  | { readonly kind: 'left-out'; readonly leftOut: LeftOut }
  | ProgramFailed;
type Task = () => Promise<Made>;

/** Everything of a program in the guest but where it lies. */
function frameOf({ slowness }: Request, program: SuiteProgram, timeoutMs: number): Omit<GuestProgram, 'path'> {
  const env = [...(program.absent === 'skip' ? ['PROBE_ABSENT=skip'] : []), ...program.env];
  const { name, judge, tests } = program;
  return { name, judge, tests, env, timeoutMs: timeoutMs * slowness };
}

/** The files that a suite adds to a program, and the folder that they make it run in. */
async function extraFiles({ ctx }: Request, files: readonly ProgramFile[], folder: string): Promise<readonly PackedFile[]> {
  return Promise.all(
    files.map(async ({ path, to }): Promise<PackedFile> => {
      const { mode } = await ctx.effects.files.stat(path);
      return { path, guestPath: isAbsolute(to) ? to : join(folder, to), mode: (mode & 0o111) === 0 ? '0644' : '0755' };
    }),
  );
}

const SHELL = '/bin/sh';

/** A program of the user's own. */
async function makeOwn(request: Request, program: SuiteProgram, from: Exclude<SuiteProgram['from'], { kind: 'kselftest' }>): Promise<Made> {
  const { ctx, tools, tree } = request;
  const { name, bits, args } = program;
  const workFolder = `/respin/work/${name}`;
  const extra = await extraFiles(request, program.files, workFolder);
  const cwd = program.files.some(({ to }) => !isAbsolute(to)) ? workFolder : undefined;
  const at = `/respin/bin/${name}`;
  const frame = { ...frameOf(request, program, program.timeoutMs ?? 0), cwd };
  if (from.kind === 'source') {
    const compiled = await compile(ctx, tools, sourceRecipe(tree, name, from.path, bits));
    if ('kind' in compiled) return compiled;
    const made: MadeProgram = { program: { ...frame, path: at, args }, files: [{ guestPath: at, path: compiled.path, mode: '0755' }, ...extra], wantsCommands: false };
    return { kind: 'made', made, reads: compiled.reads };
  }
  const files: readonly PackedFile[] = [{ guestPath: at, path: from.path, mode: '0755' }, ...extra];
  if (from.kind === 'static') return { kind: 'made', made: { program: { ...frame, path: at, args }, files, wantsCommands: true }, reads: [] };
  const interpreter = await readInterpreter(ctx, await ctx.effects.files.realpath(from.path));
  const options = interpreter.kind === 'sh' ? interpreter.options : [];
  return { kind: 'made', made: { program: { ...frame, path: SHELL, args: [...options, at, ...args] }, files, wantsCommands: true }, reads: [] };
}

function packKept(kept: readonly KeptFile[]): readonly PackedFile[] {
  return kept.map(({ name, path, executable }) => ({ guestPath: guestPath(name), path, mode: executable ? '0755' : '0644' }));
}

function leftOut(request: Request, program: SuiteProgram, status: LeftOut['status'], reason: string): Made {
  return { kind: 'left-out', leftOut: { program: { ...frameOf(request, program, 0), path: '' }, status, reason } };
}

function lastWords({ output }: ProgramFailed): string {
  return output.find((line) => /\berror:/i.test(line)) ?? output.findLast((line) => /\berror\b/i.test(line)) ?? output.at(-1) ?? 'the compiler says nothing';
}

/** What a target has beside its programs, made once for all of them. */
interface Beside {
  readonly files: readonly PackedFile[];
}

async function makeBeside(request: Request, target: string, lists: TargetLists): Promise<Beside> {
  const { ctx, tree } = request;
  const shared = lists.scripts.length === 0 ? [] : SHARED_SCRIPTS.map((name) => `${upFrom(target)}/${name}`);
  const kept = packKept(await keepFiles(ctx, tree, target, [...lists.files, ...lists.includes, ...lists.scripts, ...shared]));
  const built: PackedFile[] = [];
  for (const name of lists.generated) {
    const compiled = await compileOrNothing(request, target, name);
    // What does not build is missed by the test that needs it, and by that one alone.
    if (!('kind' in compiled)) built.push({ guestPath: join(guestFolder(target), name), path: compiled.path, mode: '0755' });
  }
  return { files: [...kept, ...built] };
}

/** A makefile may say that it made something and not have done so: that is its fault, not this host's. */
async function compileOrNothing({ ctx, tools, tree }: Request, target: string, program: string): Promise<CompiledProgram | ProgramFailed> {
  try {
    return await compile(ctx, tools, kselftestRecipe(tree, program, target, program));
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('code' in thrown) || thrown.code !== 'compile.nothing') throw thrown;
    return { kind: 'program-failed', name: program, argv: [], output: [thrown.message] };
  }
}

async function makeBuilt(request: Request, program: SuiteProgram, target: string, file: string, beside: Beside, isOneOfMany: boolean): Promise<Made> {
  const compiled = await compileOrNothing(request, target, file);
  if ('kind' in compiled) {
    return isOneOfMany ? leftOut(request, program, 'fail', `it does not build: ${lastWords(compiled)}`) : { ...compiled, name: program.name };
  }
  const timeoutMs = program.timeoutMs ?? (await targetTimeout(request.ctx, request.tree, target));
  const folder = guestFolder(target);
  const path = join(folder, file);
  const extra = await extraFiles(request, program.files, folder);
  const made: MadeProgram = {
    program: { ...frameOf(request, program, timeoutMs), path, args: program.args, cwd: folder },
    files: [...beside.files, { guestPath: path, path: compiled.path, mode: '0755' }, ...extra],
    wantsCommands: true,
  };
  return { kind: 'made', made, reads: [] };
}

async function makeScript(request: Request, program: SuiteProgram, target: string, file: string, beside: Beside): Promise<Made> {
  const folder = guestFolder(target);
  const there = beside.files.find((one) => one.guestPath === join(folder, file));
  if (!there) return leftOut(request, program, 'fail', `the Makefile of ${target} lists ${file}, and the tree does not have it`);
  const interpreter = await readInterpreter(request.ctx, there.path);
  if (interpreter.kind === 'other') return leftOut(request, program, 'skip', `it is a script for ${interpreter.name}, which the guest does not have`);
  const timeoutMs = program.timeoutMs ?? (await targetTimeout(request.ctx, request.tree, target));
  const extra = await extraFiles(request, program.files, folder);
  const args = [...interpreter.options, `./${file}`, ...program.args];
  const made: MadeProgram = { program: { ...frameOf(request, program, timeoutMs), path: SHELL, args, cwd: folder }, files: [...beside.files, ...extra], wantsCommands: true };
  return { kind: 'made', made, reads: [] };
}

const NO_LISTS: TargetLists = { programs: [], scripts: [], generated: [], files: [], includes: [] };
const NOT_THERE = 'the kernel tree has no such selftest';

/** What has to be made for a program of the suite that is a kselftest: one program, or all that its target lists. */
async function kselftestTasks(request: Request, program: SuiteProgram, from: Extract<SuiteProgram['from'], { kind: 'kselftest' }>): Promise<readonly Task[]> {
  const { ctx, tools, tree } = request;
  const { target, program: wanted } = from;
  const absent: Task = () => Promise.resolve(leftOut(request, program, 'missing', NOT_THERE));
  if (!(await hasTarget(ctx, tree, target))) return [absent];
  const isKnown = wanted !== undefined && (await hasProgram(ctx, tree, target, wanted));
  const lists = wanted === undefined || !isKnown || (await listsMore(ctx, tree, target)) ? await listTarget(ctx, tools, tree, target) : NO_LISTS;
  const isScript = wanted !== undefined && lists.scripts.includes(wanted);
  if (wanted !== undefined && !isKnown && !isScript && !lists.programs.includes(wanted)) return [absent];
  const beside = await makeBeside(request, target, lists);
  if (wanted !== undefined) {
    return [() => (isScript ? makeScript(request, program, target, wanted, beside) : makeBuilt(request, program, target, wanted, beside, false))];
  }
  const none = lists.programs.length + lists.scripts.length === 0;
  if (none) return [() => Promise.resolve(leftOut(request, program, 'missing', `the Makefile of ${target} lists no test that can be run here`))];
  const named = (file: string): SuiteProgram => ({ ...program, name: `${program.name}.${file.replace(/[^\w.-]/g, '_')}` });
  return [
    ...lists.programs.map((file): Task => () => makeBuilt(request, named(file), target, file, beside, true)),
    ...lists.scripts.map((file): Task => () => makeScript(request, named(file), target, file, beside)),
  ];
}

function nameOf(one: Made): string {
  if (one.kind === 'program-failed') return one.name;
  return one.kind === 'made' ? one.made.program.name : one.leftOut.program.name;
}

/** Where it lies in the guest; of a script, in which folder it runs what. */
function pathOf(one: Made): string {
  if (one.kind !== 'made') return '';
  const { path, cwd = '', args = [] } = one.made.program;
  return [path, cwd, ...args].join('\0');
}

async function runAll(tasks: readonly Task[]): Promise<readonly Made[]> {
  const made: Made[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < tasks.length; index = next++) {
      const task = tasks[index];
      if (task) made[index] = await task();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return made;
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

/**
 * Makes the programs of a suite against the tree as it is now, without writing to it. The first that does not compile is
 * the outcome; of a kselftest target that was named as a whole, a program that does not build is a test that fails.
 * @param tree folder of the kernel's sources
 * @param slowness of the profile: limits are multiplied by it
 * @throws HarnessError as `compile`
 */
export async function makePrograms(ctx: Context, tools: CompileTools, tree: string, programs: readonly SuiteProgram[], slowness: number): Promise<ProgramsOutcome> {
  const request: Request = { ctx, tools, tree, slowness };
  const tasks: Task[] = [];
  for (const program of programs) {
    const { from } = program;
    if (from.kind === 'kselftest') tasks.push(...(await kselftestTasks(request, program, from)));
    else tasks.push(() => makeOwn(request, program, from));
  }
  const all = await runAll(tasks);
  const failed = all.find((one) => one.kind === 'program-failed');
  if (failed) {
    await refuseWithout32(ctx, programs, failed);
    return failed;
  }
  const named = new Map<string, Made>();
  for (const one of all) {
    const name = nameOf(one);
    const first = named.get(name);
    if (first === undefined) named.set(name, one);
    // A program that was named alone and with its target runs once.
    else if (pathOf(first) !== pathOf(one)) {
      throw usageError('suite.invalid', `two programs are named "${name}"`, { hint: 'give each its own name: a target of selftests names its programs TARGET.PROGRAM' });
    }
  }
  const kept = [...named.values()];
  const made = kept.filter((one) => one.kind === 'made');
  return {
    kind: 'made',
    programs: made.map((one) => one.made),
    leftOut: kept.flatMap((one) => (one.kind === 'left-out' ? [one.leftOut] : [])),
    reads: made.flatMap((one) => one.reads),
  };
}
