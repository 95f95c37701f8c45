import { parseFragment } from './fragment.js';
import type { KconfigEntry } from './kconfig-entries.js';
import type { ConfigMiss } from '../model.js';

/** An option that two configurations do not set alike. A value is `y`, `n`, a number, a quoted text; undefined where it is not said. */
export interface Difference {
  readonly option: string;
  readonly good: string | undefined;
  readonly bad: string | undefined;
}

/** Two configurations, parted into what can make a difference and what goes along. */
export interface ConfigPair {
  /** What somebody can choose, in the order in which the files have it. */
  readonly differences: readonly Difference[];
  /** What both set alike, as a fragment. */
  readonly common: string;
  /** Differing options that this kernel does not have. */
  readonly unknown: readonly string[];
}

/** A line of a fragment; empty for what is not said. */
export function settingLine(option: string, value: string | undefined): string {
  if (value === undefined) return '';
  return value === 'n' ? `# ${option} is not set` : `${option}=${value}`;
}

/**
 * What two configurations differ in. An option without a prompt is nobody's choice: it follows from others, and is left to
 * Kconfig.
 * @param entries every option of the kernel, by its name without `CONFIG_`
 */
export function pairConfigs(good: string, bad: string, entries: ReadonlyMap<string, readonly Pick<KconfigEntry, 'prompt'>[]>): ConfigPair {
  const [goods, bads] = [parseFragment(good), parseFragment(bad)];
  const options = [...new Set([...bads.keys(), ...goods.keys()])];
  const made = (option: string): readonly Pick<KconfigEntry, 'prompt'>[] => entries.get(option.slice('CONFIG_'.length)) ?? [];
  const differing = options.filter((option) => goods.get(option) !== bads.get(option));
  const isChosen = (option: string): boolean => made(option).some(({ prompt }) => prompt !== undefined);
  return {
    differences: differing.filter(isChosen).map((option) => ({ option, good: goods.get(option), bad: bads.get(option) })),
    common: options.filter((option) => goods.get(option) === bads.get(option)).map((option) => settingLine(option, goods.get(option))).join('\n'),
    unknown: differing.filter((option) => made(option).length === 0),
  };
}

/** The differing options of a configuration that is the good one but for some. */
export function mixture(differences: readonly Difference[], chosen: ReadonlySet<string>): string {
  return differences.map(({ option, good, bad }) => settingLine(option, chosen.has(option) ? bad : good)).filter((line) => line !== '').join('\n');
}

/** The differences that have to be taken along for others to come out: those that did not come out, and those that these depend on. */
export function goAlong(differences: readonly Difference[], chosen: ReadonlySet<string>, misses: readonly ConfigMiss[]): readonly string[] {
  const named = new Set(misses.flatMap(({ option, dependsOn }) => [option, ...dependsOn.flatMap((text) => [...text.matchAll(/\w+/g)].map(([name]) => `CONFIG_${name}`))]));
  return differences.map(({ option }) => option).filter((option) => named.has(option) && !chosen.has(option));
}
