import { posix } from 'node:path';
import type { Context } from '../context.js';
import { openRoom, type Sandbox } from '../host/sandbox.js';
import type { KernelTree } from '../model.js';
import { buildEnv } from './make.js';

/** Where things are in the room of a build: what the objects of it name. */
const ROOM = { src: '/respin/src', objects: '/respin/obj' };
const LIMIT_MS = 120_000;
/** The files of so many objects are compiled again at most. */
const MOST_OBJECTS = 12;
/** A function is aligned: kallsyms counts what is between it and the next. */
const MOST_PADDING = 64;

/** A byte of a function. `size` is to the next symbol. */
export interface WantedByte {
  readonly symbol: string;
  readonly offset: number;
  readonly size: number;
  /** Worth a compilation in any file; others only where the file is one of those that were asked for. */
  readonly isMain: boolean;
}

export interface SourceLine {
  /** Relative to the top of the tree. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** A function in an object that was linked. */
interface Defined {
  readonly object: string;
  readonly section: string;
  readonly symbol: string;
  readonly value: number;
  readonly size: number;
}

/** The objects that this vmlinux was linked of: one that is newer was compiled for another. */
const LIST = `find . -name '*.o' ! -name vmlinux.o ! -name '.*' ! -newer vmlinux -print0 | xargs -0 nm -A -f sysv 2>/dev/null | grep -wF "$1"`;

/**
 * Compiles one object again, as kbuild did and with debug information, beside the build folder. Its code must be what was
 * linked, byte for byte; then addr2line tells the lines of the addresses.
 */
const LINES = `
object=$1 section=$2
shift 2
place=$(mktemp -d) || exit 1
trap 'rm -rf "$place"' EXIT
command=$(sed -n '1s/^[^=]* := //p' "\${object%/*}/.\${object##*/}.cmd" | sed -e 's/\\$\\$/$/g' -e "s#-Wp,-MMD,[^ ]*#-Wp,-MMD,$place/d#" -e 's# -c -o # -g -c -o #' -e "s# $object# $place/o#g")
case $command in *" -g -c -o $place/o "*) ;; *) exit 1 ;; esac
sh -c "$command" >/dev/null 2>&1 || exit 1
objcopy -O binary -j "$section" "$object" "$place/linked" && objcopy -O binary -j "$section" "$place/o" "$place/again" || exit 1
cmp -s "$place/linked" "$place/again" || exit 1
addr2line -a -i -e "$place/o" -j "$section" "$@"
`;

/** Reads what `nm -A -f sysv` prints of functions: `./ipc/sem.o:semundo_show |0…120| t | FUNC|0…1a3| |.text`. */
export function parseSymbols(text: string): readonly Defined[] {
  return text.split('\n').flatMap((row): readonly Defined[] => {
    const found = /^\.\/([\w./+-]+\.o):([\w$.]+) *\|([0-9a-f]+)\| *[tTwW] *\| *FUNC\|([0-9a-f]+)\| *\|(\.[\w.]+)$/.exec(row.trimEnd());
    if (!found) return [];
    const [, object = '', symbol = '', value = '', size = '', section = ''] = found;
    return [{ object, symbol, section, value: parseInt(value, 16), size: parseInt(size, 16) }];
  });
}

/** The one function that is meant; undefined where there is none or could be several. */
function definitionOf({ symbol, offset, size }: WantedByte, all: readonly Defined[]): Defined | undefined {
  const fitting = all.filter((one) => one.symbol === symbol && one.size <= size && size - one.size < MOST_PADDING && offset < one.size);
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Undefined where addr2line does not know, or names a file outside of the tree. */
function parseSourceLine(text: string, src: string): SourceLine | undefined {
  const found = /^(\/[^:]{1,400}):([1-9]\d{0,6})(?: \(discriminator \d+\))?$/.exec(text);
  const path = posix.normalize(found?.[1] ?? '');
  return path.startsWith(`${src}/`) ? { file: path.slice(src.length + 1), line: Number(found?.[2]) } : undefined;
}

/** Reads what `addr2line -a -i` prints: for each address in turn its line and the lines that its code was inlined into. */
export function parseSourceLines(text: string, src: string): readonly (readonly SourceLine[])[] {
  const chains: SourceLine[][] = [];
  for (const row of text.split('\n')) {
    if (/^0x[0-9a-f]+$/.test(row)) chains.push([]);
    const line = parseSourceLine(row, src);
    if (line) chains.at(-1)?.push(line);
  }
  return chains;
}

/** For a wanted byte, whatever it is a part of. */
export function byteKey({ symbol, offset, size }: Omit<WantedByte, 'isMain'>): string {
  return `${symbol}+${offset}/${size}`;
}

/**
 * The source lines of bytes of a kernel that are in these files, or that are worth it by themselves, by `byteKey`: the innermost first, then those that it was inlined into. The build folder holds that kernel, and the tree is as it was compiled:
 * the caller holds its lock. What cannot be told for sure is left out. Everything that reads what the code's author had a hand
 * in runs in the sandbox.
 */
export async function sourceLines(
  ctx: Pick<Context, 'effects'>,
  { sandbox, tree, objects, files }: { readonly sandbox: Sandbox; readonly tree: KernelTree; readonly objects: string; readonly files: ReadonlySet<string> },
  wanted: readonly WantedByte[],
): Promise<ReadonlyMap<string, readonly SourceLine[]>> {
  const room = openRoom(sandbox, [
    { host: tree.src, at: ROOM.src, access: 'read' },
    { host: objects, at: ROOM.objects, access: 'read' },
  ]);
  const shell = async (script: string, args: readonly string[]): Promise<string> => {
    const command = room.command({ file: 'sh', args: ['-c', script, 'sh', ...args], cwd: objects, env: buildEnv(room, undefined), timeoutMs: LIMIT_MS });
    const done = await ctx.effects.processes.run(command);
    return done.exitCode === 0 ? done.stdout : '';
  };
  const symbols = [...new Set(wanted.map(({ symbol }) => symbol))];
  const defined = parseSymbols(symbols.length === 0 ? '' : await shell(LIST, [symbols.join('\n')]));
  const bySection = new Map<string, { readonly definition: Defined; readonly key: string; readonly address: number }[]>();
  for (const byte of wanted) {
    const definition = definitionOf(byte, defined);
    if (!definition) continue;
    const place = `${definition.object} ${definition.section}`;
    const isAsked = files.has(definition.object.replace(/\.o$/, '.c'));
    if (!byte.isMain && !isAsked) continue;
    const known = bySection.get(place) ?? [];
    known.push({ definition, key: byteKey(byte), address: definition.value + byte.offset });
    bySection.set(place, known);
  }
  const lines = new Map<string, readonly SourceLine[]>();
  for (const asked of [...bySection.values()].slice(0, MOST_OBJECTS)) {
    const [first] = asked;
    if (!first) continue;
    const { object, section } = first.definition;
    const told = parseSourceLines(await shell(LINES, [object, section, ...asked.map(({ address }) => `0x${address.toString(16)}`)]), room.path(tree.src));
    if (told.length !== asked.length) continue;
    for (const [index, { key }] of asked.entries()) lines.set(key, told[index] ?? []);
  }
  return lines;
}
