import type { Context } from '../context.js';
import { errnoOf, hostError, messageOf, usageError, type HarnessError } from '../errors.js';
import { interruption } from '../host/interruption.js';

/** How long a download waits for what, and how often it tries. */
export interface DownloadLimits {
  /** From asking to the first line of the answer, in milliseconds. */
  readonly connectMs: number;
  /** Without a byte, in milliseconds. */
  readonly stallMs: number;
  readonly redirects: number;
  /** Transfers in all; each goes on where the one before it broke off. */
  readonly attempts: number;
}

export const DOWNLOAD_LIMITS: DownloadLimits = { connectMs: 4_000, stallMs: 20_000, redirects: 5, attempts: 4 };

/** The transfer broke off; what came is kept, and another attempt may go on from there. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
}

/** The next bytes of the body; undefined at its end. */
export type Read = () => Promise<Uint8Array | undefined>;

/**
 * Asks for `url`, follows redirects, and gives the answer to `use`. Whatever happens the connection is let go.
 * @throws BrokenOff when the body stops coming; HarnessError as `download`
 */
export async function transfer(
  ctx: Context,
  url: string,
  headers: Readonly<Record<string, string>>,
  limits: DownloadLimits,
  use: (response: Response, read: Read) => Promise<void>,
): Promise<void> {
  const { interrupted } = ctx.effects;
  if (interrupted.aborted) throw interruption();
  const gaveUp = new AbortController();
  const interrupt = (): void => {
    gaveUp.abort(interruption());
  };
  interrupted.addEventListener('abort', interrupt, { once: true });
  try {
    const response = await ask(ctx, url, headers, limits, gaveUp);
    const reader = response.body?.getReader();
    await use(response, async () => {
      if (!reader) return undefined;
      const timer = setTimeout(() => {
        gaveUp.abort(new BrokenOff(`no byte came for ${limits.stallMs / 1000} s`));
      }, limits.stallMs);
      try {
        const part = (await reader.read()) as { readonly done: boolean; readonly value?: Uint8Array };
        return part.done ? undefined : part.value;
      } catch (error) {
        if (interrupted.aborted) throw interruption();
        throw error instanceof BrokenOff ? error : new BrokenOff(reasonOf(error), { cause: error });
      } finally {
        clearTimeout(timer);
      }
    });
  } finally {
    interrupted.removeEventListener('abort', interrupt);
    gaveUp.abort();
  }
}

async function ask(
  ctx: Context,
  url: string,
  headers: Readonly<Record<string, string>>,
  limits: DownloadLimits,
  gaveUp: AbortController,
): Promise<Response> {
  let at = httpUrl(url);
  for (let redirects = 0; redirects <= limits.redirects; redirects += 1) {
    const timer = setTimeout(() => {
      gaveUp.abort(new Error(`no answer within ${limits.connectMs / 1000} s`));
    }, limits.connectMs);
    let response: Response;
    try {
      response = await ctx.effects.fetch(at, {
        redirect: 'manual',
        signal: gaveUp.signal,
        // What is kept, resumed and digested is the file itself.
        headers: { ...headers, 'accept-encoding': 'identity', 'user-agent': 'respin' },
      });
    } catch (error) {
      if (ctx.effects.interrupted.aborted) throw interruption();
      throw unreachable(url, error);
    } finally {
      clearTimeout(timer);
    }
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || response.status === 304 || location === null) return response;
    await response.body?.cancel();
    at = redirected(url, at, location);
  }
  throw hostError('download.redirect', `${url} redirects more than ${limits.redirects} times`);
}

function httpUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed;
  throw usageError('download.url', `"${url}" is no URL to download from; an http or https URL is expected`, {
    hint: 'for example: https://cdn.kernel.org/pub/linux/kernel/v6.x/linux-6.12.9.tar.xz',
  });
}

function redirected(url: string, from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:')) return to;
  throw hostError('download.redirect', `${url} redirects to ${JSON.stringify(location.slice(0, 200))}, which is less safe or no http URL; it is not followed`);
}

/**
 * @throws HarnessError `host` `source.not-found` for 404 and 410, `source.unreachable` for anything else but the file
 */
export function refuseStatus(url: string, response: Response): void {
  if (response.status === 200 || response.status === 206) return;
  const said = `${url}: the server answered ${response.status}`;
  if (response.status === 404 || response.status === 410) {
    throw hostError('source.not-found', `${said}; there is no such file`, { hint: 'respin kernels says which kernels there are' });
  }
  throw hostError('source.unreachable', said, { hint: OTHER_SOURCE });
}

const OTHER_SOURCE = 'check the network, or use another source, for example: --kernel debian:6.12';

/** The error for a host that gave nothing of use. */
export function unreachable(url: string, thrown: unknown): HarnessError {
  return hostError('source.unreachable', `${url} cannot be fetched: ${reasonOf(thrown)}`, { cause: thrown, hint: OTHER_SOURCE });
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && !(thrown instanceof BrokenOff) ? thrown.cause : undefined;
  if (cause === undefined || cause === null) return messageOf(thrown);
  const reason = messageOf(cause) || errnoOf(cause);
  return reason || messageOf(thrown);
}

/** The error for a file that is larger than it may be. */
export function oversized(url: string, maxBytes: number): HarnessError {
  return hostError('download.oversized', `${url} is larger than the ${maxBytes} bytes that are allowed; it is removed`);
}

/** Whether the bytes of the body are not those of the file as the server has it. */
export function encoded(response: Response): boolean {
  return (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
}
