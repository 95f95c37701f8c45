import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { HarnessError, hostError } from '../errors.js';
import { withLock } from '../host/lock.js';
import { readJson, writeAtomically, writeError } from '../store/atomic.js';
import { digestFile, digestOf } from '../store/digest.js';
import { BrokenOff, DOWNLOAD_LIMITS, encoded, oversized, refuseStatus, transfer, unreachable, type DownloadLimits, type Read } from './source-transfer.js';

export interface DownloadRequest {
  readonly url: string;
  /** The file's name in the cache. */
  readonly name: string;
  /** More than this is refused, in bytes. */
  readonly maxBytes: number;
  /** SHA-256 that the file must have; undefined when it is not known. */
  readonly digest: string | undefined;
}

/** A file that is whole and in the cache under its digest. */
export interface Downloaded {
  readonly path: string;
  readonly digest: string;
}

const PROGRESS_MS = 200;

/** What a partial file is of; it is continued only when the server says that it still has the same. */
const partialSchema = z.object({ url: z.string(), validator: z.string() });

/**
 * Fetches a file into `downloads/<digest>/<name>`. It goes on where an earlier attempt broke off, of this run or of one
 * that was killed; two runs that want the same file fetch it once.
 * @throws HarnessError `host` `source.unreachable` when the host does not answer or breaks off again and again,
 * `source.not-found` when it answers that it has no such file, `download.digest`, `download.oversized`,
 * `download.redirect`, `disk.full`; `usage` `download.url` for what is no http or https URL
 */
export async function download(ctx: Context, request: DownloadRequest, limits: DownloadLimits = DOWNLOAD_LIMITS): Promise<Downloaded> {
  const key = digestOf(`${request.url}\n${request.digest ?? ''}`).slice(0, 32);
  const partial = join(ctx.cache.downloads, 'partial', key);
  return await withLock(ctx, `download-${key}`, async () => (await downloaded(ctx, request)) ?? (await fetchWhole(ctx, request, partial, limits)));
}

/**
 * Fetches a short text.
 * @throws HarnessError as `download`
 */
export async function downloadText(ctx: Context, url: string, maxBytes: number, limits: DownloadLimits = DOWNLOAD_LIMITS): Promise<string> {
  return (await downloadBytes(ctx, url, maxBytes, limits)).toString('utf8');
}

/**
 * Fetches something short.
 * @throws HarnessError as `download`
 */
export async function downloadBytes(ctx: Context, url: string, maxBytes: number, limits: DownloadLimits = DOWNLOAD_LIMITS): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    await transfer(ctx, url, {}, limits, async (response, read) => {
      refuseStatus(url, response);
      for (let chunk = await read(); chunk !== undefined; chunk = await read()) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw oversized(url, maxBytes);
        chunks.push(chunk);
      }
    });
  } catch (error) {
    throw error instanceof BrokenOff ? unreachable(url, error) : error;
  }
  return Buffer.concat(chunks);
}

async function downloaded(ctx: Context, { digest, name }: DownloadRequest): Promise<Downloaded | undefined> {
  if (digest === undefined) return undefined;
  const path = join(ctx.cache.downloads, digest, name);
  return await ctx.effects.files.access(path).then(
    () => ({ path, digest }),
    () => undefined,
  );
}

async function fetchWhole(ctx: Context, request: DownloadRequest, partial: string, limits: DownloadLimits): Promise<Downloaded> {
  const { files } = ctx.effects;
  const discard = async (): Promise<void> => {
    await files.rm(partial, { force: true });
    await files.rm(`${partial}.json`, { force: true });
  };
  await files.mkdir(join(ctx.cache.downloads, 'partial'), { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    let resumed: boolean;
    try {
      resumed = await fetchInto(ctx, request, partial, limits);
    } catch (error) {
      if (!(error instanceof BrokenOff)) {
        if (!resumable(error)) await discard();
        throw error;
      }
      if (attempt >= limits.attempts) throw unreachable(request.url, error);
      ctx.progress({ type: 'notice', level: 'info', text: `${request.url}: ${error.message}; going on from there` });
      continue;
    }
    const digest = await digestFile(ctx.effects, partial);
    if (request.digest === undefined || digest === request.digest) {
      const path = join(ctx.cache.downloads, digest, request.name);
      await files.mkdir(join(ctx.cache.downloads, digest), { recursive: true });
      await files.rename(partial, path);
      await discard();
      return { path, digest };
    }
    await discard();
    // The first part may have been of another file of that name; what came in one piece has no such excuse.
    if (!resumed || attempt >= limits.attempts) {
      throw hostError('download.digest', `${request.url} has the SHA-256 digest ${digest}, not ${request.digest}; it is removed`, {
        hint: 'try again later: a mirror may be half way through an update',
      });
    }
  }
}

/** Faults of this host and of the network leave the partial file for a later run; a bad answer does not. */
function resumable(error: unknown): boolean {
  return !(error instanceof HarnessError && ['download.oversized', 'source.not-found'].includes(error.code));
}

/** One transfer, to the end of the file. Says whether it went on from an earlier one. */
async function fetchInto(ctx: Context, request: DownloadRequest, partial: string, limits: DownloadLimits): Promise<boolean> {
  const { url, maxBytes } = request;
  const known = await readJson(ctx, `${partial}.json`, partialSchema);
  const size = await ctx.effects.files.stat(partial).then(
    (stat) => stat.size,
    () => 0,
  );
  const from = known?.url === url && size > 0 ? size : 0;
  const headers: Record<string, string> = from > 0 && known ? { range: `bytes=${from}-`, 'if-range': known.validator } : {};
  let resumed = false;
  await transfer(ctx, url, headers, limits, async (response, read) => {
    if (response.status === 416) {
      await ctx.effects.files.rm(partial, { force: true });
      await ctx.effects.files.rm(`${partial}.json`, { force: true });
      throw new BrokenOff('the server has less than was there before');
    }
    refuseStatus(url, response);
    resumed = from > 0 && response.status === 206 && rangeStart(response) === from;
    if (response.status === 206 && !resumed) throw unreachable(url, new Error('it sent a part of the file that was not asked for'));
    const total = totalBytes(response, resumed ? from : 0);
    if (total !== undefined && total > maxBytes) throw oversized(url, maxBytes);
    if (!resumed) await remember(ctx, url, partial, response);
    await append(ctx, { url, partial, maxBytes, total, from: resumed ? from : 0 }, read);
  });
  return resumed;
}

async function remember(ctx: Context, url: string, partial: string, response: Response): Promise<void> {
  await ctx.effects.files.rm(`${partial}.json`, { force: true });
  const etag = response.headers.get('etag');
  // A weak validator does not vouch for bytes (RFC 9110, 13.1.5).
  const validator = etag && !etag.startsWith('W/') ? etag : response.headers.get('last-modified');
  await ctx.effects.files.writeFile(partial, '').catch((error: unknown) => {
    throw writeError(partial, error);
  });
  if (validator && !encoded(response)) await writeAtomically(ctx, `${partial}.json`, JSON.stringify({ url, validator }));
}

interface Appending {
  readonly url: string;
  readonly partial: string;
  readonly maxBytes: number;
  readonly total: number | undefined;
  readonly from: number;
}

async function append(ctx: Context, { url, partial, maxBytes, total, from }: Appending, read: Read): Promise<void> {
  const handle = await ctx.effects.files.open(partial, 'a');
  let bytes = from;
  let told = Number.NEGATIVE_INFINITY;
  try {
    for (let chunk = await read(); chunk !== undefined; chunk = await read()) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw oversized(url, maxBytes);
      await handle.appendFile(chunk).catch((error: unknown) => {
        throw writeError(partial, error);
      });
      const now = ctx.effects.clock.now();
      if (now - told < PROGRESS_MS) continue;
      told = now;
      ctx.progress({ type: 'download', what: url, bytes, total });
    }
  } finally {
    await handle.close();
  }
  ctx.progress({ type: 'download', what: url, bytes, total });
  if (total !== undefined && bytes < total) throw new BrokenOff(`it broke off after ${bytes} of ${total} bytes`);
}

function rangeStart(response: Response): number | undefined {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

/** Bytes of the whole file by its headers; undefined when they do not say, or count bytes before decoding. */
function totalBytes(response: Response, from: number): number | undefined {
  const length = response.headers.get('content-length');
  return length === null || !/^\d+$/.test(length) || encoded(response) ? undefined : from + Number(length);
}
