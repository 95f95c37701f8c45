import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { DOWNLOAD_LIMITS } from '../../../harness/kernel/source-transfer.js';
import type { Series } from '../../../harness/model.js';
import { fetchThread } from '../../../harness/series/lore.js';
import { readSeries } from '../../../harness/series/read-series.js';
import { serve, testContext, type TestContext } from '../kernel/source-support.js';
import { diff, mail } from './shipping.js';

const ID = 'v1-a+b@x.org';
const THREAD = [mail('[PATCH 1/2] one', diff('a')), mail('[PATCH 2/2] two', diff('b'))].join('');
const LIMITS = { ...DOWNLOAD_LIMITS, connectMs: 20_000, stallMs: 20_000, attempts: 1 };

/** respin with an archive that answers so, and with these programs alone beside the system's. */
async function archive(listener: RequestListener): Promise<TestContext> {
  const url = await serve(listener);
  return testContext({ env: { PATH: process.env['PATH'] ?? '', RESPIN_LORE: `${url}/` } });
}

function read(ctx: TestContext, text: string, version?: number): Promise<Series> {
  return readSeries(ctx, { text, packageRoot: ctx.folder, kernelVersion: '6.12.1', cwd: ctx.folder, version });
}

it('a thread is fetched by its message id, or by its URL from the list that it names', async () => {
  const asked: (string | undefined)[] = [];
  const ctx = await archive((request, response) => {
    asked.push(request.url);
    response.end(gzipSync(THREAD));
  });
  const series = await read(ctx, ID);
  expect(series).toMatchObject({ name: 'v1-a-b-x.org', origin: `lore:${ID}`, patches: [{ subject: 'one' }, { subject: 'two' }] });
  expect((await read(ctx, `<${ID}>`)).digest).toBe(series.digest);
  expect((await read(ctx, `https://lore.kernel.org/linux-mm/${ID}/T/#t`)).digest).toBe(series.digest);
  expect(asked).toEqual([`/all/v1-a%2Bb%40x.org/t.mbox.gz`, `/all/v1-a%2Bb%40x.org/t.mbox.gz`, `/linux-mm/v1-a%2Bb%40x.org/t.mbox.gz`]);
});

it.each<[string, RequestListener, { readonly kind: string; readonly code: string; readonly message: RegExp }]>([
  ['404', (_, response) => response.writeHead(404).end(), { kind: 'usage', code: 'series.message', message: /there is no message <v1-a\+b@x\.org> in the archive/ }],
  ['503', (_, response) => response.writeHead(503).end(), { kind: 'host', code: 'source.unreachable', message: /answered 503/ }],
  ['a web page', (_, response) => response.end('\n<!doctype html><title>Making sure you are not a bot</title>'), { kind: 'host', code: 'series.archive', message: /a web page \(a check for robots/ }],
  ['something else', (_, response) => response.end('hello'), { kind: 'host', code: 'series.archive', message: /not gzip/ }],
  ['nothing', (_, response) => response.end(), { kind: 'host', code: 'series.archive', message: /nothing/ }],
  ['a part', (_, response) => response.end(gzipSync(THREAD).subarray(0, 200)), { kind: 'host', code: 'series.archive', message: /cut off on the way/ }],
  ['a part of what it announced', (_, response) => void response.writeHead(200, { 'content-length': 5000 }).write(gzipSync(THREAD), () => setImmediate(() => response.destroy())), { kind: 'host', code: 'source.unreachable', message: /cannot be fetched/ }],
  ['what unpacks to too much', (_, response) => response.end(gzipSync(Buffer.alloc(65 * 1024 * 1024))), { kind: 'host', code: 'series.archive', message: /cannot be unpacked/ }],
  ['without an end', (_, response) => pour(response), { kind: 'host', code: 'download.oversized', message: /larger than/ }],
  ['with a silence', (_, response) => void response.write('x'), { kind: 'host', code: 'source.unreachable', message: /no byte came for 0\.2 s/ }],
])('an archive that answers %s is told as it is, and nothing stays', async (what, listener, { message, ...error }) => {
  const ctx = await archive(listener);
  const limits = what === 'with a silence' ? { ...LIMITS, stallMs: 200 } : LIMITS;
  await expect(fetchThread(ctx, { id: ID, list: undefined, version: undefined }, limits)).rejects.toMatchObject({ ...error, message: expect.stringMatching(message) });
  expect(await readdir(ctx.cache.downloads).catch(() => [])).toEqual([]);
  expect(await readdir(ctx.cache.tmp).catch(() => [])).toEqual([]);
});

function pour(response: Parameters<RequestListener>[1]): void {
  const block = Buffer.alloc(4 * 1024 * 1024);
  response.on('error', () => undefined);
  const more = (): void => {
    while (!response.destroyed && response.write(block));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

/** A program called b4, before all others. */
async function withB4(script: string): Promise<TestContext> {
  const ctx = await testContext();
  const bin = join(ctx.folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'b4'), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, 'b4'), 0o755);
  await writeFile(join(ctx.folder, 'thread'), THREAD);
  await writeFile(join(ctx.folder, 'cover'), mail('[PATCH 0/2] the cover', ''));
  const { RESPIN_LORE: _, ...env } = ctx.effects.env;
  return { ...ctx, effects: { ...ctx.effects, env: { ...env, PATH: `${bin}:${env['PATH'] ?? ''}`, FOLDER: ctx.folder } } };
}

it('b4 is used where it is installed', async () => {
  const ctx = await withB4('echo "$@" >"$FOLDER/argv"; [ "$1 $2 $3" = "am --no-partial-reroll -o" ] || exit 1; cp "$FOLDER/thread" "$4/$6.mbx"; cp "$FOLDER/cover" "$4/$6.cover"');
  const series = await read(ctx, ID, 1);
  expect([series.title, series.patches.length, series.notes]).toEqual(['the cover', 2, ['fetched with b4, which adds the trailers of replies to the patches']]);
  expect(await readFile(join(ctx.folder, 'argv'), 'utf8')).toMatch(/^am --no-partial-reroll -o \S+ -n series -v 1 -- v1-a\+b@x\.org\n$/);
});

it('where b4 fails, the thread is fetched without it, and that is said', async () => {
  const ctx = await withB4('echo "That message-id is not known." >&2; exit 1');
  const fetched: string[] = [];
  const fetch = (input: string | URL | Request): Promise<Response> => {
    fetched.push(input instanceof Request ? input.url : String(input));
    return Promise.resolve(new Response(gzipSync(THREAD)));
  };
  const series = await read({ ...ctx, effects: { ...ctx.effects, fetch } }, ID);
  expect(fetched).toEqual(['https://lore.kernel.org/all/v1-a%2Bb%40x.org/t.mbox.gz']);
  expect(series.notes).toEqual(['b4 did not get the series (That message-id is not known.); the thread was fetched without it']);
});
