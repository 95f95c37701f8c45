import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import type { Patch, Series } from '../model.js';
import { joinPostings } from './join-postings.js';
import { lookUp, readWithFile, sealed, seriesIn, type SeriesRequest, type SeriesWithFile } from './read-series.js';

export interface StackRequest extends Omit<SeriesRequest, 'text'> {
  /** In the order of application. */
  readonly texts: readonly string[];
}

/**
 * Reads several series as one that applies them in order: patches and promises are renumbered, the names joined by `+`.
 * Single mails of one posting that stand beside each other are one series, whatever their order.
 * What they need first is applied before all of them, each patch once; all their suites judge. A test that two of them promise is promised by the first.
 * @throws HarnessError `usage` `series.none`, `series.twice`, `series.conflict`, or as `readSeries`
 */
export async function readSeriesStack(ctx: Context, request: StackRequest): Promise<Series> {
  const { texts, ...rest } = request;
  if (texts.filter((text) => text === '-').length > 1) throw usageError('series.twice', 'standard input ("-") is named twice; it can be read once');
  const read: SeriesWithFile[] = [];
  const kept = rest.kept ?? new Map();
  const found = [];
  for (const text of texts) found.push({ text, looked: await lookUp(ctx, { ...rest, kept, text }) });
  for (const group of joinPostings(found)) {
    if (group.kind === 'joined') read.push({ series: await seriesIn(ctx, group.gathered, rest.version), conflicts: [] });
    else read.push(await readWithFile(ctx, { ...rest, kept, text: group.text }));
  }
  const [first] = read;
  if (!first) throw usageError('series.none', 'no series was named', { hint: 'respin series lists those shipped' });
  if (read.length === 1) return first.series;
  refuseConflicts(read);
  const patches: Patch[] = [];
  const promises = new Map<string, number>();
  const trailers: Series['trailers'][number][] = [];
  for (const { series } of read) {
    const before = patches.length;
    for (const [test, number] of Object.entries(series.promises)) {
      if (!promises.has(test)) promises.set(test, number + before);
    }
    for (const { patch, text } of series.trailers) {
      // What is for all patches of one series is not for those of the others.
      const numbers = patch === 0 ? series.patches.map(({ number }) => number) : [patch];
      trailers.push(...numbers.map((number) => ({ patch: number + before, text })));
    }
    patches.push(...series.patches.map((patch) => ({ ...patch, number: patch.number + before })));
  }
  const all = read.map(({ series }) => series);
  const needed = new Map(all.flatMap(({ prerequisites }) => prerequisites.map((patch) => [patch.digest, patch])));
  return sealed({
    name: all.map(({ name }) => name).join('+'),
    title: all.map(({ title }) => title).join(' + '),
    origin: all.map(({ origin }) => origin).join('+'),
    prerequisites: [...needed.values()],
    patches,
    promises: Object.fromEntries(promises),
    suites: [...new Set(all.flatMap(({ suites }) => suites))],
    // The first is what lies on the kernel; what the others say is about something between.
    stated: first.series.stated,
    notes: all.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`)),
    trailers,
    letters: all.flatMap(({ letters }) => letters),
  });
}

function refuseConflicts(read: readonly SeriesWithFile[]): void {
  for (const [index, one] of read.entries()) {
    for (const other of read.slice(index + 1)) {
      const names = [one.series.name, other.series.name] as const;
      if (one.series.origin === other.series.origin) {
        throw usageError('series.twice', `the series ${names[0]} is named twice`);
      }
      if (one.conflicts.includes(names[1]) || other.conflicts.includes(names[0])) {
        throw usageError('series.conflict', `the series ${names[0]} and ${names[1]} cannot be applied together`, {
          hint: 'series.yaml of one of them declares the conflict; run them one at a time',
        });
      }
    }
  }
}
