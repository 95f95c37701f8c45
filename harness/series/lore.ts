import { join } from 'node:path';
import type { Context } from '../context.js';
import { HarnessError, hostError, usageError } from '../errors.js';
import { downloadBytes } from '../kernel/download.js';
import { DOWNLOAD_LIMITS, type DownloadLimits } from '../kernel/source-transfer.js';
import { withScratch } from './scratch.js';
import { oneLine } from './text.js';
import { MOST_BYTES, unpacked } from './unpack.js';

const LORE = 'https://lore.kernel.org';
const B4_MS = 180_000;

export interface ThreadRequest {
  /** Without `<>`. */
  readonly id: string;
  /** The list of a URL; undefined for any. */
  readonly list: string | undefined;
  /** `--version`, for b4. */
  readonly version: number | undefined;
}

/** A thread as it was fetched. */
export interface Thread {
  /** An mbox. */
  readonly content: Buffer;
  /** The cover letter, where b4 parted it from the patches. */
  readonly cover: Buffer | undefined;
  readonly where: string;
  readonly notes: readonly string[];
}

/**
 * Fetches the thread of a message: with b4 where it is installed, else from lore.kernel.org or the mirror that
 * RESPIN_LORE names.
 * @throws HarnessError `usage` `series.message` for a message that the archive does not have; `host` `source.unreachable`,
 * `series.archive` for an answer that is no mbox, `download.oversized`
 */
export async function fetchThread(ctx: Context, request: ThreadRequest, limits: DownloadLimits = DOWNLOAD_LIMITS): Promise<Thread> {
  const mirror = ctx.effects.env['RESPIN_LORE'];
  // b4 knows lore.kernel.org alone.
  const tried = mirror ? undefined : await withB4(ctx, request);
  if (tried?.thread) return tried.thread;
  const base = (mirror || LORE).replace(/\/+$/, '');
  const url = `${base}/${request.list ?? 'all'}/${encodeURIComponent(request.id)}/t.mbox.gz`;
  const packed = await fetched(ctx, url, request.id, limits);
  return { content: await mboxOf(packed, url), cover: undefined, where: url, notes: tried?.notes ?? [] };
}

async function fetched(ctx: Context, url: string, id: string, limits: DownloadLimits): Promise<Buffer> {
  try {
    return await downloadBytes(ctx, url, MOST_BYTES, limits);
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    if (error.code === 'source.not-found') {
      throw usageError('series.message', `there is no message <${oneLine(id)}> in the archive: ${url} was not found`, { hint: 'check the message id; a mail of today may not be archived yet', cause: error });
    }
    if (error.code === 'source.unreachable') throw hostError(error.code, error.message, { hint: BY_HAND, cause: error });
    throw error;
  }
}

const BY_HAND = 'check the network; or save the thread in a browser (mbox.gz) and name that file';

async function mboxOf(packed: Buffer, url: string): Promise<Buffer> {
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) {
    const isPage = /^\s*<(?:!doctype|html)/i.test(packed.toString('latin1', 0, 200));
    throw hostError('series.archive', `${url} answers with ${isPage ? 'a web page (a check for robots, or a login?)' : packed.length === 0 ? 'nothing' : 'something that is not gzip'} instead of a thread`, {
      output: isPage ? undefined : oneLine(packed.toString('latin1', 0, 200)),
      hint: BY_HAND,
    });
  }
  try {
    return await unpacked(packed, url);
  } catch (error) {
    throw hostError('series.archive', `${url} sent a thread that cannot be unpacked; was it cut off on the way?`, { hint: BY_HAND, cause: error });
  }
}

/** `b4 am` writes NAME.mbx, and NAME.cover for a series with a cover letter. */
async function withB4(ctx: Context, { id, version }: ThreadRequest): Promise<{ readonly thread?: Thread; readonly notes: readonly string[] } | undefined> {
  return withScratch(ctx, 'b4', async (scratch) => {
    const { files, processes } = ctx.effects;
    const wanted = version === undefined ? [] : ['-v', String(version)];
    const args = ['am', '--no-partial-reroll', '-o', scratch, '-n', 'series', ...wanted, '--', id];
    let said: string;
    try {
      const done = await processes.run({ file: 'b4', args, cwd: scratch, env: ctx.effects.env, timeoutMs: B4_MS });
      const content = await files.readFile(join(scratch, 'series.mbx')).catch(() => undefined);
      if (done.exitCode === 0 && content) {
        const cover = await files.readFile(join(scratch, 'series.cover')).catch(() => undefined);
        const notes = ['fetched with b4, which adds the trailers of replies to the patches'];
        return { thread: { content, cover, where: `b4 am ${id}`, notes }, notes };
      }
      said = done.timedOut ? `no answer within ${B4_MS / 1000} s` : oneLine(lastLine(`${done.stdout}\n${done.stderr}`)) || `it ended with ${done.exitCode ?? done.signal ?? 'nothing'}`;
    } catch (error) {
      if (error instanceof HarnessError && error.code === 'process.missing') return undefined;
      throw error;
    }
    return { notes: [`b4 did not get the series (${said}); the thread was fetched without it`] };
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
