import { randomUUID } from 'node:crypto';
import { isAbsolute, join, normalize } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { Command } from '../effects.js';
import { hostError } from '../errors.js';
import { cutShort, limitExceeded, runWatched, type BuildLimits } from '../host/build-limits.js';
import { openRoom, type Mount, type Room, type Sandbox } from '../host/sandbox.js';
import { hostFaultOf } from '../kernel/diagnostics.js';
import { readJson, writeAtomically } from '../store/atomic.js';
import { digestFile, digestOf, keyOf } from '../store/digest.js';
import { readPlainFile } from '../store/plain-file.js';
import { removeTree } from '../store/remove-tree.js';

/** Where compilers see things: the same everywhere, so that the same sources give the same bytes in any folder. */
export const ROOM = { tree: '/respin/src', probes: '/respin/probes', source: '/respin/source', out: '/respin/out' } as const;

/** What gcc -MD writes of a program is some kilobytes, for each of its C files. */
const MOST_DEPENDENCY_BYTES = 4 * 1024 * 1024;
const MOST_DEPENDENCY_FILES = 200;
/** How many lines of a compiler that failed are kept. */
const MAX_LINES = 200;

/** How to make one program. */
export interface Recipe {
  readonly name: string;
  /** Folders of the host that it reads. */
  readonly mounts: readonly Mount[];
  /**
   * What makes `product` in the folder `out`, and beside it files `*.d` with what it read (gcc -MD). Both are given as
   * the program in the room sees them.
   */
  readonly command: (room: Room, out: string) => Command;
  /** The file name of the product. */
  readonly product: string;
  /** The folder of the host that the compiler works in. */
  readonly folder: string;
  /** Files of the host that decide about the product and that no compiler tells of: makefiles. */
  readonly inputs: readonly string[];
}

/** A file of the host that went into a program, and what it was then. */
export interface Read {
  readonly path: string;
  readonly digest: string;
}

export interface CompiledProgram {
  readonly name: string;
  /** Path on the host, in the cache. */
  readonly path: string;
  readonly digest: string;
  /** What the compiler read of the recipe's folders. */
  readonly reads: readonly Read[];
}

/** A program that the compiler refuses: a fault of the tree or of the program, not of the host. */
export interface ProgramFailed {
  readonly kind: 'program-failed';
  readonly name: string;
  readonly argv: readonly string[];
  /** What the compiler said, the last lines of it. */
  readonly output: readonly string[];
}

export interface CompileTools {
  readonly sandbox: Sandbox;
  readonly limits: BuildLimits;
  /** Digest of the compiler: another one makes everything again. */
  readonly compiler: string;
  /**
   * Whose makefiles may run, as a name. What they make, and say that they read, counts for the same name alone. Undefined for the
   * kernel's own, whose programs anybody may use as long as what they were made of is the same.
   */
  readonly author?: string | undefined;
}

const recordSchema = z.object({
  version: z.literal(1),
  digest: z.string(),
  reads: z.array(z.object({ path: z.string(), digest: z.string() })),
});

/**
 * The files that a rule of a makefile depends on, as gcc -MD writes it: blanks in names are escaped, lines continue with
 * a backslash.
 */
export function parseDependencies(text: string): readonly string[] {
  const rules = text.replace(/\\\r?\n/g, ' ').split('\n');
  const words = rules.flatMap((rule) => {
    const [, right = ''] = /^(?:\\.|[^:\\])+:\s(.*)$/.exec(rule) ?? [];
    return right.match(/(?:\\.|[^\s\\])+/g) ?? [];
  });
  return [...new Set(words.map((word) => word.replace(/\\(.)/g, '$1').replaceAll('$$', '$')))];
}

/**
 * The host's path of a file that a program in the room named; undefined outside the recipe's folders: the system's headers
 * come and go with the compiler, and there are hundreds.
 */
function toHostPath(recipe: Recipe, path: string): string | undefined {
  if (!isAbsolute(path)) return toHostPath(recipe, join(recipe.folder, path));
  const plain = normalize(path);
  const inRoom = recipe.mounts.find(({ at }) => plain.startsWith(`${at}/`));
  if (inRoom) return inRoom.host + plain.slice(inRoom.at.length);
  return recipe.mounts.some(({ host }) => plain.startsWith(`${host}/`)) ? plain : undefined;
}

/** Undefined for what is no regular file: a makefile of the tree may name a device as something that it read. */
async function digestIfFile(ctx: Context, path: string): Promise<string | undefined> {
  try {
    return (await ctx.effects.files.stat(path)).isFile() ? await digestFile(ctx.effects, path) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether all of these are what they were. */
export async function isUnchanged(ctx: Context, reads: readonly Read[]): Promise<boolean> {
  const now = await Promise.all(reads.map(({ path }) => digestIfFile(ctx, path)));
  return reads.every(({ digest }, index) => now[index] === digest);
}

async function readDependencies(ctx: Context, out: string, recipe: Recipe): Promise<readonly Read[]> {
  const names = (await ctx.effects.files.readdir(out)).filter((name) => name.endsWith('.d')).slice(0, MOST_DEPENDENCY_FILES);
  const texts = await Promise.all(names.map(async (name) => (await readPlainFile(ctx.effects, join(out, name), MOST_DEPENDENCY_BYTES)).toString('utf8')));
  const paths = texts.flatMap(parseDependencies).flatMap((path) => toHostPath(recipe, path) ?? []);
  const reads = await Promise.all(
    [...new Set([...recipe.inputs, ...paths])].sort().map(async (path) => ({ path, digest: await digestIfFile(ctx, path) })),
  );
  return reads.filter((read): read is Read => read.digest !== undefined);
}

/**
 * Makes a program, or takes it from the cache when the compiler and every file that it read last time are unchanged.
 * @throws HarnessError `host` when the compiler is missing, or ended well without making anything
 */
export async function compile(ctx: Context, tools: CompileTools, recipe: Recipe): Promise<CompiledProgram | ProgramFailed> {
  const { files } = ctx.effects;
  const out = join(ctx.cache.tmp, `compile-${randomUUID()}`);
  const mounts: readonly Mount[] = [...recipe.mounts, { host: out, at: ROOM.out, access: 'write' }];
  const room = openRoom(tools.sandbox, mounts);
  const command = recipe.command(room, room.path(out));
  const inRoom = room.command(command);
  const unnamed = [command.file, ...command.args].map((word) => word.replaceAll(out, ROOM.out));
  const recordOf = (author: string | undefined): string =>
    join(ctx.cache.programs, `${keyOf({ compiler: tools.compiler, mounts: recipe.mounts, argv: unnamed, author })}.json`);
  const pathOf = (digest: string): string => join(ctx.cache.programs, digest, recipe.product);

  for (const author of new Set([undefined, tools.author])) {
    const known = await readJson(ctx, recordOf(author), recordSchema);
    if (known && (await isUnchanged(ctx, [...known.reads, { path: pathOf(known.digest), digest: known.digest }]))) {
      return { name: recipe.name, path: pathOf(known.digest), digest: known.digest, reads: known.reads };
    }
  }
  await files.mkdir(out, { recursive: true, mode: 0o700 });
  try {
    const done = await runWatched(ctx, inRoom, { folder: out, limits: tools.limits });
    if (done.exceeded !== undefined) throw limitExceeded(`compiling ${recipe.name}`, done.exceeded);
    if (done.exitCode !== 0) {
      const output = `${done.stdout}\n${done.stderr}`.split('\n').filter((line) => line !== '');
      const fault = hostFaultOf(done, output);
      if (fault !== undefined) throw cutShort('compile.host', `compiling ${recipe.name}`, fault, output.slice(-MAX_LINES).join('\n'));
      return { kind: 'program-failed', name: recipe.name, argv: unnamed, output: output.slice(-MAX_LINES) };
    }
    const bytes = await readProduct(ctx, out, recipe, done.stderr);
    const digest = digestOf(bytes);
    await writeAtomically(ctx, pathOf(digest), bytes);
    await files.chmod(pathOf(digest), 0o755);
    const reads = await readDependencies(ctx, out, recipe);
    await writeAtomically(ctx, recordOf(tools.author), JSON.stringify({ version: 1, digest, reads }));
    return { name: recipe.name, path: pathOf(digest), digest, reads };
  } finally {
    await removeTree(ctx, out);
  }
}

async function readProduct(ctx: Context, out: string, recipe: Recipe, stderr: string): Promise<Buffer> {
  try {
    return await readPlainFile(ctx.effects, join(out, recipe.product));
  } catch (cause) {
    throw hostError('compile.nothing', `compiling ${recipe.name} ended well and made no ${recipe.product}`, {
      cause,
      output: stderr,
      hint: 'the name of a kselftest program must be one that its Makefile builds',
    });
  }
}
