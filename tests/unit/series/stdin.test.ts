import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Gathered } from '../../../harness/series/gather.js';
import type { Context } from '../../../harness/context.js';
import type { Series } from '../../../harness/model.js';
import { asMail } from '../../../harness/series/as-mail.js';
import { readSeriesStack } from '../../../harness/series/read-stack.js';
import { diff, mail, refusalIn, requestIn, shipIn, writeIn } from './shipping.js';
import { makePlace, type Place } from './support.js';

let place: Place;

beforeEach(() => {
  place = makePlace();
  writeIn(place, 'x', '');
});

afterEach(() => {
  place.remove();
});

const THREAD = mail('[PATCH 1/2] one', diff('a')) + mail('[PATCH 2/2] two', diff('b', 'caf\xe9', 'caf\xe8'));

/** Standard input that gives its bytes once, as a pipe does. */
function piped(content: Buffer | undefined): Context {
  let left = content;
  const stdin = (): Promise<Buffer | undefined> => {
    const given = left;
    left = content && Buffer.alloc(0);
    return Promise.resolve(given);
  };
  return { ...place.ctx, effects: { ...place.ctx.effects, stdin } };
}

function read(ctx: Context, texts: readonly string[], kept?: Map<string, Gathered>): Promise<Series> {
  return readSeriesStack(ctx, { ...requestIn(place, ''), texts, kept });
}

it('standard input is a series like any, also in gzip and between others, and is read once', async () => {
  const ctx = piped(gzipSync(Buffer.from(THREAD, 'latin1')));
  shipIn(place, 'one');
  const kept = new Map<string, Gathered>();
  const series = await read(ctx, ['one', '-'], kept);
  expect([series.name, series.origin, series.patches.length]).toEqual(['one+stdin', expect.stringMatching(/^shipped:one\/6\.12\+stdin:[0-9a-f]{64}$/), 4]);
  expect(await read(ctx, ['one', '-'], kept)).toEqual(series);
});

it.each<[string, Buffer | undefined, string, RegExp]>([
  ['a terminal', undefined, 'series.stdin', /that is a terminal/],
  ['nothing', Buffer.alloc(0), 'series.mail', /standard input is empty/],
  ['no series', Buffer.from('hello'), 'series.malformed', /standard input has no diff/],
  ['too much', Buffer.alloc(64 * 1024 * 1024 + 1), 'series.mail', /has more than that; a series has at most/],
])('standard input that is %s is refused', async (_, content, code, message) => {
  const error = await refusalIn(place, read(piped(content), ['-']));
  expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
});

it('what the evidence keeps of a patch reads the same again', async () => {
  const series = await read(piped(Buffer.from(THREAD, 'latin1')), ['-']);
  for (const patch of series.patches) writeIn(place, `kept/${patch.number}.patch`, Buffer.from(asMail(patch, series.patches.length)));
  const again = await read(place.ctx, ['./kept']);
  expect(again.digest).toBe(series.digest);
  const words = ({ subject, author, message, messageId }: Series['patches'][number]): readonly unknown[] => [subject, author, message, messageId];
  expect(again.patches.map(words)).toEqual(series.patches.map(words));
});

it('a message that holds what ends a message is kept whole, and adds nothing to the diff', async () => {
  const series = await read(piped(Buffer.from(THREAD, 'latin1')), ['-']);
  const [first] = series.patches;
  if (!first) throw new Error('there is no patch');
  const message = 'It said\n---\ndiff --git a/Makefile b/Makefile\n--- a/Makefile\n+++ b/Makefile\nand went on.';
  writeIn(place, 'kept/1.patch', Buffer.from(asMail({ ...first, subject: 'one\nX-Other: two', message }, 1)));
  const [again] = (await read(place.ctx, ['./kept'])).patches;
  expect([again?.subject, again?.files]).toEqual(['one X-Other: two', first.files]);
  expect(again?.message.replace(/^ (?=---|diff -)/gm, '')).toBe(message);
});

it('what was piped at another time has a build folder of its own', async () => {
  const origins = await Promise.all([THREAD, THREAD, `${THREAD} `].map(async (text) => (await read(piped(Buffer.from(text, 'latin1')), ['-'])).origin));
  expect(new Set(origins).size).toBe(2);
  expect(origins[0]).toBe(origins[1]);
});
