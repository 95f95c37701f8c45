/** A condition on configuration options, as Makefiles and Kconfig files have them. Option names are without `CONFIG_`. */
export type Condition =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  /** `y` or `m`. */
  | { readonly kind: 'option'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  /** Something that is not about options, or is not understood. */
  | { readonly kind: 'unknown'; readonly text: string };

/** The value of an option: `y`, `m`, `n`, or text; undefined when it is not set. */
export type Values = (name: string) => string | undefined;

export const ALWAYS: Condition = { kind: 'always' };
export const NEVER: Condition = { kind: 'never' };

export function option(name: string): Condition {
  return { kind: 'option', name };
}

export function not(of: Condition): Condition {
  if (of.kind === 'always') return NEVER;
  if (of.kind === 'never') return ALWAYS;
  return of.kind === 'not' ? of.of : { kind: 'not', of };
}

function flat(kind: 'and' | 'or', parts: readonly Condition[]): readonly Condition[] {
  const all = parts.flatMap((part) => (part.kind === kind ? part.of : [part]));
  const seen = new Map(all.map((part) => [JSON.stringify(part), part]));
  return [...seen.values()];
}

export function and(...parts: readonly Condition[]): Condition {
  const all = flat('and', parts).filter(({ kind }) => kind !== 'always');
  if (all.some(({ kind }) => kind === 'never')) return NEVER;
  return all.length === 1 && all[0] ? all[0] : all.length === 0 ? ALWAYS : { kind: 'and', of: all };
}

export function or(...parts: readonly Condition[]): Condition {
  const all = flat('or', parts).filter(({ kind }) => kind !== 'never');
  if (all.some(({ kind }) => kind === 'always')) return ALWAYS;
  return all.length === 1 && all[0] ? all[0] : all.length === 0 ? NEVER : { kind: 'or', of: all };
}

/** Whether a condition holds; undefined when it depends on what is not known. */
export function holds(condition: Condition, values: Values): boolean | undefined {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'option': {
      const value = values(condition.name);
      return value !== undefined && value !== 'n' && value !== '';
    }
    case 'not': {
      const inner = holds(condition.of, values);
      return inner === undefined ? undefined : !inner;
    }
    case 'and': {
      const all = condition.of.map((part) => holds(part, values));
      return all.includes(false) ? false : all.includes(undefined) ? undefined : true;
    }
    case 'or': {
      const all = condition.of.map((part) => holds(part, values));
      return all.includes(true) ? true : all.includes(undefined) ? undefined : false;
    }
    case 'unknown':
      return undefined;
  }
}

/** What of a condition does not hold yet. */
export function openPart(condition: Condition, values: Values): Condition {
  if (holds(condition, values) === true) return ALWAYS;
  return condition.kind === 'and' ? and(...condition.of.map((part) => openPart(part, values))) : condition;
}

/** The options that a condition is about, in order, each once. */
export function optionsIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'option':
      return [condition.name];
    case 'not':
      return optionsIn(condition.of);
    case 'and':
    case 'or':
      return [...new Set(condition.of.flatMap(optionsIn))];
    case 'always':
    case 'never':
    case 'unknown':
      return [];
  }
}

/** In words: `CONFIG_NET and (CONFIG_A or not CONFIG_B)`. */
export function describeCondition(condition: Condition, nested = false): string {
  switch (condition.kind) {
    case 'always':
      return 'nothing';
    case 'never':
      return 'what never holds';
    case 'option':
      return `CONFIG_${condition.name}`;
    case 'not':
      return `not ${describeCondition(condition.of, true)}`;
    case 'and':
    case 'or': {
      const text = condition.of.map((part) => describeCondition(part, true)).join(` ${condition.kind} `);
      return nested ? `(${text})` : text;
    }
    case 'unknown':
      return condition.text;
  }
}
