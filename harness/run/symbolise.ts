import { join } from 'node:path';
import type { Context } from '../context.js';
import { withFreeLock } from '../host/lock.js';
import { objectsIn } from '../kernel/slot.js';
import { treeLockName } from '../kernel/tree.js';
import { byteKey, sourceLines, type SourceLine, type WantedByte } from '../kernel/source-lines.js';
import type { AddedLines, Finding, FindingPlace, Series } from '../model.js';
import { codePlaces } from '../results/code-places.js';
import { stackOf } from '../series/prefix.js';
import { popSeries, pushSeries } from '../series/push.js';
import { digestFile } from '../store/digest.js';
import type { Boot } from './boot-side.js';
import { openHealed, type SharedRequest } from './healed-tree.js';
import { slotHome } from './prepare-side.js';
import type { Plan } from './plan.js';
import type { PreparedSide } from './side.js';

/** The lines that findings name, with the patch that added each. Of code that was inlined the innermost that the series added, or else the innermost. */
function placesOf({ lines }: Finding, known: ReadonlyMap<string, readonly SourceLine[]>, added: readonly AddedLines[]): readonly FindingPlace[] {
  const patchOf = ({ file, line }: SourceLine): number => added.find(({ path }) => path === file)?.patchOfLine[line] ?? 0;
  return codePlaces(lines).flatMap(({ index, place }): readonly FindingPlace[] => {
    const chain = known.get(byteKey(place)) ?? [];
    const found = chain.find((line) => patchOf(line) > 0) ?? chain[0];
    if (!found) return [];
    const patch = patchOf(found);
    return [{ index, ...found, ...(patch === 0 ? {} : { patch }) }];
  });
}

function wantedOf({ lines, function: blamed }: Finding): readonly WantedByte[] {
  return codePlaces(lines).map(({ place }) => ({ ...place, isMain: place.symbol.replace(/\..*/, '') === blamed }));
}

/** Whether the kernel reported anything whose source lines could be looked up. */
export function namesCode(boots: readonly Boot[]): boolean {
  return boots.some(({ findings }) => findings.some(({ lines }) => codePlaces(lines).length > 0));
}

/**
 * Adds to what a kernel reported the lines of its sources, where they can be told for sure: where the build folder still
 * holds the very kernel that was booted. The files that the series touches and that of the function that is blamed are compiled
 * again, with line numbers, as far as a report names them (decision 18). While another run has the tree, that is left out: a
 * verdict does not wait for it.
 */
export async function symbolise(ctx: Context, { source }: Pick<Plan, 'source'>, shared: SharedRequest, series: Series, prepared: PreparedSide | undefined, boots: readonly Boot[]): Promise<readonly Boot[]> {
  const wanted = boots.flatMap(({ findings }) => findings.flatMap(wantedOf));
  if (prepared?.kind !== 'ready' || wanted.length === 0) return boots;
  const objects = objectsIn(await slotHome(ctx, { ...shared, series }));
  const known = await withFreeLock(ctx, treeLockName(source), async () => {
    const kept = await digestFile(ctx.effects, join(objects, 'vmlinux')).catch(() => undefined);
    if (kept !== prepared.build.image.digest) return undefined;
    const tree = await openHealed(ctx, source);
    const files = new Set(stackOf(series).flatMap((patch) => patch.files.flatMap(({ to }) => to ?? [])));
    const place = { sandbox: shared.environment.sandbox, tree, objects, files };
    const unique = [...new Map(wanted.map((byte) => [byteKey(byte), byte])).values()];
    if (stackOf(series).length === 0) return { lines: await sourceLines(ctx, place, unique), added: [] };
    const pushed = await pushSeries(ctx, tree, series);
    if (pushed.kind === 'rejected') return undefined;
    try {
      return { lines: await sourceLines(ctx, place, unique), added: pushed.addedLines };
    } finally {
      await popSeries(ctx, tree);
    }
  });
  if (!known) return boots;
  return boots.map((boot) => ({ ...boot, findings: boot.findings.map((finding) => ({ ...finding, places: placesOf(finding, known.lines, known.added) })) }));
}
