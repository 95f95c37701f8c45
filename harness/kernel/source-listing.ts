import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import { readJson, writeAtomically } from '../store/atomic.js';
import { digestOf, keyOf } from '../store/digest.js';
import { sourcePaths } from './source-artefacts.js';
import { findGitDir, gitCommand } from './source-git.js';
import { leavesTree } from './source-links.js';
import { parseRecords } from './source-records-text.js';

/** What find says of a file or symbolic link of a directory. */
interface Found {
  readonly path: string;
  readonly type: 'f' | 'l';
  readonly executable: boolean;
  /** Size, both times and the inode: when it is the same, the content is the same. */
  readonly stamp: string;
  /** Of the last change of content or inode, in seconds. */
  readonly changed: number;
  readonly target: string;
}

/** A source file as a directory holds it: digest of its content, or what the link points to. */
export interface Listed extends Omit<Found, 'target'> {
  readonly content: string;
}

export interface Listing {
  /** When it was taken, in seconds since 1970. */
  readonly taken: number;
  readonly files: readonly Listed[];
}

/** First field of a listing's file. */
const HEADER = 'respin listing 1';
const FIELDS = 6;

const summarySchema = z.object({ raw: z.string(), digest: z.string(), settled: z.boolean() });

const LISTING_BYTES = 256 * 1024 * 1024;
/** A file that changed this shortly before it was listed may change again without a new time. In seconds. */
const RACY_SECONDS = 2;
const GIT_MS = 30_000;

/** Where the listing of a user's directory is kept. */
export function listingPath(ctx: Context, directory: string): string {
  return join(ctx.cache.sources, `directory-${keyOf(directory).slice(0, 16)}.listing`);
}

/** The listing that was written at `path`; undefined when there is none, or another version of respin wrote it. */
export async function readListing(ctx: Context, path: string): Promise<Listing | undefined> {
  const text = await ctx.effects.files.readFile(path, 'utf8').catch(() => '');
  return parseListing(text);
}

/** Writes a listing. @throws HarnessError as `writeAtomically` */
export async function writeListing(ctx: Context, path: string, listing: Listing): Promise<void> {
  await writeAtomically(ctx, path, formatListing(listing));
}

/** A listing as text: fields that end with NUL. A kernel has 90 000 files; as JSON it would take 200 MB to read. */
export function formatListing({ taken, files }: Listing): string {
  const records = files.map((file) => `${file.type}\0${file.executable ? 'x' : '-'}\0${file.stamp}\0${file.changed}\0${file.path}\0${file.content}\0`);
  return `${HEADER}\0${taken}\0${records.join('')}`;
}

/** Reads what `formatListing` wrote; undefined for anything else. */
export function parseListing(text: string): Listing | undefined {
  const headerEnd = HEADER.length + 1;
  const start = text.indexOf('\0', headerEnd) + 1;
  const taken = Number(text.slice(headerEnd, start - 1));
  if (!text.startsWith(`${HEADER}\0`) || start === 0 || !Number.isFinite(taken)) return undefined;
  try {
    const files = parseRecords(text.slice(start), FIELDS).map(([type, executable, stamp = '', changed, path = '', content = '']): Listed => ({
      path,
      type: type === 'l' ? 'l' : 'f',
      executable: executable === 'x',
      stamp,
      changed: Number(changed),
      content,
    }));
    return { taken, files };
  } catch {
    return undefined;
  }
}

/**
 * The digest of a directory's sources (`listingDigest`); their listing is left at `listingPath`. Where find prints the
 * same as the last time nothing is read.
 * @throws HarnessError `host` `directory.read` when a part of it cannot be read
 */
export async function digestDirectory(ctx: Context, directory: string): Promise<string> {
  const path = `${listingPath(ctx, directory)}.summary`;
  const summary = await readJson(ctx, path, summarySchema);
  const taken = ctx.effects.clock.date().getTime() / 1000;
  const found = await listRaw(ctx, directory);
  const raw = digestOf(`${await gitStamp(ctx, directory)}\0${found}`);
  if (summary?.settled === true && summary.raw === raw) return summary.digest;
  const listing = await takeListing(ctx, directory, taken, found);
  const digest = listingDigest(listing);
  const settled = listing.files.every((file) => file.changed < taken - RACY_SECONDS);
  await writeAtomically(ctx, path, JSON.stringify({ raw, digest, settled }));
  return digest;
}

/** What decides, outside of the listed files, which of them git ignores. */
async function gitStamp(ctx: Context, directory: string): Promise<string> {
  const gitDir = await findGitDir(ctx, directory);
  if (gitDir === undefined) return '';
  const stamps = await Promise.all(
    [join(gitDir, 'index'), join(gitDir, 'info', 'exclude')].map(async (path) => {
      const stat = await ctx.effects.files.stat(path, { bigint: true }).catch(() => undefined);
      return stat ? `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.ino}` : '';
    }),
  );
  return stamps.join(' ');
}

/**
 * Lists the sources of a directory with the digests of their content. Only files that changed since the last listing are
 * read. Symbolic links that lead out of the directory are left out.
 */
async function takeListing(ctx: Context, directory: string, taken: number, raw: string): Promise<Listing> {
  const path = listingPath(ctx, directory);
  const before = await readListing(ctx, path);
  const found = await sourcesIn(ctx, directory, raw);
  const known = new Map(before?.files.filter((file) => file.changed < before.taken - RACY_SECONDS).map((file) => [file.path, file]));
  const fresh = found.filter((file) => file.type === 'f' && known.get(file.path)?.stamp !== file.stamp);
  const digests = await digestFiles(ctx, directory, fresh.map((file) => file.path));
  const files = found.map(({ target, ...file }): Listed => {
    const content = file.type === 'l' ? target : (digests.get(file.path) ?? known.get(file.path)?.content);
    if (content === undefined) throw changedMeanwhile(directory);
    return { ...file, content };
  });
  const listing: Listing = { taken, files };
  await writeListing(ctx, path, listing);
  return listing;
}

/** The digest of what a directory holds: names, kinds, executable bits and content, not times. */
export function listingDigest(listing: Listing): string {
  return digestOf(listing.files.map((file) => `${file.type}${file.executable ? 'x' : '-'} ${file.content} ${file.path}\0`).join(''));
}

/**
 * Refuses a directory in which a source changed since it was listed.
 * @throws HarnessError `host` `source.changed`
 */
export async function refuseChanged(ctx: Context, directory: string, listing: Listing): Promise<void> {
  const now = await sourcesIn(ctx, directory, await listRaw(ctx, directory));
  const same = now.length === listing.files.length && now.every((file, index) => isSame(file, listing.files[index]));
  if (!same) throw changedMeanwhile(directory);
}

function isSame(found: Found, listed: Listed | undefined): boolean {
  return found.path === listed?.path && found.stamp === listed.stamp;
}

function changedMeanwhile(directory: string): Error {
  return hostError('source.changed', `${directory} changed while it was read`, { hint: 'run again when nothing writes there' });
}

/** What find prints of all files and links. */
async function listRaw(ctx: Context, directory: string): Promise<string> {
  const done = await ctx.effects.processes.run({
    file: 'find',
    args: [directory, '-name', '.git', '-prune', '-o', '(', '-type', 'f', '-o', '-type', 'l', ')', '-printf', '%y\\0%m\\0%s:%T@:%C@:%i\\0%C@\\0%P\\0%l\\0'],
    env: { PATH: ctx.effects.env['PATH'] ?? '', LC_ALL: 'C' },
    keepBytes: LISTING_BYTES,
  });
  if (done.exitCode !== 0 || done.stdout.length >= LISTING_BYTES || done.stdout.includes('\uFFFD')) {
    throw hostError('directory.read', `${directory} cannot be listed as a whole`, {
      output: done.stderr,
      hint: 'every file in it must be readable and have a UTF-8 name',
    });
  }
  return done.stdout;
}

/** The source files and links among what find printed, sorted by name. */
async function sourcesIn(ctx: Context, directory: string, raw: string): Promise<readonly Found[]> {
  const all = parseRecords(raw, FIELDS).map(([type = '', mode = '', stamp = '', changed = '', path = '', target = '']): Found => ({
    path,
    type: type === 'l' ? 'l' : 'f',
    executable: type === 'f' && (Number.parseInt(mode, 8) & 0o111) !== 0,
    stamp,
    changed: Number(changed),
    target,
  }));
  const sources = sourcePaths(
    all.map((file) => file.path),
    await ignoredByGit(ctx, directory),
  );
  const links = new Map(all.filter((file) => file.type === 'l').map((file) => [file.path, file.target]));
  return all
    .filter((file) => sources.has(file.path) && !(file.type === 'l' && leavesTree(file.path, links)))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What git ignores and does not track; empty where the directory is no repository, or git does not answer. */
async function ignoredByGit(ctx: Context, directory: string): Promise<readonly string[]> {
  const gitDir = await findGitDir(ctx, directory);
  if (gitDir === undefined || gitDir === directory) return [];
  const list = ['--work-tree', directory, 'ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'];
  const done = await ctx.effects.processes.run({ ...gitCommand(ctx, gitDir, list), cwd: directory, keepBytes: LISTING_BYTES, timeoutMs: GIT_MS });
  return done.exitCode === 0 ? done.stdout.split('\0').filter((path) => path !== '') : [];
}

async function digestFiles(ctx: Context, directory: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map();
  const done = await ctx.effects.processes.run({
    file: 'xargs',
    args: ['-0', '-r', 'sha256sum', '-z', '--'],
    cwd: directory,
    input: paths.map((path) => `./${path}\0`).join(''),
    keepBytes: LISTING_BYTES,
  });
  if (done.exitCode !== 0) {
    throw hostError('directory.read', `files of ${directory} cannot be read`, { output: done.stderr, hint: 'every file in it must be readable' });
  }
  return new Map(done.stdout.split('\0').filter(Boolean).map((line) => [line.slice(68), line.slice(0, 64)]));
}
