import { basename, join } from 'node:path';
import type { Context } from '../context.js';
import { HarnessError, errnoOf, messageOf, usageError } from '../errors.js';
import { refuseHostFault, runGit } from './git.js';
import { withScratch } from './scratch.js';
import { oneLine } from './text.js';

/** A mail that may carry a patch, decoded. */
export interface Mail {
  /** For messages: its file, or `series.mbox message 3`. */
  readonly origin: string;
  /** Without its `[PATCH …]`; empty when it has none. */
  readonly subject: string;
  readonly author: string | undefined;
  /** Of `[PATCH number/total]`; the cover letter has number 0. */
  readonly position: { readonly number: number; readonly total: number } | undefined;
  /** What follows the commit message: diffstat, diff, signature. */
  readonly body: Uint8Array;
  /** The file that holds it and the line of it that `body` begins with, from 1; undefined when the mail was encoded. */
  readonly at: { readonly path: string; readonly line: number } | undefined;
}

/** No series is that large; something else by that name may be. */
const MAX_BYTES = 64 * 1024 * 1024;
/** So many processes of git at once. */
const AT_ONCE = 4;

/**
 * Reads the mails of files that hold one each, or several as an mbox. git itself splits and decodes them (git-mailsplit,
 * git-mailinfo), so that encodings, folded headers and attachments come out as with git am.
 * @throws HarnessError `usage` `series.mail` for a file that is empty, too large, compressed or no mail
 */
export async function readMails(ctx: Pick<Context, 'effects' | 'cache'>, paths: readonly string[]): Promise<readonly Mail[]> {
  const sources: Source[] = [];
  for (const path of paths) sources.push({ path, content: await readSource(ctx, path) });
  return withScratch(ctx, 'mail', async (scratch) => {
    const messages = await split(ctx, sources, scratch);
    const find = locator(sources);
    const mails: Mail[] = [];
    for (let start = 0; start < messages.length; start += AT_ONCE) {
      const batch = messages.slice(start, start + AT_ONCE);
      const read = await Promise.all(batch.map((message, index) => decode(ctx, message, scratch, start + index)));
      for (const { body, subject, author } of read) {
        const index = mails.length;
        const message = messages[index] ?? EMPTY;
        const place = find(message);
        const source = place?.source ?? (messages.length === sources.length ? sources[index] : sources[0]);
        const path = source?.path ?? '';
        const offset = message.indexOf(body);
        mails.push({
          origin: messages.length === sources.length ? path : `${path} message ${index + 1}`,
          ...readSubject(subject),
          author,
          body,
          at: place && body.length > 0 && offset >= 0 ? { path, line: place.line + newlines(message.subarray(0, offset)) } : undefined,
        });
      }
    }
    return mails;
  });
}

const EMPTY = Buffer.alloc(0);

interface Source {
  readonly path: string;
  readonly content: Buffer;
}

async function readSource(ctx: Pick<Context, 'effects'>, path: string): Promise<Buffer> {
  const { files } = ctx.effects;
  let content: Buffer;
  try {
    const found = await files.stat(path);
    if (!found.isFile()) throw mailError(path, 'is no file');
    if (found.size > MAX_BYTES) throw mailError(path, `has ${found.size} bytes; a series has at most ${MAX_BYTES}`);
    content = await files.readFile(path);
  } catch (error) {
    throw error instanceof HarnessError ? error : mailError(path, `cannot be read (${errnoOf(error) ?? messageOf(error)})`);
  }
  if (content.toString('latin1').trim() === '') throw mailError(path, 'is empty');
  if (content[0] === 0x1f && content[1] === 0x8b) throw mailError(path, 'is compressed', `gunzip ${basename(path)}`);
  return content;
}

function mailError(path: string, problem: string, hint?: string): Error {
  return usageError('series.mail', `${path} ${problem}; expected a patch or an mbox as git format-patch writes it`, { hint });
}

async function split(
  ctx: Pick<Context, 'effects'>,
  sources: readonly Source[],
  scratch: string,
): Promise<readonly Buffer[]> {
  // A mail that was saved with CRLF has it in its first line too; in any other a CR belongs to the patched file.
  const crlf = sources.some(({ content }) => content[content.indexOf('\n') - 1] === 0x0d);
  const folder = join(scratch, 'split');
  await ctx.effects.files.mkdir(folder);
  const paths = sources.map(({ path }) => path);
  const done = await runGit(ctx, ['mailsplit', '-b', ...(crlf ? [] : ['--keep-cr']), `-o${folder}`, '--', ...paths], {
    cwd: scratch,
  });
  refuseHostFault(done, 'splitting the mails of a series');
  if (done.exitCode !== 0) throw mailError(paths.join(', '), `cannot be read: ${oneLine(done.stderr)}`);
  const names = (await ctx.effects.files.readdir(folder)).sort((a, b) => Number(a) - Number(b));
  return Promise.all(names.map((name) => ctx.effects.files.readFile(join(folder, name))));
}

/** Finds each message in the files it came from, when they are asked for in order. */
function locator(sources: readonly Source[]): (message: Buffer) => { source: Source; line: number } | undefined {
  let index = 0;
  let offset = 0;
  let line = 1;
  return (message) => {
    for (let i = index; i < sources.length; i++) {
      const source = sources[i];
      const from = i === index ? offset : 0;
      const at = source?.content.indexOf(message, from) ?? -1;
      if (!source || at < 0) continue;
      const found = { source, line: (i === index ? line : 1) + newlines(source.content.subarray(from, at)) };
      [index, offset, line] = [i, at + message.length, found.line + newlines(message)];
      return found;
    }
    return undefined;
  };
}

function newlines(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x0a) count += 1;
  return count;
}

interface Decoded {
  readonly subject: string;
  readonly author: string | undefined;
  readonly body: Buffer;
}

async function decode(
  ctx: Pick<Context, 'effects'>,
  message: Buffer,
  scratch: string,
  index: number,
): Promise<Decoded> {
  const text = join(scratch, `text-${index}`);
  const body = join(scratch, `body-${index}`);
  const done = await runGit(ctx, ['mailinfo', '-k', text, body], { cwd: scratch, input: message });
  refuseHostFault(done, 'decoding a mail of a series');
  if (done.exitCode !== 0) throw mailError(`message ${index + 1}`, `cannot be decoded: ${oneLine(done.stderr)}`);
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(done.stdout)?.[1] ?? '';
  const name = oneLine(field('Author'));
  const email = oneLine(field('Email'));
  const author = email && name && name !== email ? `${name} <${email}>` : name || email;
  return { subject: field('Subject'), author: author || undefined, body: await ctx.effects.files.readFile(body) };
}

/** Parts a subject such as `[RFC PATCH v2 3/7] ipc: …`, as `git format-patch` writes it. */
export function readSubject(text: string): Pick<Mail, 'subject' | 'position'> {
  let rest = oneLine(text);
  let position: Mail['position'];
  for (;;) {
    const prefix = /^(?:Re:\s*)*\[([^\]]*(?:PATCH|RFC)[^\]]*)\]\s*/i.exec(rest);
    if (!prefix) return { subject: rest, position };
    rest = rest.slice(prefix[0].length);
    const numbers = /(?:^|[^\d/])(\d{1,4})\/(\d{1,4})(?![\d/])/.exec(prefix[1] ?? '');
    if (numbers) position = { number: Number(numbers[1]), total: Number(numbers[2]) };
  }
}
