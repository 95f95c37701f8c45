import { join, resolve } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, HarnessError, usageError } from '../errors.js';
import type { Patch, Series } from '../model.js';
import { nearest } from '../spec/nearest.js';
import { canonicalJson, digestOf } from '../store/digest.js';
import { parseSeriesForm, SERIES_FORMS } from './forms.js';
import { gatherPath, gatherRange, gatherStdin, gatherThread, unreadable, type Gathered } from './gather.js';
import { letterheadOf } from './letterhead.js';
import { lettersOf } from './letter.js';
import { decodeLetters } from './mail.js';
import { patchOf } from './patches.js';
import { pickPosting } from './posting.js';
import { parseSeriesFile, type SeriesFile } from './series-file.js';
import { statedIn } from './stated.js';
import { oneLine } from './text.js';
import { trailersIn } from './trailers.js';

export interface SeriesRequest {
  /** As SERIES_FORMS says. */
  readonly text: string;
  readonly packageRoot: string;
  /** Picks the folder of patches of a series that has several: `6.12.117`. */
  readonly kernelVersion: string;
  /** What a path is relative to. */
  readonly cwd: string;
  /** `--version`: the version of the series that is wanted of a thread. */
  readonly version?: number | undefined;
  /** What was gathered already, by text: standard input can be read once, and nothing should be fetched twice. */
  readonly kept?: Map<string, Gathered> | undefined;
}

/**
 * Reads the series that the user names.
 * @throws HarnessError `usage`: `series.unknown`, `series.path-missing`, `series.no-base` (not for this kernel),
 * `series.promise` (of a patch that is not there), `series.empty`, `series.numbers` (missing, twice, mixed),
 * `series.version`, or what `parseSeriesFile`, `parseSeriesForm`, the functions of gather.ts and `patchOf` throw
 */
export async function readSeries(ctx: Context, request: SeriesRequest): Promise<Series> {
  return (await readWithFile(ctx, request)).series;
}

/**
 * What `series.yaml` of every shipped series says, by name.
 * @throws HarnessError `usage` `series.file`
 */
export async function listSeries(ctx: Pick<Context, 'effects'>, packageRoot: string): Promise<readonly SeriesFile[]> {
  const shipped = join(packageRoot, SHIPPED);
  const listed: SeriesFile[] = [];
  for (const name of await shippedNames(ctx, packageRoot)) {
    const file = await readSeriesFile(ctx, join(shipped, name));
    if (file) listed.push(file);
  }
  return listed;
}

const SHIPPED = 'kernel-patches';
const SERIES_FILE = 'series.yaml';

/** A series, and what its `series.yaml` says that it does not. */
export interface SeriesWithFile {
  readonly series: Series;
  readonly conflicts: readonly string[];
}

/** As `readSeries`. */
export async function readWithFile(ctx: Context, request: SeriesRequest): Promise<SeriesWithFile> {
  const found = await lookUp(ctx, request);
  if (found.kind === 'gathered') return { series: await seriesIn(ctx, found.gathered, request.version), conflicts: [] };
  return readDescribed(ctx, found.folder, found.origin, found.file, request.kernelVersion);
}

/** What a text names: a series with a `series.yaml`, or what is to be made one of. */
export type LookedUp =
  | { readonly kind: 'described'; readonly folder: string; readonly origin: string; readonly file: SeriesFile }
  | { readonly kind: 'gathered'; readonly gathered: Gathered };

/** @throws HarnessError as `readSeries` */
export async function lookUp(ctx: Context, request: SeriesRequest): Promise<LookedUp> {
  const { text, packageRoot, cwd, version, kept } = request;
  const known = kept?.get(text);
  if (known) return { kind: 'gathered', gathered: known };
  const keep = async (gathering: Promise<Gathered>): Promise<LookedUp> => {
    const gathered = await gathering;
    kept?.set(text, gathered);
    return { kind: 'gathered', gathered };
  };
  const form = parseSeriesForm(text);
  if (form.kind === 'stdin') return keep(gatherStdin(ctx));
  if (form.kind === 'git') return keep(gatherRange(ctx, form, cwd));
  if (form.kind === 'message') return keep(gatherThread(ctx, form, version));
  if (/^[A-Za-z0-9][\w.-]*$/.test(text)) {
    const folder = join(packageRoot, SHIPPED, text);
    const file = await readSeriesFile(ctx, folder);
    if (file) return { kind: 'described', folder, origin: `shipped:${text}`, file };
  }
  const path = resolve(cwd, text);
  const kind = text === '' || text.includes('\0') ? undefined : await kindOf(ctx, path);
  if (kind === undefined && form.id !== undefined) return keep(gatherThread(ctx, { id: form.id, list: undefined }, version));
  if (kind === undefined) throw await unknownSeries(ctx, request, path);
  if (kind === 'other') throw usageError('series.kind', `${path} is neither a file nor a folder`);
  const file = kind === 'folder' ? await readSeriesFile(ctx, path) : undefined;
  return file ? { kind: 'described', folder: path, origin: path, file } : keep(gatherPath(ctx, path, kind));
}

/** Makes a series of mails: picks, orders, decodes and checks them. */
export async function seriesIn(ctx: Context, gathered: Gathered, version: number | undefined): Promise<Series> {
  const { where, name, origin, order, strict } = gathered;
  const letters = gathered.mails.flatMap((mail) => lettersOf(mail));
  const picked = pickPosting(letters, { where, version, order, strict });
  if (picked.kind === 'refused') {
    // A patch that is damaged is a better complaint than that others are missing.
    await patchesIn(ctx, picked.present, where).catch((error: unknown) => {
      if (!(error instanceof HarnessError) || error.code === 'series.damaged' || error.kind === 'host') throw error;
    });
    throw picked.error;
  }
  const { cover } = picked;
  const patches = await patchesIn(ctx, picked.patches, where);
  const trailers = trailersIn(letters, picked.patches, cover);
  const stated = statedIn([...(cover ? [cover] : []), ...picked.patches].map(({ content }) => content.toString('utf8')));
  const title = [cover?.subject, patches[0]?.subject].find((text) => text !== undefined && text !== '' && text !== TEMPLATE);
  const head = cover ?? picked.patches[0];
  const said = trailers.length === 0 ? [] : [`replies give ${trailers.length === 1 ? 'one trailer' : `${trailers.length} trailers`}: ${shortList(trailers.map(({ patch, text }) => `${text} (${patch === 0 ? 'all' : `patch ${patch}`})`))}`];
  return sealed({
    ...{ name, title: title ?? name, origin, prerequisites: [], patches, promises: {}, suites: [] },
    stated: { ...stated, baseCommit: stated.baseCommit ?? gathered.baseCommit },
    notes: [...gathered.notes, ...picked.notes, ...said].map((note) => oneLine(note, LONGEST_NOTE)),
    trailers,
    letters: head === undefined ? [] : letterheadOf(head),
  });
}

/** What git format-patch --cover-letter leaves to be written. */
const TEMPLATE = '*** SUBJECT HERE ***';
const LONGEST_NOTE = 1000;
const SHOWN_TRAILERS = 8;

function shortList(texts: readonly string[]): string {
  const more = texts.length - SHOWN_TRAILERS;
  return `${texts.slice(0, SHOWN_TRAILERS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

async function patchesIn(ctx: Context, letters: Parameters<typeof decodeLetters>[1], where: string): Promise<readonly Patch[]> {
  return (await decodeLetters(ctx, letters, where)).map((mail, index) => patchOf(mail, index + 1));
}

async function kindOf(ctx: Pick<Context, 'effects'>, path: string): Promise<'folder' | 'file' | 'other' | undefined> {
  try {
    const found = await ctx.effects.files.stat(path);
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'].includes(errnoOf(error) ?? '')) return undefined;
    throw unreadable(path, error);
  }
}

async function unknownSeries(ctx: Pick<Context, 'effects'>, request: SeriesRequest, path: string): Promise<Error> {
  const { text } = request;
  if (text.includes('/') || /\.(?:patch|diff|mbox|mbx|eml)(?:\.gz)?$/.test(text)) {
    return usageError('series.path-missing', `there is no ${oneLine(path)}; a series is one of\n${SERIES_FORMS}`, {
      hint: 'check the path; respin series lists those shipped',
    });
  }
  const shipped = await shippedNames(ctx, request.packageRoot);
  const meant = nearest(text, shipped);
  return usageError(
    'series.unknown',
    `unknown series "${oneLine(text, 80)}"; shipped are ${shipped.join(', ') || 'none'}; a series is one of\n${SERIES_FORMS}`,
    { hint: meant === undefined ? 'respin series lists those shipped' : `did you mean ${meant}?` },
  );
}

async function shippedNames(ctx: Pick<Context, 'effects'>, packageRoot: string): Promise<readonly string[]> {
  const folder = join(packageRoot, SHIPPED);
  try {
    const entries = await ctx.effects.files.readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw unreadable(folder, error);
  }
}

/** The `series.yaml` in a folder; undefined when there is none. */
async function readSeriesFile(ctx: Pick<Context, 'effects'>, folder: string): Promise<SeriesFile | undefined> {
  const path = join(folder, SERIES_FILE);
  let text: string;
  try {
    text = await ctx.effects.files.readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  }
  return parseSeriesFile(text, path);
}

async function readDescribed(
  ctx: Context,
  folder: string,
  origin: string,
  file: SeriesFile,
  kernelVersion: string,
): Promise<SeriesWithFile> {
  const line = /^v?(\d+\.\d+)/.exec(kernelVersion)?.[1];
  const base = file.bases.find(({ kernel }) => kernel === line);
  if (!base) {
    const kernels = file.bases.map(({ kernel }) => kernel).join(', ');
    throw usageError('series.no-base', `the series ${file.name} has patches for ${kernels}, not for ${kernelVersion}`, {
      hint: `choose one of these kernels, for example --kernel ${file.bases[0]?.kernel ?? ''}`,
    });
  }
  const { patches } = await seriesIn(ctx, await gatherPath(ctx, join(folder, base.patches), 'folder'), undefined);
  const before = base.prerequisites === undefined ? [] : (await seriesIn(ctx, await gatherPath(ctx, join(folder, base.prerequisites), 'folder'), undefined)).patches;
  const prerequisites = before.map((patch): Patch => ({ ...patch, number: 0 }));
  const broken = Object.entries(file.promises).find(([, number]) => number > patches.length);
  if (broken) {
    throw usageError(
      'series.promise',
      `${join(folder, SERIES_FILE)}: promises.${broken[0]} names patch ${broken[1]}; ${base.patches} has ${patches.length}`,
    );
  }
  const series = sealed({
    name: file.name,
    title: file.title,
    origin: `${origin}/${base.patches}`,
    prerequisites,
    patches,
    promises: file.promises,
    suites: file.suite === undefined ? [] : [file.suite],
    stated: { baseCommit: undefined, prerequisitePatchIds: [] },
    notes: [],
    trailers: [],
    letters: [],
  });
  return { series, conflicts: file.conflicts };
}

/** A series with its digest. */
export function sealed(series: Omit<Series, 'digest'>): Series {
  const digests = (patches: readonly Patch[]): readonly string[] => patches.map(({ digest }) => digest);
  const { prerequisites, patches, promises } = series;
  return { ...series, digest: digestOf(canonicalJson({ prerequisites: digests(prerequisites), patches: digests(patches), promises })) };
}
