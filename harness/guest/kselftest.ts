import { dirname, join, normalize, parse, relative, sep } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf } from '../errors.js';
import { cutShort, limitExceeded } from '../host/build-limits.js';
import { openRoom } from '../host/sandbox.js';
import { hostFaultOf } from '../kernel/diagnostics.js';
import type { SuiteProgram } from '../model.js';
import { writeAtomically } from '../store/atomic.js';
import { digestOf } from '../store/digest.js';
import { readPlainFile } from '../store/plain-file.js';
import { ROOM, type CompileTools } from './compile.js';
import { KSELFTESTS } from './recipes.js';

/** What the Makefile of a target lists (tools/testing/selftests/lib.mk). Names are relative to the target's folder. */
export interface TargetLists {
  /** TEST_GEN_PROGS and TEST_CUSTOM_PROGS: built, and run. */
  readonly programs: readonly string[];
  /** TEST_PROGS: scripts that are run. */
  readonly scripts: readonly string[];
  /** TEST_GEN_FILES and TEST_GEN_PROGS_EXTENDED: built, and lying beside. */
  readonly generated: readonly string[];
  /** TEST_FILES and TEST_PROGS_EXTENDED: lying beside. */
  readonly files: readonly string[];
  /** TEST_INCLUDES: lying where they lie from here, such as `../lib.sh`. */
  readonly includes: readonly string[];
}

const VARIABLES: Readonly<Record<string, keyof TargetLists>> = {
  TEST_GEN_PROGS: 'programs',
  TEST_CUSTOM_PROGS: 'programs',
  TEST_PROGS: 'scripts',
  TEST_GEN_FILES: 'generated',
  TEST_GEN_PROGS_EXTENDED: 'generated',
  TEST_FILES: 'files',
  TEST_PROGS_EXTENDED: 'files',
  TEST_INCLUDES: 'includes',
};

const WORD = 'respin-lists:';
/** A rule whose recipe says what the variables have when everything has been read. `wildcard` is what a shell would make of `*`. */
const RULE = `respin-lists: ; @:${Object.keys(VARIABLES)
  .map((name) => `$(foreach w,${/^TEST_(?:FILES|INCLUDES)$/.test(name) ? `$(wildcard $(${name}))` : `$(${name})`},$(info ${WORD} ${name} $w))`)
  .join('')}`;

/** A name from a makefile as a path below the target's folder; undefined for one that leads elsewhere or is too odd to pack. */
function safeName(name: string): string | undefined {
  // What leads up begins with a point once it is normal.
  const path = normalize(name);
  return /^\w[\w.+@/-]*$/.test(path) ? path.replace(/\/$/, '') : undefined;
}

/** What make said, as lists; anything else that it printed is not looked at. */
export function parseLists(output: string, outFolder: string): TargetLists {
  const lists: Record<keyof TargetLists, string[]> = { programs: [], scripts: [], generated: [], files: [], includes: [] };
  for (const line of output.split('\n')) {
    const [word, variable = '', name = ''] = line.split(' ');
    const key = Object.hasOwn(VARIABLES, variable) ? VARIABLES[variable] : undefined;
    if (word !== WORD || key === undefined) continue;
    const own = name.startsWith(`${outFolder}/`) ? name.slice(outFolder.length + 1) : name;
    // An include may lie beside the target's folder; where it leads is looked at when it is read.
    const path = key === 'includes' && /^[\w./+@-]+$/.test(own) ? normalize(own) : safeName(own);
    if (path !== undefined && !lists[key].includes(path)) lists[key].push(path);
  }
  return lists;
}

/**
 * Asks the Makefile of a target what it has, in the sandbox. A Makefile that make does not read lists nothing.
 * @param tree folder of the kernel's sources, with the series on it
 * @throws HarnessError `host` `build.limit-time` when make takes longer than a build may; `kselftest.host` when the host ended it
 */
export async function listTarget(ctx: Context, tools: CompileTools, tree: string, target: string): Promise<TargetLists> {
  const room = openRoom(tools.sandbox, [{ host: tree, at: ROOM.tree, access: 'read' }]);
  const args = ['-s', '-C', room.path(join(tree, KSELFTESTS, target)), `OUTPUT=${ROOM.out}`, 'CC=gcc', 'USERLDFLAGS=-static', `--eval=${RULE}`, 'respin-lists'];
  const { timeMs } = tools.limits;
  const done = await ctx.effects.processes.run({ ...room.command({ file: 'make', args }), timeoutMs: timeMs });
  const what = `reading the Makefile of the selftests ${target}`;
  if (done.timedOut) throw limitExceeded(what, { what: 'time', limit: timeMs });
  const fault = hostFaultOf(done, `${done.stdout}\n${done.stderr}`.split('\n'));
  if (fault !== undefined) throw cutShort('kselftest.host', what, fault, done.stderr);
  return parseLists(done.exitCode === 0 ? done.stdout : '', ROOM.out);
}

/** kselftest_default_timeout of tools/testing/selftests/kselftest/runner.sh. */
const DEFAULT_TIMEOUT_MS = 45_000;
/** For a target that asks for none (`timeout=0`): a guest must come to an end. */
const UNLIMITED_MS = 600_000;

/** The time limit that the `settings` of a target give; the last line counts, as in runner.sh. */
export function timeoutIn(settings: string): number {
  const last = [...settings.matchAll(/^timeout=(\d{1,6})\s*$/gm)].at(-1)?.[1];
  if (last === undefined) return DEFAULT_TIMEOUT_MS;
  return Number(last) === 0 ? UNLIMITED_MS : Number(last) * 1000;
}

async function readIfThere(ctx: Context, path: string): Promise<string | undefined> {
  try {
    return (await readPlainFile(ctx.effects, path)).toString('utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The time limit of each program of a target, in milliseconds. */
export async function targetTimeout(ctx: Context, tree: string, target: string): Promise<number> {
  return timeoutIn((await readIfThere(ctx, join(tree, KSELFTESTS, target, 'settings'))) ?? '');
}

/** Whether a target's Makefile may list more than programs that are each built from one C file: only then need make be asked. */
export async function listsMore(ctx: Context, tree: string, target: string): Promise<boolean> {
  const makefile = (await readIfThere(ctx, join(tree, KSELFTESTS, target, 'Makefile'))) ?? '';
  return /\bTEST_(?:PROGS|PROGS_EXTENDED|GEN_PROGS_EXTENDED|GEN_FILES|FILES|INCLUDES|CUSTOM_PROGS)\b/.test(makefile);
}

async function namesIn(ctx: Context, folder: string): Promise<readonly string[]> {
  try {
    return await ctx.effects.files.readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** Whether the tree has this target. A patch of a series may bring it. */
export async function hasTarget(ctx: Context, tree: string, target: string): Promise<boolean> {
  return (await namesIn(ctx, join(tree, KSELFTESTS, target))).includes('Makefile');
}

/** Whether the tree has something that a selftest of this name is made from. */
export async function hasProgram(ctx: Context, tree: string, target: string, program: string): Promise<boolean> {
  return (await namesIn(ctx, join(tree, KSELFTESTS, target))).some((name) => name === program || parse(name).name === program);
}

/** The targets of a tree: every folder of its selftests that has a Makefile, one level deep. */
export async function listTargets(ctx: Context, tree: string): Promise<readonly string[]> {
  const folders = await namesIn(ctx, join(tree, KSELFTESTS));
  const found = await Promise.all(folders.map(async (name) => ((await hasTarget(ctx, tree, name)) ? [name] : [])));
  return found.flat().sort();
}

/** A file of the tree that was copied to the cache, where it stays when the series is off the tree again. */
export interface KeptFile {
  /** Relative to the folder of the selftests. */
  readonly name: string;
  /** On the host, in the cache. */
  readonly path: string;
  readonly executable: boolean;
}

/** A target that lists a whole tree of files is a mistake. */
const MAX_FILES = 1000;

/**
 * Copies files of the selftests to the cache, folders with all that is in them. Links are followed as far as they stay in
 * the tree; what is not there is left out, for the test to miss.
 * @param names relative to the folder of the target
 */
export async function keepFiles(ctx: Context, tree: string, target: string, names: readonly string[]): Promise<readonly KeptFile[]> {
  const { files } = ctx.effects;
  const root = await files.realpath(tree);
  const selftests = join(tree, KSELFTESTS);
  const kept: KeptFile[] = [];
  const keep = async (path: string): Promise<void> => {
    const real = await files.realpath(path).catch(() => undefined);
    if (real === undefined || !`${real}${sep}`.startsWith(`${root}${sep}`) || kept.length >= MAX_FILES) return;
    const name = relative(selftests, path);
    if (!/^[\w.+@/-]+$/.test(name) || name.startsWith('..')) return;
    const stat = await files.stat(real);
    if (stat.isDirectory()) {
      for (const entry of (await files.readdir(real)).sort()) await keep(join(path, entry));
      return;
    }
    if (!stat.isFile()) return;
    const bytes = await readPlainFile(ctx.effects, real);
    const copy = join(ctx.cache.programs, digestOf(bytes), 'file');
    await writeAtomically(ctx, copy, bytes);
    kept.push({ name, path: copy, executable: (stat.mode & 0o111) !== 0 });
  };
  for (const name of new Set(names)) await keep(join(selftests, target, name));
  return kept;
}

/** What the scripts of many targets read from the folder of the selftests (its own install rule copies these too). */
export const SHARED_SCRIPTS: readonly string[] = ['kselftest/ktap_helpers.sh', 'kselftest/module.sh', 'kselftest/runner.sh'];

/** The way from a target's folder up to that of the selftests. */
export function upFrom(target: string): string {
  return target.split('/').map(() => '..').join('/');
}

/** A Kconfig fragment that selftests ask for. */
export interface TargetFragment {
  readonly name: string;
  readonly text: string;
}

/** respin builds no modules: what a fragment wants as one is built in. */
function builtIn(text: string): string {
  return text.replace(/^(CONFIG_\w+)=m\s*$/gm, '$1=y');
}

/**
 * The Kconfig fragments that the kselftests among these programs ask for: `config` of their targets, each once.
 * @param tree folder of the kernel's sources
 */
export async function kselftestFragments(ctx: Context, tree: string, programs: readonly SuiteProgram[]): Promise<readonly TargetFragment[]> {
  const targets = [...new Set(programs.flatMap(({ from }) => (from.kind === 'kselftest' ? [from.target] : [])))];
  const fragments = await Promise.all(
    targets.map(async (target): Promise<readonly TargetFragment[]> => {
      const name = join(KSELFTESTS, target, 'config');
      const text = await readIfThere(ctx, join(tree, name));
      return text === undefined ? [] : [{ name, text: builtIn(text) }];
    }),
  );
  return fragments.flat();
}

/** The folder of a target in the guest; the others lie beside it as they do in the tree. */
export function guestFolder(target: string): string {
  return join('/respin/kselftest', target);
}

/** Where a file of the selftests lies in the guest. */
export function guestPath(name: string): string {
  return join('/respin/kselftest', dirname(name), parse(name).base);
}
