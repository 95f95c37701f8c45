import { readFile, readdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { download, downloadText, type DownloadRequest } from '../../../harness/kernel/download.js';
import { DOWNLOAD_LIMITS } from '../../../harness/kernel/source-transfer.js';
import { digestOf } from '../../../harness/store/digest.js';
import { serve, testContext, type TestContext } from './source-support.js';

const CONTENT = Buffer.from(Array.from({ length: 50_000 }, (_, index) => `line ${index}`).join('\n'));
const DIGEST = digestOf(CONTENT);
const ETAG = '"one"';
/** Long enough for a busy machine where the test waits for success, short where it waits for a failure. */
const LIMITS = { ...DOWNLOAD_LIMITS, connectMs: 20_000, stallMs: 20_000 };

function requestFor(url: string, changes: Partial<DownloadRequest> = {}): DownloadRequest {
  return { url, name: 'linux.tar.xz', maxBytes: 10_000_000, digest: DIGEST, ...changes };
}

function sendRange(request: IncomingMessage, response: ServerResponse, content = CONTENT): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
  response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}`, 'content-length': content.length - from });
  response.end(content.subarray(from));
}

/** Sends the first bytes, and breaks the connection when they are on their way. */
function sendPart(response: ServerResponse, bytes: number, headers: Readonly<Record<string, string>> = { etag: ETAG }): void {
  response.writeHead(200, { ...headers, 'content-length': CONTENT.length });
  response.write(CONTENT.subarray(0, bytes), () => {
    setImmediate(() => response.destroy());
  });
}

/** What is below `downloads`, without the folders. */
async function stored(ctx: TestContext): Promise<readonly string[]> {
  const entries = await readdir(ctx.cache.downloads, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(ctx.cache.downloads.length + 1));
}

test('a file lands under its digest, and is not fetched again', async () => {
  const ctx = await testContext();
  let requests = 0;
  const url = await serve((_request, response) => {
    requests += 1;
    response.end(CONTENT);
  });
  const first = await download(ctx, requestFor(`${url}/x`), LIMITS);
  expect(first).toEqual({ path: join(ctx.cache.downloads, DIGEST, 'linux.tar.xz'), digest: DIGEST });
  expect(await download(ctx, requestFor(`${url}/x`), LIMITS)).toEqual(first);
  expect(requests).toBe(1);
  expect(await readFile(first.path)).toEqual(CONTENT);
  expect(await stored(ctx)).toEqual([`${DIGEST}/linux.tar.xz`]);
  expect(ctx.events.filter((event) => event.type === 'download').at(-1)).toMatchObject({ bytes: CONTENT.length });
});

test('a transfer that breaks off goes on where it was', async () => {
  const ctx = await testContext();
  const ranges: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    ranges.push(request.headers.range);
    if (request.headers.range === undefined) sendPart(response, 100_000);
    else if (request.headers['if-range'] === ETAG) sendRange(request, response);
    else response.end('the file without If-Range');
  });
  await download(ctx, requestFor(`${url}/x`), LIMITS);
  expect(ranges).toHaveLength(2);
  expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
  expect(await stored(ctx)).toEqual([`${DIGEST}/linux.tar.xz`]);
});

test('a later run goes on where an earlier one gave up', async () => {
  const ctx = await testContext();
  let healthy = false;
  const url = await serve((request, response) => {
    if (!healthy) sendPart(response, 100_000);
    else sendRange(request, response);
  });
  await expect(download(ctx, requestFor(`${url}/x`), { ...LIMITS, attempts: 1 })).rejects.toMatchObject({ kind: 'host', code: 'source.unreachable' });
  healthy = true;
  await download(ctx, requestFor(`${url}/x`), LIMITS);
  expect(await stored(ctx)).toEqual([`${DIGEST}/linux.tar.xz`]);
});

test('a server that knows no ranges, or has another file by now, makes it start again', async () => {
  const ctx = await testContext();
  let requests = 0;
  const url = await serve((_request, response) => {
    requests += 1;
    if (requests === 1) sendPart(response, 100_000);
    else response.end(CONTENT);
  });
  await download(ctx, requestFor(`${url}/x`), LIMITS);
  expect(requests).toBe(2);
});

test('without a validator nothing is resumed', async () => {
  const ctx = await testContext();
  const ranges: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    ranges.push(request.headers.range);
    if (ranges.length === 1) sendPart(response, 100_000, { etag: 'W/"weak"' });
    else response.end(CONTENT);
  });
  await download(ctx, requestFor(`${url}/x`), LIMITS);
  expect(ranges).toEqual([undefined, undefined]);
});

test('a rest that does not fit what was there before is fetched as a whole', async () => {
  const ctx = await testContext();
  const ranges: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    ranges.push(request.headers.range);
    if (ranges.length === 1) sendPart(response, 100_000);
    else if (ranges.length === 2) sendRange(request, response, Buffer.from(CONTENT).fill('x'));
    else response.end(CONTENT);
  });
  await download(ctx, requestFor(`${url}/x`), LIMITS);
  expect(ranges.map((range) => range === undefined)).toEqual([true, false, true]);
});

test('another digest is refused at once and nothing of it stays', async () => {
  const ctx = await testContext();
  let requests = 0;
  const url = await serve((_request, response) => {
    requests += 1;
    response.end('something else');
  });
  await expect(download(ctx, requestFor(`${url}/x`), LIMITS)).rejects.toMatchObject({ kind: 'host', code: 'download.digest' });
  expect(requests).toBe(1);
  expect(await stored(ctx)).toEqual([]);
});

test.each([
  ['said in advance', { 'content-length': '20000000' }, 0],
  ['found on the way', {}, 100],
])('a file that is too large, %s, is refused and nothing of it stays', async (_when, headers, parts) => {
  const ctx = await testContext();
  const url = await serve((_request, response) => {
    response.on('error', () => undefined);
    response.writeHead(200, headers).flushHeaders();
    for (let part = 0; part < parts; part += 1) response.write(CONTENT);
  });
  await expect(download(ctx, requestFor(`${url}/x`, { maxBytes: 1_000_000 }), LIMITS)).rejects.toMatchObject({ code: 'download.oversized' });
  expect(await stored(ctx)).toEqual([]);
});

test('a part that was not asked for is refused', async () => {
  const ctx = await testContext();
  const url = await serve((request, response) => {
    if (request.headers.range === undefined) {
      sendPart(response, 100_000);
      return;
    }
    response.writeHead(206, { 'content-range': `bytes 7-${CONTENT.length - 1}/${CONTENT.length}` });
    response.end(CONTENT.subarray(7));
  });
  await expect(download(ctx, requestFor(`${url}/x`), LIMITS)).rejects.toMatchObject({
    code: 'source.unreachable',
    message: expect.stringContaining('not asked for') as string,
  });
});

test('a transfer without a byte is given up', async () => {
  const ctx = await testContext();
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('a');
  });
  await expect(download(ctx, requestFor(`${url}/x`), { ...LIMITS, stallMs: 100, attempts: 2 })).rejects.toMatchObject({
    code: 'source.unreachable',
    message: expect.stringContaining('no byte came for 0.1 s') as string,
  });
});

test('a host that takes the connection and says nothing is given up', async () => {
  const ctx = await testContext();
  const server = createServer(() => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(downloadText(ctx, url, 1000, { ...LIMITS, connectMs: 100 })).rejects.toMatchObject({
    code: 'source.unreachable',
    message: expect.stringContaining('no answer within 0.1 s') as string,
  });
});

test('a refused connection says so', async () => {
  const ctx = await testContext();
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  await expect(downloadText(ctx, `http://127.0.0.1:${port}/`, 1000)).rejects.toMatchObject({
    kind: 'host',
    code: 'source.unreachable',
    message: expect.stringContaining('ECONNREFUSED') as string,
  });
});

test.each([
  [404, 'source.not-found'],
  [410, 'source.not-found'],
  [403, 'source.unreachable'],
  [503, 'source.unreachable'],
  [204, 'source.unreachable'],
])('the answer %i is %s', async (status, code) => {
  const ctx = await testContext();
  const url = await serve((_request, response) => {
    response.writeHead(status).end();
  });
  await expect(download(ctx, requestFor(url), LIMITS)).rejects.toMatchObject({ code });
});

test('redirects are followed, but not without end and not to other protocols', async () => {
  const ctx = await testContext();
  let requests = 0;
  const url = await serve((request, response) => {
    requests += 1;
    const to = request.url === '/loop' ? '/loop' : request.url === '/file' ? 'file:///etc/passwd' : '/there';
    if (request.url === '/there') response.end(CONTENT);
    else response.writeHead(302, { location: to }).end();
  });
  await download(ctx, requestFor(`${url}/here`), LIMITS);
  requests = 0;
  await expect(downloadText(ctx, `${url}/loop`, 1000, LIMITS)).rejects.toMatchObject({ code: 'download.redirect' });
  expect(requests).toBe(LIMITS.redirects + 1);
  await expect(downloadText(ctx, `${url}/file`, 1000, LIMITS)).rejects.toMatchObject({ code: 'download.redirect' });
});

test('what is no http URL is a fault of the request', async () => {
  await expect(downloadText(await testContext(), 'file:///etc/passwd', 1000)).rejects.toMatchObject({ kind: 'usage', code: 'download.url' });
});

test('a text that is too long is refused', async () => {
  const ctx = await testContext();
  const url = await serve((_request, response) => {
    response.end(CONTENT);
  });
  await expect(downloadText(ctx, url, 1000, LIMITS)).rejects.toMatchObject({ code: 'download.oversized' });
});

test('a server that compresses although nobody asked is understood', async () => {
  const ctx = await testContext();
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', etag: ETAG });
    response.end(gzipSync(CONTENT));
  });
  await download(ctx, requestFor(url), LIMITS);
});

test('runs that want one file at the same time fetch it once', async () => {
  const ctx = await testContext();
  let requests = 0;
  const url = await serve((_request, response) => {
    requests += 1;
    response.end(CONTENT);
  });
  const paths = await Promise.all([1, 2, 3].map(() => download(ctx, requestFor(`${url}/x`), LIMITS)));
  expect(new Set(paths.map(({ path }) => path)).size).toBe(1);
  expect(requests).toBe(1);
});

test('an interruption ends a download, and what came is kept for the next run', async () => {
  const controller = new AbortController();
  const ctx = await testContext({ interrupted: controller.signal });
  const url = await serve((_request, response) => {
    response.writeHead(200, { etag: ETAG, 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, 1000));
  });
  const progress = (): void => {
    controller.abort();
  };
  const interrupting = { ...ctx, progress };
  await expect(download(interrupting, requestFor(url), LIMITS)).rejects.toMatchObject({ name: 'Interrupted' });
  expect(await stored(ctx)).toHaveLength(2);
});
