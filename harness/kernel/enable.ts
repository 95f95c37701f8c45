import { and, holds, type Condition, type Values } from './condition.js';
import type { KconfigEntry } from './kconfig-entries.js';

export type Entries = ReadonlyMap<string, readonly KconfigEntry[]>;

export type Enabled =
  /** What to set, `y` or `n`, in the order in which it was found to be needed. */
  | { readonly kind: 'found'; readonly settings: ReadonlyMap<string, 'y' | 'n'> }
  | { readonly kind: 'impossible'; readonly text: string };

const MAX_DEPTH = 24;
/** A search that takes more steps than this goes nowhere. */
const MAX_STEPS = 20_000;
/** So many options that select another are tried. */
const MAX_SELECTORS = 40;

/**
 * Finds settings with which a condition holds, from a configuration on: what an option depends on is set too, and an
 * option without a prompt is brought by one that selects it. The first way that is found is taken, what needs least first
 * where that can be seen. Only a trial with the tree's own Kconfig proves that it is one.
 */
export function enable(entries: Entries, values: Values, wanted: Condition): Enabled {
  const selectors = selectorsOf(entries);
  let steps = 0;
  let trouble = '';
  const now = (set: ReadonlyMap<string, 'y' | 'n'>): Values => (name) => set.get(name) ?? values(name);

  const need = (condition: Condition, set: ReadonlyMap<string, 'y' | 'n'>, depth: number): ReadonlyMap<string, 'y' | 'n'> | undefined => {
    steps += 1;
    if (holds(condition, now(set)) === true) return set;
    if (steps > MAX_STEPS || depth > MAX_DEPTH) return undefined;
    switch (condition.kind) {
      case 'always':
        return set;
      // What is not known may hold: the trial will tell.
      case 'unknown':
        return set;
      case 'never':
        return undefined;
      case 'option':
        return turnOn(condition.name, set, depth);
      case 'not':
        return condition.of.kind === 'option' ? turnOff(condition.of.name, set) : undefined;
      case 'and': {
        let all = set;
        for (const part of condition.of) {
          const more = need(part, all, depth + 1);
          if (!more) return undefined;
          all = more;
        }
        return all;
      }
      case 'or': {
        const ways = condition.of.flatMap((part) => {
          const way = need(part, set, depth + 1);
          return way ? [way] : [];
        });
        return ways.sort((a, b) => a.size - b.size)[0];
      }
    }
  };

  const turnOff = (name: string, set: ReadonlyMap<string, 'y' | 'n'>): ReadonlyMap<string, 'y' | 'n'> | undefined => {
    if (set.get(name) === 'y') return undefined;
    if (!entries.get(name)?.some(({ prompt }) => prompt !== undefined)) {
      trouble ||= `CONFIG_${name} is in the way and cannot be switched off`;
      return undefined;
    }
    return new Map(set).set(name, 'n');
  };

  const turnOn = (name: string, set: ReadonlyMap<string, 'y' | 'n'>, depth: number): ReadonlyMap<string, 'y' | 'n'> | undefined => {
    const known = entries.get(name);
    if (!known) {
      trouble ||= `this tree has no option CONFIG_${name}`;
      return undefined;
    }
    if (set.get(name) === 'n') return undefined;
    const taken = new Map(set).set(name, 'y');
    for (const entry of known) {
      if (entry.prompt === undefined || entry.type === 'other') continue;
      const way = need(and(entry.depends, entry.prompt), taken, depth + 1);
      if (way) return way;
    }
    for (const { by, when } of (selectors.get(name) ?? []).slice(0, MAX_SELECTORS)) {
      if (by === name) continue;
      const way = need(and({ kind: 'option', name: by }, when), taken, depth + 1);
      if (!way) continue;
      // What is selected is not set by itself.
      const rest = new Map(way);
      rest.delete(name);
      return rest;
    }
    trouble ||= `CONFIG_${name} cannot be switched on: it ${known.some(({ prompt }) => prompt) ? 'depends on what cannot be had here' : 'has no prompt, and nothing that can be set selects it'}`;
    return undefined;
  };

  const settings = need(wanted, new Map(), 0);
  return settings ? { kind: 'found', settings } : { kind: 'impossible', text: trouble || 'no way to it was found' };
}

interface Selector {
  readonly by: string;
  readonly when: Condition;
}

function selectorsOf(entries: Entries): ReadonlyMap<string, readonly Selector[]> {
  const found = new Map<string, Selector[]>();
  for (const [by, list] of entries) {
    for (const { selects, prompt } of list) {
      for (const { name, when } of selects) {
        const known = found.get(name) ?? [];
        // What can be set by hand is tried first.
        if (prompt === undefined) known.push({ by, when });
        else known.unshift({ by, when });
        found.set(name, known);
      }
    }
  }
  return found;
}
