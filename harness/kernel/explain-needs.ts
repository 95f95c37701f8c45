import { describeCondition, optionsIn } from './condition.js';
import type { Entries } from './enable.js';
import { kindOfFile, otherArch, type FileKind } from './code-paths.js';
import type { NeedsReader } from './needs.js';

/** What a touched file needs to be part of a kernel. */
export interface FileNeeds {
  readonly path: string;
  readonly kind: FileKind;
  /** In words: `CONFIG_NET and CONFIG_IPV6`, `nothing`, or why it cannot be told. */
  readonly needs: string;
  /** The options of these words. */
  readonly options: readonly { readonly name: string; readonly dependsOn: string }[];
}

const WORDS: Readonly<Record<Exclude<FileKind, 'source' | 'other-arch'>, string>> = {
  header: 'compiled by what includes it',
  build: 'shapes the build',
  aside: 'no part of the kernel that boots',
};

/** What touched files need, by the Makefiles, and what their options depend on, by the Kconfig files. */
export async function explainNeeds(needs: NeedsReader, entries: Entries, paths: readonly string[]): Promise<readonly FileNeeds[]> {
  const found: FileNeeds[] = [];
  for (const path of paths) {
    const kind = kindOfFile(path);
    if (kind === 'other-arch') found.push({ path, kind, needs: `not for x86-64: it is ${otherArch(path) ?? 'another architecture'}'s`, options: [] });
    else if (kind !== 'source') found.push({ path, kind, needs: WORDS[kind], options: [] });
    else {
      const needed = await needs.of(path);
      if (needed.kind === 'unknown') found.push({ path, kind, needs: `cannot be told: ${needed.text}`, options: [] });
      else {
        const options = optionsIn(needed.condition).map((name) => ({ name: `CONFIG_${name}`, dependsOn: dependsOn(entries, name) }));
        found.push({ path, kind, needs: describeCondition(needed.condition), options });
      }
    }
  }
  return found;
}

function dependsOn(entries: Entries, name: string): string {
  const known = entries.get(name);
  if (!known) return 'this tree has no such option';
  const texts = [...new Set(known.map(({ depends }) => describeCondition(depends)))].filter((text) => text !== 'nothing');
  const plain = texts.length === 0 ? '' : texts.join(', or ');
  return known.some(({ prompt }) => prompt) ? plain : `${plain === '' ? '' : `${plain}; `}set by what selects it`;
}
