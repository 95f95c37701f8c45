import { posix } from 'node:path';
import type { Completed } from '../effects.js';
import type { AddedLines, Diagnostic } from '../model.js';

/** A build that prints more than this many different ones has no use for the rest. */
const MAX_DIAGNOSTICS = 500;
const MAX_LENGTH = 500;

/**
 * What a kernel build complained about: errors and warnings of gcc, clang, the assembler, the linker, modpost, objtool,
 * Kconfig and make, each once, in the order of the build. make's own `*** […] Error` is given only when no other error
 * says what went wrong. A diagnostic in a line of the base that comes from an added line (an expanded macro, an included
 * header) has the patch of that line.
 * @param lines output of make, stdout and stderr together
 * @param roots absolute paths under which the tree is seen by the compiler, and the build folder's: `/src`, `/objects`
 * @param addedLines which patch each line of the touched files came from
 */
export function parseDiagnostics(
  lines: readonly string[],
  roots: readonly string[],
  addedLines: readonly AddedLines[],
): readonly Diagnostic[] {
  const patches = new Map(addedLines.map(({ path, patchOfLine }) => [path, patchOfLine]));
  const prefixes = roots.map((root) => `${root.replace(/\/+$/, '')}/`).sort((a, b) => b.length - a.length);
  const parser: Parser = {
    relative: (path) => relativePath(path, prefixes),
    patchOf: (file, line) => {
      const patch = line === undefined ? 0 : (patches.get(file)?.[line] ?? 0);
      return patch === 0 ? undefined : patch;
    },
  };
  const found = new Map<string, Diagnostic>();
  const makeErrors: Diagnostic[] = [];
  let includedFrom: Position[] = [];
  let linkedFrom: string | undefined;
  let lastKey: string | undefined;
  for (const raw of lines) {
    const line = plain(raw);
    const position = includedAt(line, parser);
    if (position) {
      includedFrom.push(position);
      lastKey = undefined;
      continue;
    }
    linkedFrom = LINKED_FROM.exec(line)?.[1] ?? linkedFrom;
    const note = noteAt(line, parser);
    if (note) {
      const last = lastKey === undefined ? undefined : found.get(lastKey);
      const patch = parser.patchOf(note.file, note.line);
      if (lastKey !== undefined && last && last.patch === undefined && patch !== undefined) found.set(lastKey, { ...last, patch });
      continue;
    }
    const failed = makeError(line, parser);
    if (failed) {
      makeErrors.push(failed);
      continue;
    }
    const diagnostic = readDiagnostic(line, parser, linkedFrom);
    if (!diagnostic) continue;
    const patch =
      diagnostic.patch ?? includedFrom.map((at) => parser.patchOf(at.file, at.line)).find((number) => number !== undefined);
    includedFrom = [];
    lastKey = [diagnostic.severity, diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.message].join('\0');
    if (!found.has(lastKey) && found.size < MAX_DIAGNOSTICS) found.set(lastKey, { ...diagnostic, patch });
  }
  const diagnostics = [...found.values()];
  const [innermost] = makeErrors;
  if (innermost && diagnostics.every(({ severity }) => severity !== 'error')) diagnostics.push(innermost);
  return diagnostics;
}

interface Parser {
  readonly relative: (path: string) => string;
  readonly patchOf: (file: string, line: number | undefined) => number | undefined;
}

interface Position {
  readonly file: string;
  readonly line: number;
}

/** Without the colours that a compiler may print and any other control character. */
function plain(raw: string): string {
  const text = raw.length > 4 * MAX_LENGTH ? raw.slice(0, 4 * MAX_LENGTH) : raw;
  return text.replace(/\u001b\[[0-9;:]*[A-Za-z]/g, '').replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '');
}

function relativePath(path: string, prefixes: readonly string[]): string {
  const whole = posix.normalize(path);
  const prefix = prefixes.find((candidate) => whole.startsWith(candidate));
  const below = prefix === undefined ? whole : whole.slice(prefix.length);
  return below.startsWith('/') ? below : below.replace(/^(\.\.\/)+/, '');
}

/** `In file included from include/linux/a.h:7,` and the lines `                 from ipc/sem.c:80:` below it. */
function includedAt(line: string, parser: Parser): Position | undefined {
  const match = /^(?:In file included from| +from) ([^\s:]+):(\d+)(?::\d+)?[,:]$/.exec(line);
  return match ? { file: parser.relative(match[1] ?? ''), line: Number(match[2]) } : undefined;
}

function noteAt(line: string, parser: Parser): Position | undefined {
  const match = /^([^\s:]+):(\d+)(?::\d+)?: note: /.exec(line);
  return match ? { file: parser.relative(match[1] ?? ''), line: Number(match[2]) } : undefined;
}

/** `ld: ipc/sem.o: in function `exit_sem':` tells the object that the lines below name by its source's base name alone. */
const LINKED_FROM = /^(?:\S*ld(?:\.\w+)?: )?(\S+\.[oa]): in function [`'‘]/;

/** One form of message. A form that does not match is undefined. */
type Form = (line: string, parser: Parser, linkedFrom: string | undefined) => Diagnostic | undefined;

/** In the order in which they are tried. */
const FORMS: readonly Form[] = [modpost, objtool, kconfig, makefile, linker, compiler, tool];

function readDiagnostic(line: string, parser: Parser, linkedFrom: string | undefined): Diagnostic | undefined {
  for (const form of FORMS) {
    const diagnostic = form(line, parser, linkedFrom);
    if (diagnostic) return diagnostic;
  }
  return undefined;
}

function diagnosticOf(
  parser: Parser,
  severity: Diagnostic['severity'],
  path: string,
  position: { readonly line?: string | undefined; readonly column?: string | undefined },
  text: string,
): Diagnostic {
  const file = parser.relative(path);
  const line = position.line === undefined ? undefined : Number(position.line);
  const option = / \[(-W[^\]]+)\]$/.exec(text);
  const message = (option ? text.slice(0, option.index) : text).trim();
  return {
    severity,
    file,
    line,
    column: position.column === undefined ? undefined : Number(position.column),
    message: message.length <= MAX_LENGTH ? message : `${message.slice(0, MAX_LENGTH - 1)}…`,
    option: option?.[1]?.split(',')[0],
    patch: parser.patchOf(file, line),
  };
}

function severityOf(word: string): Diagnostic['severity'] {
  return /warning/i.test(word) ? 'warning' : 'error';
}

/** `ipc/sem.c:12:3: error: …`; the assembler writes `Error:` and no column. */
function compiler(line: string, parser: Parser): Diagnostic | undefined {
  const match =
    /^([^\s:][^:]*):(\d+)(?::(\d+))?: ((?:fatal )?error|internal compiler error|warning|Error|Fatal error|Warning): (.*)$/.exec(line);
  if (!match) return undefined;
  const [, path = '', at, column, word = '', text = ''] = match;
  return diagnosticOf(parser, severityOf(word), path, { line: at, column }, text);
}

/** `ld: ipc/sem.c:12: undefined reference to …`, `sem.c:(.text+0x1f): undefined reference to …`, ld.lld's, and ld's others. */
function linker(line: string, parser: Parser, linkedFrom: string | undefined): Diagnostic | undefined {
  const at =
    /^(?:\S*ld(?:\.\w+)?: )?(?:\S+\.[oa]:)?([^\s:()]+):(?:(\d+)|\([^)]*\)): ((?:undefined reference to|multiple definition of|relocation truncated).*)$/.exec(line);
  if (at) {
    const [, path = '', number, text = ''] = at;
    const sourceOfObject = linkedFrom?.replace(/\.o$/, '.c');
    const whole = sourceOfObject?.endsWith(`/${path}`) ? sourceOfObject : path;
    return diagnosticOf(parser, 'error', whole, { line: number }, text);
  }
  const lld = /^\S*ld\.lld: (error|warning): (.*)$/.exec(line);
  if (lld) return diagnosticOf(parser, severityOf(lld[1] ?? ''), 'vmlinux', {}, lld[2] ?? '');
  const other = /^\S*\bld(?:\.bfd|\.gold)?: (warning: )?(.*)$/.exec(line);
  if (!other || LINKED_FROM.test(line)) return undefined;
  const text = other[2] ?? '';
  const object = /^(\S+\.[oa]): (.*)$/.exec(text);
  return diagnosticOf(parser, other[1] ? 'warning' : 'error', object?.[1] ?? 'vmlinux', {}, object?.[2] ?? text);
}

/** `ERROR: modpost: "symbol" [path/module.ko] undefined!`, `WARNING: modpost: vmlinux: section mismatch in reference: …` */
function modpost(line: string, parser: Parser): Diagnostic | undefined {
  const match = /^(ERROR|WARNING): modpost: (.*)$/.exec(line);
  if (!match) return undefined;
  const text = match[2] ?? '';
  const file = /\[([^\]\s]+\.k?o)\]/.exec(text)?.[1] ?? /^([^\s:]+): /.exec(text)?.[1] ?? 'vmlinux';
  return diagnosticOf(parser, severityOf(match[1] ?? ''), file, {}, text);
}

/** `vmlinux.o: warning: objtool: do_exit+0x1f: …` */
function objtool(line: string, parser: Parser): Diagnostic | undefined {
  const match = /^([^\s:]+): (warning|error): objtool: (.*)$/.exec(line);
  return match ? diagnosticOf(parser, severityOf(match[2] ?? ''), match[1] ?? '', {}, `objtool: ${match[3] ?? ''}`) : undefined;
}

/** `ipc/Kconfig:7: syntax error`, `init/Kconfig:9:warning: …`, `.config:3:warning: …`, unmet dependencies and loops. */
function kconfig(line: string, parser: Parser): Diagnostic | undefined {
  const at = /^([^\s:]*(?:Kconfig[^\s:/]*|\.config|\.conf)):(\d+):\s*((?:warning|error): )?(.*)$/.exec(line);
  if (at) {
    const [, path = '', number, word = 'error', text = ''] = at;
    return diagnosticOf(parser, severityOf(word), path, { line: number }, text);
  }
  const unmet = /^WARNING: (unmet direct dependencies detected for .*)$/.exec(line);
  if (unmet) return diagnosticOf(parser, 'warning', 'Kconfig', {}, unmet[1] ?? '');
  const loop = /^error: (recursive dependency detected!.*)$/.exec(line);
  return loop ? diagnosticOf(parser, 'error', 'Kconfig', {}, loop[1] ?? '') : undefined;
}

/** `ipc/Makefile:7: *** missing separator.  Stop.`, `make[2]: *** No rule to make target 'x', needed by 'y'.  Stop.` */
function makefile(line: string, parser: Parser): Diagnostic | undefined {
  const at = /^([^\s:]+):(\d+): \*\*\* (.*)$/.exec(line);
  if (at) return diagnosticOf(parser, 'error', at[1] ?? '', { line: at[2] }, at[3] ?? '');
  const rule = /^make(?:\[\d+\])?: \*\*\* (?:\[([^\s:\]]+):(\d+): [^\]]*\] )?(No rule to make target .*)$/.exec(line);
  return rule ? diagnosticOf(parser, 'error', rule[1] ?? 'Makefile', { line: rule[2] }, rule[3] ?? '') : undefined;
}

/** `cc1: error: …` and the like, without a place in a source. */
function tool(line: string, parser: Parser): Diagnostic | undefined {
  const match = /^([\w./+-]*(?:cc1|gcc|clang|as|collect2|objcopy|ar|nm)(?:-[\d.]+)?): (?:fatal )?(error|warning): (.*)$/.exec(line);
  if (!match) return undefined;
  const [, path = '', word = '', text = ''] = match;
  // What it summarises was reported one by one.
  if (/being treated as errors|^ld returned \d+ exit status/.test(text)) return undefined;
  return diagnosticOf(parser, severityOf(word), path.replace(/^.*\//, ''), {}, text);
}

/** `make[3]: *** [scripts/Makefile.build:229: ipc/sem.o] Error 1` */
function makeError(line: string, parser: Parser): Diagnostic | undefined {
  const match = /^make(?:\[\d+\])?: \*\*\* \[(?:[^\s:\]]+:\d+: )?([^\]]+)\] (.*)$/.exec(line);
  if (!match) return undefined;
  return diagnosticOf(parser, 'error', match[1] ?? '', {}, `make: ${match[2] ?? ''}`);
}

/**
 * What a host that failed leaves in the output of a build. A line of quoted source (`   12 | …`) or a message about
 * source is none: each form is anchored at what the program of the host prints around it.
 */
const HOST_FAULTS: readonly RegExp[] = [
  /^make(?:\[\d+\])?: \*\*\* \[[^\]]*\] (?:Killed|Terminated|Bus error|Hangup|File size limit exceeded)/,
  /^\S+: (?:fatal error|internal compiler error): Killed/,
  /^(?:\S*\/)?\S+: line \d+: +\d+ (?:Killed|Bus error)\b/,
  /^\S.*: (?:No space left on device|Disk quota exceeded|Input\/output error|Read-only file system|Cannot allocate memory|Too many open files(?: in system)?|File too large)\.?(?:  Stop\.)?$/,
  /^(?:\S+: )?(?:fatal error: )?(?:error writing to \S+|error closing \S+): (?:No space left on device|Disk quota exceeded)/,
  /^(?:cc1|as|ld|\S+ld): out of memory allocating \d+ bytes/,
  /^virtual memory exhausted: /,
  // The sandbox itself, before anything of the kernel ran.
  /^bwrap: \S/,
  /^(?:\/bin\/)?sh: (?:line )?\d+: (?:exec: )?bwrap: not found$/,
  /^\S+: (?:fork|vfork|posix_spawn): (?:Resource temporarily unavailable|Cannot allocate memory|retry: .*)/,
  /^make(?:\[\d+\])?: (?:fork|vfork|posix_spawn|write error)\b.*: (?:Resource temporarily unavailable|No space left on device)/,
];

/**
 * The line that shows that the host failed and not the kernel: a compiler killed for want of memory, a full disk;
 * undefined when there is none.
 * @param lines output of make, stdout and stderr together
 */
export function hostFaultIn(lines: readonly string[]): string | undefined {
  for (const raw of lines) {
    const line = plain(raw);
    // An `#error` of a source says what its author likes.
    if (/^\s*\d+ \||:\d+: (?:error|warning|note): /.test(line)) continue;
    if (HOST_FAULTS.some((fault) => fault.test(line))) return line;
  }
  return undefined;
}

/** What a shell, make and bubblewrap give for a program that a signal ended is this and the signal's number. */
const BY_SIGNAL = 128;
/** Linux has no more signals. */
const SIGNALS = 64;

/**
 * Why a program that builds something failed for no fault of what it builds, in words; undefined when it may be that. To be
 * ended by a signal is such a reason: compilers and make do not end so by themselves.
 * @param lines what it said, as `hostFaultIn` takes it
 */
export function hostFaultOf({ exitCode, signal }: Pick<Completed, 'exitCode' | 'signal'>, lines: readonly string[]): string | undefined {
  if (exitCode === 0) return undefined;
  const said = hostFaultIn(lines);
  if (said !== undefined) return said;
  if (exitCode === undefined) return `it was ended by ${signal ?? 'a signal'}`;
  return exitCode > BY_SIGNAL && exitCode <= BY_SIGNAL + SIGNALS ? `it was ended by signal ${exitCode - BY_SIGNAL}` : undefined;
}
