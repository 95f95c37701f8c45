import { basename, extname, join, resolve } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, usageError } from '../errors.js';
import type { Patch, Series } from '../model.js';
import { nearest } from '../spec/nearest.js';
import { canonicalJson, digestOf } from '../store/digest.js';
import { readMails } from './mail.js';
import { patchesOf } from './patches.js';
import { parseSeriesFile, type SeriesFile } from './series-file.js';
import { oneLine } from './text.js';

export type SeriesContext = Pick<Context, 'effects' | 'cache'>;

export interface SeriesRequest {
  /** A shipped series' name; or the path of a folder of patches, of a folder with a `series.yaml`, or of an mbox or patch. */
  readonly text: string;
  readonly packageRoot: string;
  /** Picks the folder of patches of a series that has several: `6.12.117`. */
  readonly kernelVersion: string;
  /** What a path is relative to. */
  readonly cwd: string;
}

/**
 * Reads the series that the user names.
 * @throws HarnessError `usage`: `series.unknown`, `series.path-missing`, `series.no-base` (not for this kernel),
 * `series.promise` (of a patch that is not there), or what `parseSeriesFile`, `readMails` and `patchesOf` throw
 */
export async function readSeries(ctx: SeriesContext, request: SeriesRequest): Promise<Series> {
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
export async function readWithFile(ctx: SeriesContext, request: SeriesRequest): Promise<SeriesWithFile> {
  const { text, packageRoot, kernelVersion } = request;
  if (/^[A-Za-z0-9][\w.-]*$/.test(text)) {
    const folder = join(packageRoot, SHIPPED, text);
    const file = await readSeriesFile(ctx, folder);
    if (file) return readDescribed(ctx, folder, `shipped:${text}`, file, kernelVersion);
  }
  const path = resolve(request.cwd, text);
  const kind = text === '' || text.includes('\0') ? undefined : await kindOf(ctx, path);
  if (kind === undefined) throw await unknownSeries(ctx, request, path);
  if (kind === 'other') throw usageError('series.kind', `${path} is neither a file nor a folder`);
  const file = kind === 'folder' ? await readSeriesFile(ctx, path) : undefined;
  if (file) return readDescribed(ctx, path, path, file, kernelVersion);
  const { title, patches } = await readPatches(ctx, path, kind);
  const series = sealed({
    name: nameFor(path, kind),
    title: [title, patches[0]?.subject].find((text) => text !== undefined && text !== '') ?? nameFor(path, kind),
    origin: path,
    prerequisites: [],
    patches,
    promises: {},
    suites: [],
  });
  return { series, conflicts: [] };
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

function unreadable(path: string, cause: unknown): Error {
  return usageError('series.unreadable', `cannot read ${path}: ${errnoOf(cause) ?? 'unknown reason'}`, { cause });
}

async function unknownSeries(ctx: Pick<Context, 'effects'>, request: SeriesRequest, path: string): Promise<Error> {
  const { text } = request;
  const forms = 'a folder of patches (git format-patch), an mbox, or one .patch file';
  if (text.includes('/') || /\.(patch|mbox|mbx|eml)$/.test(text)) {
    return usageError('series.path-missing', `there is no ${oneLine(path)}; a series is a shipped name, ${forms}`, {
      hint: 'check the path; respin series lists those shipped',
    });
  }
  const shipped = await shippedNames(ctx, request.packageRoot);
  const meant = nearest(text, shipped);
  return usageError(
    'series.unknown',
    `unknown series "${oneLine(text, 80)}"; shipped are ${shipped.join(', ') || 'none'}; a path may name ${forms}`,
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
  ctx: SeriesContext,
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
  const { patches } = await readPatches(ctx, join(folder, base.patches), 'folder');
  const before = base.prerequisites === undefined ? [] : (await readPatches(ctx, join(folder, base.prerequisites), 'folder')).patches;
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
  });
  return { series, conflicts: file.conflicts };
}

async function readPatches(ctx: SeriesContext, path: string, kind: 'folder' | 'file'): Promise<ReturnType<typeof patchesOf>> {
  if (kind === 'file') return patchesOf(await readMails(ctx, [path]), path);
  let names: readonly string[];
  try {
    names = await ctx.effects.files.readdir(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  const patches = names.filter((name) => name.endsWith('.patch')).sort();
  if (patches.length === 0) {
    throw usageError('series.empty', `${path} has no patches; expected files such as 0001-ipc-fix.patch`, {
      hint: `git format-patch -o ${path} BASE..TIP writes them`,
    });
  }
  return patchesOf(await readMails(ctx, patches.map((name) => join(path, name))), path);
}

function nameFor(path: string, kind: 'folder' | 'file'): string {
  const name = kind === 'folder' ? basename(path) : basename(path, extname(path));
  return name.replace(/[^\w.-]+/g, '-') || 'series';
}

/** A series with its digest. */
export function sealed(series: Omit<Series, 'digest'>): Series {
  const digests = (patches: readonly Patch[]): readonly string[] => patches.map(({ digest }) => digest);
  const { prerequisites, patches, promises } = series;
  return { ...series, digest: digestOf(canonicalJson({ prerequisites: digests(prerequisites), patches: digests(patches), promises })) };
}
