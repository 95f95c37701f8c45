import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, HarnessError, messageOf, usageError } from '../errors.js';
import { digestOf } from '../store/digest.js';
import type { SeriesForm } from './forms.js';
import { formatRange } from './git-range.js';
import { fetchThread } from './lore.js';
import { parseQuiltSeries } from './quilt.js';
import { splitMbox, type RawMail } from './raw-mail.js';
import { oneLine } from './text.js';
import { mailError, MOST_BYTES, unpacked } from './unpack.js';

/** Everything of a series before it is known what of it is one: mails and patches, as they were found. */
export interface Gathered {
  readonly name: string;
  /** As `Series.origin`. */
  readonly origin: string;
  /** For messages. */
  readonly where: string;
  readonly mails: readonly RawMail[];
  /** `given`: that of a quilt folder. */
  readonly order: 'numbered' | 'given';
  /** Every file was named or chosen as a patch: none may be something else. */
  readonly strict: boolean;
  /** One file with one mail in it, which may be a part of a series. */
  readonly single: boolean;
  readonly baseCommit: string | undefined;
  readonly notes: readonly string[];
}

const PLAIN = { order: 'numbered', strict: false, single: false, baseCommit: undefined, notes: [] } as const;

/**
 * Reads standard input, once.
 * @throws HarnessError `usage` `series.stdin` for a terminal, `series.mail`
 */
export async function gatherStdin(ctx: Context): Promise<Gathered> {
  const content = await ctx.effects.stdin(MOST_BYTES);
  if (content === undefined) throw usageError('series.stdin', 'the series "-" is standard input, and that is a terminal', { hint: 'for example: respin run - < series.mbox' });
  refuseLarge(content.length, 'standard input');
  const mails = splitMbox(await unpacked(content, 'standard input'), 'standard input', { path: 'standard input', line: 1 });
  // What comes there has no place of its own: series of several people may come one after the other.
  return { ...PLAIN, name: 'stdin', origin: `stdin:${digestOf(content)}`, where: 'standard input', mails, strict: mails.length === 1 };
}

/** @throws HarnessError as `formatRange` */
export async function gatherRange(ctx: Context, form: Extract<SeriesForm, { kind: 'git' }>, cwd: string): Promise<Gathered> {
  const { patches, gitDir, name, baseCommit } = await formatRange(ctx, form, cwd);
  const origin = `git:${gitDir}#${form.base}..${form.tip}`;
  const mails = patches.flatMap((patch) => splitMbox(patch.content, `${origin} ${patch.name}`, undefined));
  return { ...PLAIN, name: plainName(name), origin, where: origin, mails, strict: true, baseCommit };
}

/** @throws HarnessError as `fetchThread` */
export async function gatherThread(ctx: Context, form: { readonly id: string; readonly list: string | undefined }, version: number | undefined): Promise<Gathered> {
  const { content, cover, where, notes } = await fetchThread(ctx, { ...form, version });
  const mails = [...(cover ? splitMbox(cover, `${where} (cover letter)`, undefined) : []), ...splitMbox(content, where, undefined)];
  return { ...PLAIN, name: plainName(form.id.slice(0, 60)), origin: `lore:${form.id}`, where, mails, notes };
}

/**
 * Reads what is at a path: a file, a folder of patches, of quilt, a maildir, what b4 am wrote.
 * @throws HarnessError `usage` `series.kind`, `series.empty`, `series.unreadable`, `series.quilt`, `series.mail`
 */
export async function gatherPath(ctx: Context, path: string, kind: 'folder' | 'file'): Promise<Gathered> {
  const base = { ...PLAIN, name: nameFor(path, kind), origin: path, where: path };
  if (kind === 'file') return { ...base, ...(await gatherFile(ctx, path)) };
  const names = await listed(ctx, path);
  if (names.includes('series')) return { ...base, ...(await gatherQuilt(ctx, path, names)) };
  if (names.includes('cur') || names.includes('new')) return { ...base, mails: await gatherMaildir(ctx, path) };
  const patches = names.filter((name) => /\.(?:patch|eml|diff)(?:\.gz)?$/.test(name)).sort();
  if (patches.length > 0) return { ...base, mails: await readAll(ctx, patches.map((name) => join(path, name))), strict: true };
  const boxes = names.filter((name) => /\.(?:mbx|mbox)(?:\.gz)?$/.test(name));
  const [box] = boxes;
  if (box !== undefined && boxes.length === 1) return { ...base, ...(await gatherFile(ctx, join(path, box))) };
  if (box !== undefined) throw usageError('series.empty', `${path} has several mboxes: ${oneLine(boxes.sort().join(', '))}`, { hint: `name one, such as ${join(path, box)}` });
  throw usageError('series.empty', `${path} has no patches; expected files such as 0001-ipc-fix.patch`, {
    hint: `git format-patch -o ${path} BASE..TIP writes them`,
  });
}

/** A series without its digest is named by these. */
export function nameFor(path: string, kind: 'folder' | 'file'): string {
  if (kind === 'folder') return plainName(basename(path));
  const name = basename(path).replace(/\.gz$/, '');
  return plainName(basename(name, extname(name)));
}

function plainName(text: string): string {
  return text.replace(/[^\w.-]+/g, '-').replace(/^[-.]+/, '') || 'series';
}

async function gatherFile(ctx: Context, path: string): Promise<Pick<Gathered, 'mails' | 'single' | 'strict'>> {
  const mails = splitMbox(await readSource(ctx, path), path, { path, line: 1 });
  const coverPath = path.replace(/\.mbx$/, '.cover');
  const cover = coverPath === path ? [] : await readAll(ctx, [coverPath]).catch(() => []);
  const single = mails.length === 1 && cover.length === 0;
  return { mails: [...cover, ...mails], single, strict: single };
}

async function gatherQuilt(ctx: Context, path: string, names: readonly string[]): Promise<Pick<Gathered, 'mails' | 'order' | 'strict' | 'notes'>> {
  const list = join(path, 'series');
  const entries = parseQuiltSeries((await readSource(ctx, list)).toString('utf8'), list);
  const mails: RawMail[] = [];
  for (const { name, strip } of entries) {
    const file = join(path, name);
    mails.push({ origin: file, at: { path: file, line: 1 }, bytes: await readSource(ctx, file, `${list} names ${name}, which`), strip });
  }
  const left = names.filter((name) => /\.(?:patch|diff)$/.test(name) && entries.every((entry) => entry.name !== name)).sort();
  const notes = left.length === 0 ? [] : [`left out ${oneLine(left.join(', '))}: the file series does not name ${left.length === 1 ? 'it' : 'them'}`];
  return { mails, order: 'given', strict: true, notes };
}

/** Of `cur` and `new`; what is in `tmp` is not whole yet. */
async function gatherMaildir(ctx: Context, path: string): Promise<readonly RawMail[]> {
  const paths: string[] = [];
  for (const folder of ['cur', 'new']) {
    const names = await listed(ctx, join(path, folder)).catch((error: unknown) => {
      if (error instanceof HarnessError && errnoOf(error.cause) === 'ENOENT') return [];
      throw error;
    });
    paths.push(...names.filter((name) => !name.startsWith('.')).sort().map((name) => join(path, folder, name)));
  }
  if (paths.length === 0) throw usageError('series.empty', `${path} is a maildir without mails`);
  const mails: RawMail[] = [];
  for (const file of paths) mails.push({ origin: file, at: { path: file, line: 1 }, bytes: await readSource(ctx, file) });
  return mails;
}

async function readAll(ctx: Context, paths: readonly string[]): Promise<readonly RawMail[]> {
  const mails: RawMail[] = [];
  let bytes = 0;
  for (const path of paths) {
    const content = await readSource(ctx, path);
    bytes += content.length;
    refuseLarge(bytes, dirname(resolve(path)));
    mails.push(...splitMbox(content, path, { path, line: 1 }));
  }
  return mails;
}

async function listed(ctx: Context, path: string): Promise<readonly string[]> {
  try {
    return await ctx.effects.files.readdir(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The error for a path that the file system does not give. */
export function unreadable(path: string, cause: unknown): Error {
  return usageError('series.unreadable', `cannot read ${path}: ${errnoOf(cause) ?? 'unknown reason'}`, { cause });
}

async function readSource(ctx: Context, path: string, where = path): Promise<Buffer> {
  const { files } = ctx.effects;
  let content: Buffer;
  try {
    const found = await files.stat(path);
    if (!found.isFile()) throw mailError(where, 'is no file');
    refuseLarge(found.size, where);
    content = await files.readFile(path);
  } catch (error) {
    throw error instanceof HarnessError ? error : mailError(where, `cannot be read (${errnoOf(error) ?? messageOf(error)})`);
  }
  return await unpacked(content, where);
}

function refuseLarge(bytes: number, where: string): void {
  if (bytes > MOST_BYTES) throw mailError(where, `has ${bytes > MOST_BYTES + 1 ? `${bytes} bytes` : 'more than that'}; a series has at most ${MOST_BYTES}`);
}
