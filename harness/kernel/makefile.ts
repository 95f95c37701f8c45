import { ALWAYS, and, not, option, or, type Condition } from './condition.js';

/** One assignment of a Makefile: `obj-$(CONFIG_X) += a.o b.o`. */
export interface Assignment {
  /** With its variables as they are written. */
  readonly name: string;
  readonly value: string;
  /** Of the `ifeq`, `ifdef`, … around it. */
  readonly guard: Condition;
}

export interface ParsedMakefile {
  readonly assignments: readonly Assignment[];
  /** What `include` names. */
  readonly includes: readonly { readonly path: string; readonly guard: Condition }[];
}

/** What make knows of the architecture that respin builds for (arch/x86/Makefile). */
export const KNOWN_VARIABLES: Readonly<Record<string, string>> = { SRCARCH: 'x86', ARCH: 'x86', BITS: '64', UTS_MACHINE: 'x86_64' };

const MAX_LINE = 100_000;

const RULE = /^[^=#]*[^=#:+?]:(?![=:])/;
const CONDITIONAL = /^(?:ifn?eq|ifn?def|else|endif)\b/;

/** Lines with their continuations joined and comments cut. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let open: string[] | undefined;
  let inRule = false;
  for (const raw of text.replace(/\$\{(\w+)\}/g, '$($1)').split('\n')) {
    if (open === undefined) {
      // A line with a tab is a recipe behind a rule, and like any other elsewhere.
      if (raw.startsWith('\t') && inRule) continue;
      if (/^[^\s#]/.test(raw)) inRule = RULE.test(raw) || (inRule && CONDITIONAL.test(raw));
    }
    const goesOn = raw.endsWith('\\');
    const piece = goesOn ? raw.slice(0, -1) : raw;
    if (open) open.push(piece);
    else open = [piece];
    if (goesOn) continue;
    lines.push(open.join(' ').slice(0, MAX_LINE).replace(/(^|\s)#.*$/, '').trim());
    open = undefined;
  }
  if (open) lines.push(open.join(' ').slice(0, MAX_LINE).trim());
  return lines.filter((line) => line !== '');
}

/** `$(filter y,$(CONFIG_A) $(CONFIG_B))` → A, B */
function filtered(text: string): readonly string[] | undefined {
  const inner = /^\$\(filter\s+[ym ]+,(.*)\)$/.exec(text.trim())?.[1];
  return inner === undefined ? undefined : onlyOptions(inner.replace(/\s+/g, ''));
}

/** `$(CONFIG_A)$(CONFIG_B)` → A, B; undefined for anything else. */
function onlyOptions(text: string): readonly string[] | undefined {
  const names = [...text.matchAll(/\$\(CONFIG_(\w+)\)/g)].map(([, name = '']) => name);
  return names.length > 0 && text.replace(/\$\(CONFIG_\w+\)/g, '').trim() === '' ? names : undefined;
}

function constant(text: string): string | undefined {
  const expanded = text.trim().replace(/\$\((\w+)\)/g, (whole, name: string) => KNOWN_VARIABLES[name] ?? whole);
  return expanded.includes('$') ? undefined : expanded;
}

/** `ifeq (A,B)`, `ifeq "A" "B"` */
function equality(text: string): Condition {
  const unknown: Condition = { kind: 'unknown', text: `ifeq ${text}`.slice(0, 200) };
  const inner = /^\((.*)\)$/.exec(text)?.[1];
  const comma = inner?.lastIndexOf(',') ?? -1;
  const sides = inner !== undefined && comma >= 0 ? [inner.slice(0, comma), inner.slice(comma + 1)] : /^["'](.*?)["']\s+["'](.*?)["']$/.exec(text)?.slice(1);
  const [left = '', right = ''] = sides ?? [];
  if (!sides) return unknown;
  const names = onlyOptions(left) ?? onlyOptions(right);
  const other = (onlyOptions(left) ? right : left).trim();
  if (names) {
    if (other === '') return and(...names.map((name) => not(option(name))));
    if (/^[ym]+$/.test(other) && other.length === names.length) return and(...names.map(option));
    return names.length > 1 && /^[ym]+$/.test(other) ? { kind: 'or', of: names.map(option) } : unknown;
  }
  const [a, b] = [constant(left), constant(right)];
  return a !== undefined && b !== undefined ? (a === b ? ALWAYS : not(ALWAYS)) : unknown;
}

function defined(name: string): Condition {
  const known = /^CONFIG_(\w+)$/.exec(name.trim())?.[1];
  return known === undefined ? { kind: 'unknown', text: `ifdef ${name.trim()}`.slice(0, 200) } : option(known);
}

function conditionalOf(line: string): Condition | undefined {
  const found = /^(ifeq|ifneq|ifdef|ifndef)\b\s*(.*)$/.exec(line);
  const [, word, rest = ''] = found ?? [];
  switch (word) {
    case 'ifeq':
      return equality(rest);
    case 'ifneq': {
      const left = /^\((.*),\s*\)$/.exec(rest)?.[1] ?? '';
      const names = onlyOptions(left) ?? filtered(left);
      return names ? or(...names.map(option)) : not(equality(rest));
    }
    case 'ifdef':
      return defined(rest);
    case 'ifndef':
      return not(defined(rest));
    default:
      return undefined;
  }
}

interface Open {
  /** What holds in this branch, and what held in one before it. */
  now: Condition;
  before: Condition;
}

/**
 * Reads assignments and includes of a kbuild Makefile with the conditions around them (GNU make manual, "Conditional Parts
 * of Makefiles"; Documentation/kbuild/makefiles.rst). Rules and recipes are left out.
 */
export function parseMakefile(text: string): ParsedMakefile {
  const assignments: Assignment[] = [];
  const includes: { readonly path: string; readonly guard: Condition }[] = [];
  const open: Open[] = [];
  let inDefine = false;
  for (const line of logicalLines(text)) {
    if (/^define\b/.test(line)) inDefine = true;
    if (inDefine) {
      if (/^endef\b/.test(line)) inDefine = false;
      continue;
    }
    const begun = conditionalOf(line);
    if (begun) {
      open.push({ now: begun, before: begun });
      continue;
    }
    const top = open.at(-1);
    if (/^else\b/.test(line) && top) {
      const next = conditionalOf(line.slice(4).trim()) ?? ALWAYS;
      top.now = and(not(top.before), next);
      top.before = or(top.before, next);
      continue;
    }
    if (/^endif\b/.test(line)) {
      open.pop();
      continue;
    }
    const guard = and(...open.map(({ now }) => now));
    const included = /^-?include\s+(.*)$/.exec(line)?.[1];
    if (included !== undefined) {
      for (const path of included.split(/\s+/)) includes.push({ path, guard });
      continue;
    }
    const assigned = /^((?:\$\((?:[^()]|\([^()]*\))*\)|[^\s:=+?$])+)\s*(?:[:+?]|::)?=\s*(.*)$/.exec(line);
    if (assigned?.[1] !== undefined) assignments.push({ name: assigned[1], value: assigned[2] ?? '', guard });
  }
  return { assignments, includes };
}
