import { join } from 'node:path';
import type { Context } from '../../context.js';
import { usageError } from '../../errors.js';
import type { Evidence } from '../../evidence/schema.js';
import type { Patch, Series } from '../../model.js';
import { gatherPath } from '../../series/gather.js';
import { sealed, seriesIn } from '../../series/read-series.js';

type Recorded = Evidence['series']['patches'];

/** The patches in a folder of evidence, which must be those that evidence.json names. */
async function patchesIn(ctx: Context, folder: string, recorded: Recorded): Promise<readonly Patch[]> {
  if (recorded.length === 0) return [];
  const { patches } = await seriesIn(ctx, await gatherPath(ctx, folder, 'folder'), undefined);
  if (patches.length !== recorded.length) {
    throw usageError('evidence.damaged', `${folder} has ${patches.length} patches, and evidence.json names ${recorded.length}`, { hint: 'get the folder again from where it was written' });
  }
  return patches.map((patch, index) => {
    const { digest = '', number = 0, subject = '', author, messageId } = recorded[index] ?? {};
    if (patch.digest === digest) return { ...patch, number, subject, author, messageId };
    throw usageError('evidence.damaged', `${patch.origin} is not what was run: its diff has the digest ${patch.digest}, and evidence.json has ${digest}`, {
      hint: 'one of the two was changed: get the folder again from where it was written',
    });
  });
}

/**
 * The series that a run was of, from the folder of its evidence; undefined when it was of the kernel alone.
 * @throws HarnessError `usage` `evidence.damaged`, or as a series is read
 */
export async function readRecordedSeries(ctx: Context, folder: string, { series }: Evidence): Promise<Series | undefined> {
  const { name, title, promises, suites, digest } = series;
  if (series.patches.length + series.prerequisites.length === 0) return undefined;
  const place = join(folder, 'series');
  const prerequisites = await patchesIn(ctx, join(place, 'prerequisites'), series.prerequisites);
  const patches = await patchesIn(ctx, place, series.patches);
  return sealed({
    ...{ name, title, prerequisites, patches, promises, suites, notes: [], trailers: [], letters: series.letters.map((letter) => ({ ...letter, date: letter.date, from: letter.from })) },
    // A build folder of its own: nothing of the first run is in it.
    origin: `rerun:${digest}`,
    stated: { baseCommit: undefined, prerequisitePatchIds: [] },
  });
}
