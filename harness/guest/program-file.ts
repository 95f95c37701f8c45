import { basename, extname, join } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, messageOf, usageError, type HarnessError } from '../errors.js';
import type { ProgramOrigin, Suite, SuiteProgram } from '../model.js';
import { readPlainFile } from '../store/plain-file.js';
import { elfKind, isElf } from './elf.js';

type Effects = Pick<Context, 'effects'>;
type Progress = Pick<Context, 'effects' | 'progress'>;

/** A test program larger than this is a mistake: the guest has some hundred MiB of memory. */
const MAX_BYTES = 64 * 1024 * 1024;
/** How many files of one folder are taken as tests. */
const MAX_TESTS = 500;
/** What busybox sh runs as it is meant. Scripts for dash keep to POSIX, which it has. */
const SHELLS: ReadonlySet<string> = new Set(['sh', 'ash', 'dash']);

/** Where a script wants to be run. */
export type Interpreter =
  /** busybox sh, with the options that its first line has. */
  | { readonly kind: 'sh'; readonly options: readonly string[] }
  /** Something that the guest does not have, as its first line names it. */
  | { readonly kind: 'other'; readonly name: string };

/** What the first line of a script asks for; a script without `#!` is one for sh, as execvp(3) has it. */
export function interpreterOf(bytes: Buffer): Interpreter {
  const end = bytes.indexOf(10);
  const first = bytes.subarray(0, end < 0 ? Math.min(bytes.length, 256) : Math.min(end, 256)).toString('latin1');
  if (!first.startsWith('#!')) return { kind: 'sh', options: [] };
  const words = first.slice(2).trim().split(/\s+/);
  const [interpreter = '', ...rest] = words;
  // `#!/usr/bin/env sh`, `#!/usr/bin/env -S bash -e`, `#!/bin/busybox sh`
  const viaOther = ['env', 'busybox'].includes(basename(interpreter));
  const [name = interpreter, ...options] = viaOther ? rest.filter((word) => word !== '-S' && !word.includes('=')) : [interpreter, ...rest];
  return SHELLS.has(basename(name)) ? { kind: 'sh', options } : { kind: 'other', name: basename(name) || interpreter };
}

function refused(path: string, problem: string, hint: string): HarnessError {
  return usageError('test.file', `${path}: ${problem}`, { hint });
}

async function readTest(ctx: Effects, path: string): Promise<Buffer> {
  try {
    const stat = await ctx.effects.files.stat(path);
    if (!stat.isFile()) throw refused(path, 'it is no regular file', 'name a C file, a static program or a script for sh');
    if (stat.size > MAX_BYTES) throw refused(path, `it has ${stat.size} bytes, and a test may have ${MAX_BYTES}`, 'link it without debug information: strip FILE');
    return await ctx.effects.files.readFile(path);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ENOTDIR') throw refused(path, 'there is no such file', 'a path is relative to the file that names it, or to where respin is run');
    if (errnoOf(thrown) === 'EACCES' || errnoOf(thrown) === 'EPERM') throw refused(path, `it cannot be read: ${messageOf(thrown)}`, 'make it readable');
    throw thrown;
  }
}

/** @throws HarnessError `usage` `test.file` for a program that the guest cannot run */
function checkElf(path: string, bytes: Buffer): void {
  switch (elfKind(bytes)) {
    case 'static':
      return;
    case 'dynamic':
      throw refused(path, 'it is a dynamic program, and the guest has no libraries', 'link it with: gcc -static');
    case 'foreign':
      throw refused(path, 'it is a program for another machine than x86-64', 'compile it for x86-64, or name its C file');
    case 'no program':
    case undefined:
      throw refused(path, 'it is no program: an object file, a library, or damaged', 'link it with: gcc -static -o NAME FILE.o');
  }
}

function checkScript(path: string, bytes: Buffer): void {
  if (isElf(bytes) || bytes.includes(0)) throw refused(path, 'it is no script: it has bytes that are no text', 'a program goes under "program:", a C file under "source:"');
  const interpreter = interpreterOf(bytes);
  if (interpreter.kind === 'sh') return;
  throw refused(path, `it is a script for ${interpreter.name}, which the guest does not have`, 'write it for sh (#!/bin/sh), or in C; the guest has busybox');
}

/**
 * Sees to it that the files which the programs of a suite come from are there and are what the suite says.
 * @throws HarnessError `usage` `test.file` that names the file, what is wrong with it and what to do
 */
export async function checkProgramFiles(ctx: Effects, suite: Pick<Suite, 'programs'>): Promise<void> {
  for (const { from, files } of suite.programs) {
    for (const { path } of files) await readTest(ctx, path);
    if (from.kind === 'kselftest') continue;
    const bytes = await readTest(ctx, from.path);
    if (from.kind === 'static') checkElf(from.path, bytes);
    else if (from.kind === 'script') checkScript(from.path, bytes);
    else if (isElf(bytes)) throw refused(from.path, 'it is no C file', 'a compiled program goes under "program:"');
  }
}

/** A name for a program from that of its file: letters, digits, `_`, `.` and `-`. */
function programName(path: string): string {
  return cleanName(basename(path).replace(/\.(?:c|sh)$/, ''));
}

function cleanName(name: string): string {
  return name.replace(/[^\w.-]/g, '_').replace(/^[.-]+/, '_').slice(0, 64) || 'test';
}

/** How long a test may take that says nothing about it: kselftest's own default (kselftest/runner.sh). */
const DEFAULT_TIMEOUT_MS = 45_000;

/** A program with nothing said about it but where it comes from. */
export function plainProgram(name: string, from: ProgramOrigin): SuiteProgram {
  return {
    ...{ name, from, judge: 'auto', timeoutMs: from.kind === 'kselftest' ? undefined : DEFAULT_TIMEOUT_MS },
    ...{ args: [], env: [], files: [], tests: [], meanings: {}, expect: {}, absent: 'fail', bits: 64, profiles: undefined },
  };
}

type FileOrigin = Exclude<ProgramOrigin, { kind: 'kselftest' }>;

/** Programs named as their files without the ending; with it where two files differ in that alone. */
function named(origins: readonly FileOrigin[]): readonly SuiteProgram[] {
  const short = origins.map(({ path }) => programName(path));
  return origins.map((from, index) => {
    const name = short[index] ?? '';
    return plainProgram(short.filter((other) => other === name).length > 1 ? cleanName(basename(from.path)) : name, from);
  });
}

/** What a file is as a test, by its content; undefined for one that is none. */
async function originOf(ctx: Effects, path: string): Promise<FileOrigin | undefined> {
  if (extname(path) === '.c') return { kind: 'source', path };
  const bytes = await readTest(ctx, path);
  if (isElf(bytes)) return { kind: 'static', path };
  return bytes.subarray(0, 2).toString('latin1') === '#!' || extname(path) === '.sh' ? { kind: 'script', path } : undefined;
}

async function folderOrigins(ctx: Progress, folder: string): Promise<readonly FileOrigin[]> {
  const entries = await ctx.effects.files.readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name).filter((name) => !name.startsWith('.')).sort();
  const found: FileOrigin[] = [];
  const left: string[] = [];
  for (const name of names) {
    const origin = extname(name) === '.h' ? undefined : await originOf(ctx, join(folder, name));
    if (origin) found.push(origin);
    else if (extname(name) !== '.h') left.push(name);
    if (found.length > MAX_TESTS) throw refused(folder, `it has more than ${MAX_TESTS} tests`, 'name a folder of tests alone');
  }
  left.push(...entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${name}/`));
  if (found.length === 0) throw refused(folder, 'there is no test in this folder', 'a test is a C file, a static program, or a script that begins with #!/bin/sh');
  if (left.length > 0) ctx.progress({ type: 'notice', level: 'info', text: `${folder}: no tests, left out: ${left.join(', ')}` });
  return found;
}

/**
 * The tests at a path, as `--test` names them: one C file, static program or script, or a folder of these in the order of
 * their names.
 * @param path absolute
 * @throws HarnessError `usage` `test.file`
 */
export async function readTests(ctx: Progress, path: string): Promise<readonly SuiteProgram[]> {
  const stat = await ctx.effects.files.stat(path).catch(() => undefined);
  if (stat?.isDirectory() === true) return named(await folderOrigins(ctx, path));
  const origin = await originOf(ctx, path);
  if (!origin) throw refused(path, 'it is neither a C file, nor a program, nor a script', 'a C file ends in .c; a script begins with #!/bin/sh');
  return [plainProgram(programName(path), origin)];
}

/**
 * A target of the tree's selftests, as `--kselftest` names it: `ipc`, or one program of it: `ipc:msgque`.
 * @throws HarnessError `usage` `kselftest.form`
 */
export function kselftestProgram(text: string): SuiteProgram {
  const match = /^([\w-][\w.-]*(?:\/[\w-][\w.-]*)*)(?::([\w-][\w.+-]*))?$/.exec(text);
  const [, target = '', program] = match ?? [];
  if (!match || text.length > 200) {
    throw usageError('kselftest.form', `--kselftest "${text}" is no target of selftests`, { hint: 'write TARGET or TARGET:PROGRAM, such as --kselftest ipc or --kselftest ipc:msgque' });
  }
  const name = [target.replaceAll('/', '.'), ...(program === undefined ? [] : [program.replace(/[^\w.-]/g, '_')])].join('.');
  return plainProgram(name, { kind: 'kselftest', target, program });
}

/** The first lines of a script, from the tree under test, where whatever stands there is no mistake of the user. */
export async function readInterpreter(ctx: Effects, path: string): Promise<Interpreter> {
  return interpreterOf(await readPlainFile(ctx.effects, path));
}
