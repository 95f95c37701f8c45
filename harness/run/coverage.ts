import { join, normalize } from 'node:path';
import type { Context } from '../context.js';
import type { Room } from '../host/sandbox.js';
import { describeCondition, openPart } from '../kernel/condition.js';
import { kindOfFile, otherArch } from '../kernel/code-paths.js';
import { compiledFiles } from '../kernel/compiled.js';
import { parseFragment } from '../kernel/fragment.js';
import { openNeeds, type TreeReader } from '../kernel/needs.js';
import type { Coverage, KernelTree, Series, UnbuiltFile } from '../model.js';
import { treePathProblem } from '../series/tree-path.js';
import { readPlainFile } from '../store/plain-file.js';
import type { SideRecord } from './side.js';

/** No Makefile and no Kconfig file is nearly so large. */
const MOST_TEXT_BYTES = 16 * 1024 * 1024;

/** The files of a tree as they lie on the disk. */
export function diskReader(ctx: Pick<Context, 'effects'>, tree: KernelTree): TreeReader {
  const { files } = ctx.effects;
  return {
    // A Kconfig or a Makefile of a series names what it likes: `../../../dev/zero`.
    read: async (path) => {
      if (treePathProblem(normalize(path)) !== undefined) return undefined;
      return readPlainFile(ctx.effects, join(tree.src, path), MOST_TEXT_BYTES).then(String, () => undefined);
    },
    list: async (folder) => files.readdir(join(tree.src, folder)).catch(() => []),
  };
}

/** The code that a series leaves: what it deletes cannot be compiled, and prerequisites are the base's. */
export function codeOf({ patches }: Pick<Series, 'patches'>): readonly string[] {
  const last = new Map<string, boolean>();
  for (const { files } of patches) {
    for (const { from, to } of files) {
      if (from !== undefined && from !== to) last.set(from, false);
      if (to !== undefined) last.set(to, true);
    }
  }
  return [...last].flatMap(([path, there]) => (there && ['source', 'header', 'other-arch'].includes(kindOfFile(path)) ? [path] : [])).sort();
}

/**
 * Which of the code that a series touches went into the kernel that lies in a build folder, and what the rest needs. The
 * series is on the tree.
 * @param config the `.config` it was built with
 */
export async function coverageOf(
  ctx: Context,
  place: { readonly tree: KernelTree; readonly objects: string; readonly room: Pick<Room, 'path'> },
  series: Pick<Series, 'patches'>,
  config: string,
): Promise<Coverage> {
  const code = codeOf(series);
  const there = await compiledFiles(ctx, { src: place.tree.src, objects: place.objects, room: place.room }, code);
  const values = parseFragment(config);
  const needs = openNeeds(diskReader(ctx, place.tree));
  const unbuilt: UnbuiltFile[] = [];
  for (const path of code) {
    if (there.has(path)) continue;
    const kind = kindOfFile(path);
    if (kind === 'other-arch') unbuilt.push({ path, needs: `not for x86-64: it is ${otherArch(path) ?? 'another architecture'}'s` });
    else if (kind === 'header') unbuilt.push({ path, needs: 'nothing that was compiled includes it' });
    else {
      const needed = await needs.of(path);
      const open = needed.kind === 'options' ? openPart(needed.condition, (name) => values.get(`CONFIG_${name}`)) : undefined;
      unbuilt.push({ path, needs: open === undefined || open.kind === 'always' ? 'what it needs cannot be told from the Makefiles' : `needs ${describeCondition(open)}` });
    }
  }
  return { compiled: code.filter((path) => there.has(path)), unbuilt };
}

/** `net/ipv6/foo.c is touched and was not built: needs CONFIG_IPV6` */
export function describeUnbuilt({ path, needs }: UnbuiltFile): string {
  return `${path} is touched and was not built: ${needs}`;
}

/**
 * Why a run proves nothing of the series: it touches code, none of it was compiled, and the kernel is the base's byte for
 * byte. Undefined for any other, also for one that touches no code of the kernel.
 */
export function nothingBuilt(coverage: Coverage | undefined, baseImage: string | undefined, tipImage: string | undefined): string | undefined {
  if (!coverage || coverage.compiled.length > 0 || coverage.unbuilt.length === 0) return undefined;
  if (baseImage === undefined || baseImage !== tipImage) return undefined;
  const [first] = coverage.unbuilt;
  const more = coverage.unbuilt.length > 1 ? `, and ${coverage.unbuilt.length - 1} more` : '';
  return `nothing of the code that the series touches was compiled, and its kernel is the base's byte for byte: ${first ? describeUnbuilt(first) : ''}${more}; --config auto adds what is needed`;
}

/** The digest of the kernel that a side was built to. */
export function imageOf(record: SideRecord | undefined): string | undefined {
  return record?.build?.kind === 'built' ? record.build.image.digest : undefined;
}
