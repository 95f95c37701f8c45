import { basename, dirname, join } from 'node:path';
import { ALWAYS, and, option, or, NEVER, type Condition } from './condition.js';
import { literalPattern } from './literal.js';
import { KNOWN_VARIABLES, parseMakefile, type Assignment } from './makefile.js';

/** The files of a tree, perhaps with a series on it. */
export interface TreeReader {
  /** The text of a file; undefined when it is not there. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** The names of the files in a folder; empty when it is not there. */
  readonly list: (folder: string) => Promise<readonly string[]>;
}

/** What a source needs to be compiled into the kernel. */
export type Needs =
  | { readonly kind: 'options'; readonly condition: Condition }
  /** The Makefiles do not say it in a way that is understood. */
  | { readonly kind: 'unknown'; readonly text: string };

export interface NeedsReader {
  readonly of: (path: string) => Promise<Needs>;
}

const MAX_DEPTH = 8;
/** What kbuild compiles and links by itself (Documentation/kbuild/makefiles.rst), and arch/x86/Makefile's lists of folders. */
const GOALS = new Set(['obj', 'lib', 'core', 'drivers', 'libs', 'extra', 'always', 'head', 'subdir', 'targets', 'net', 'virt', 'init']);

/** `obj-$(CONFIG_X)` → `obj`, X */
function splitName(name: string): { readonly prefix: string; readonly condition: Condition } | undefined {
  const suffix = /^(.*?)[-]((?:y|m|objs|\$\(.*\)))$/.exec(name);
  const [, prefix, end = ''] = suffix ?? [];
  if (prefix === undefined) return undefined;
  const names = [...end.matchAll(/CONFIG_(\w+)/g)].map(([, found = '']) => option(found));
  if (end.startsWith('$') && names.length === 0) return { prefix, condition: { kind: 'unknown', text: `${name} in its Makefile` } };
  return { prefix, condition: names.length === 0 ? ALWAYS : and(...names) };
}

/** The words of a value with the variables of the same file put in, as far as they are simple. */
function wordsOf(value: string, assignments: readonly Assignment[], depth = 0): readonly { readonly word: string; readonly guard: Condition }[] {
  const found: { readonly word: string; readonly guard: Condition }[] = [];
  const plain = value
    .replace(/\$\((?:src|obj|srctree|objtree)\)\//g, '')
    .replace(/\$\((SRCARCH|ARCH|BITS|UTS_MACHINE)\)/g, (_, name: string) => KNOWN_VARIABLES[name] ?? '');
  const prefixed = /^\$\(addprefix\s+([^,$]+),\s*(.*)\)$/.exec(plain.trim());
  if (prefixed) return wordsOf(prefixed[2] ?? '', assignments, depth).map(({ word, guard }) => ({ word: (prefixed[1] ?? '') + word, guard }));
  for (const word of plain.split(/\s+/)) {
    const variable = /^\$\(([\w-]+)\)$/.exec(word)?.[1];
    if (variable === undefined) {
      if (word !== '') found.push({ word, guard: ALWAYS });
      continue;
    }
    if (depth >= MAX_DEPTH) continue;
    for (const { name, value: inner, guard } of assignments) {
      const split = splitName(name);
      const same = name === variable || (split && `${split.prefix}-y` === variable && name !== variable);
      if (!same) continue;
      const condition = name === variable ? guard : and(guard, split?.condition ?? ALWAYS);
      for (const one of wordsOf(inner, assignments, depth + 1)) found.push({ word: one.word, guard: and(condition, one.guard) });
    }
  }
  return found;
}

/** One place that names an object or a folder. */
interface Naming {
  /** `obj` of `obj-$(CONFIG_X)`. */
  readonly prefix: string;
  readonly condition: Condition;
}

function withoutUnknown(condition: Condition): Condition {
  if (condition.kind === 'unknown' || (condition.kind === 'not' && condition.of.kind === 'unknown')) return ALWAYS;
  return condition.kind === 'and' ? and(...condition.of.map(withoutUnknown)) : condition;
}

/** What a folder's Makefile names, by its words. */
type Rules = ReadonlyMap<string, readonly Naming[]>;

function rulesIn(assignments: readonly Assignment[]): Rules {
  const rules = new Map<string, Naming[]>();
  for (const { name, value, guard } of assignments) {
    const split = splitName(name);
    if (!split) continue;
    for (const { word, guard: inner } of wordsOf(value, assignments)) {
      const naming = { prefix: split.prefix, condition: and(guard, split.condition, inner) };
      const same = rules.get(word);
      if (same) same.push(naming);
      else rules.set(word, [naming]);
    }
  }
  return rules;
}

/** When a word is built by the rules of a folder: an object of it, or a folder below. */
function conditionIn(rules: Rules, word: string, depth = 0): Condition {
  if (depth > MAX_DEPTH) return NEVER;
  return or(
    ...(rules.get(word) ?? []).map(({ prefix, condition }) => (GOALS.has(prefix) ? condition : and(condition, conditionIn(rules, `${prefix}.o`, depth + 1)))),
  );
}

/**
 * Says what sources need to be compiled, from the Makefiles of a tree: the options of their objects, of the composite
 * objects that these are part of, and of the folders on the way to them.
 */
export function openNeeds({ read, list }: TreeReader): NeedsReader {
  const rules = new Map<string, Promise<Rules>>();
  const readRules = async (folder: string): Promise<Rules> => {
    const names = folder === '' ? ['Kbuild', 'Makefile', 'arch/x86/Makefile'] : ['Kbuild', 'Makefile'];
    const found: Assignment[] = [];
    for (const name of names) {
      const text = await read(join(folder, name));
      if (text === undefined) continue;
      found.push(...(await assignmentsOf(text, folder, 0)));
      // Of a folder Kbuild is read when it is there, else Makefile (scripts/Kbuild.include, kbuild-file).
      if (folder !== '') break;
    }
    return rulesIn(found);
  };
  const assignmentsOf = async (text: string, folder: string, depth: number): Promise<readonly Assignment[]> => {
    const { assignments, includes } = parseMakefile(text);
    // The top Makefile calls itself again; what it asks for around its lists is not about the kernel.
    if (folder === '') return assignments.map((one) => ({ ...one, guard: withoutUnknown(one.guard) }));
    if (depth > 2) return assignments;
    const more: Assignment[] = [];
    for (const { path, guard } of includes) {
      const plain = path.replace(/^\$\((?:src|obj)\)\//, `${folder}/`).replace(/^\$\(srctree\)\//, '').replace(/^\$\(src(?:tree)?\)\//, '');
      if (plain.includes('$') || plain.startsWith('scripts/')) continue;
      const inner = await read(plain.includes('/') ? plain : join(folder, plain));
      if (inner === undefined) continue;
      for (const one of await assignmentsOf(inner, folder, depth + 1)) more.push({ ...one, guard: and(guard, one.guard) });
    }
    return [...assignments, ...more];
  };
  const rulesOf = (folder: string): Promise<Rules> => {
    const known = rules.get(folder) ?? readRules(folder);
    rules.set(folder, known);
    return known;
  };
  const parentOf = (path: string): string => (dirname(path) === '.' ? '' : dirname(path));
  const ancestors = (folder: string): readonly string[] => (folder === '' ? [''] : [folder, ...ancestors(parentOf(folder))]);
  const below = (folder: string, path: string): string => (folder === '' ? path : path.slice(folder.length + 1));

  const descents = new Map<string, Promise<Condition>>();
  /** When kbuild goes down into a folder. */
  const descent = (folder: string): Promise<Condition> => {
    const known = descents.get(folder) ?? descend(folder);
    descents.set(folder, known);
    return known;
  };
  const descend = async (folder: string): Promise<Condition> => {
    if (folder === '') return ALWAYS;
    const ways: Condition[] = [];
    for (const above of ancestors(parentOf(folder))) {
      const name = below(above, folder);
      const local = await rulesOf(above);
      const way = or(conditionIn(local, `${name}/`), conditionIn(local, name));
      if (way.kind !== 'never') ways.push(and(way, await descent(above)));
    }
    return or(...ways);
  };

  const ofObject = async (path: string): Promise<Condition> => {
    const object = path.replace(/\.[^.]+$/, '.o');
    const ways: Condition[] = [];
    for (const folder of ancestors(parentOf(object))) {
      const way = conditionIn(await rulesOf(folder), below(folder, object));
      if (way.kind !== 'never') ways.push(and(way, await descent(folder)));
    }
    return or(...ways);
  };

  const includersOf = async (path: string): Promise<readonly string[]> => {
    const folder = parentOf(path);
    const name = basename(path);
    const included = new RegExp(`^[ \\t]*#[ \\t]*include[ \\t]+"${literalPattern(name)}"`, 'm');
    const found: string[] = [];
    for (const other of await list(folder)) {
      if (other === name || !/\.[cS]$/.test(other)) continue;
      const text = (await read(join(folder, other))) ?? '';
      if (included.test(text)) found.push(join(folder, other));
    }
    return found;
  };

  const of = async (path: string, depth = 0): Promise<Needs> => {
    const condition = await ofObject(path);
    if (condition.kind !== 'never') return { kind: 'options', condition };
    const includers = depth > 2 ? [] : await includersOf(path);
    const ways: Condition[] = [];
    for (const other of includers) {
      const needs = await of(other, depth + 1);
      if (needs.kind === 'options') ways.push(needs.condition);
    }
    if (ways.length > 0) return { kind: 'options', condition: or(...ways) };
    return { kind: 'unknown', text: `no Makefile names ${basename(path).replace(/\.[^.]+$/, '.o')} in a way that is understood` };
  };
  return { of: async (path) => of(path) };
}

