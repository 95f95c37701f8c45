import { join } from 'node:path';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { refuseHostFault, runGitScript } from './git.js';
import type { Letter } from './letter.js';
import { withScratch } from './scratch.js';
import { readSubject } from './subject.js';
import { newlinesIn, oneLine } from './text.js';

/** A patch as it was mailed, decoded. */
export interface Mail {
  /** For messages: its file, or `series.mbox message 3`. */
  readonly origin: string;
  /** Without its `[PATCH …]`; empty when it has none. */
  readonly subject: string;
  readonly author: string | undefined;
  /** The commit message below the subject, up to the `---` line. */
  readonly message: string;
  readonly messageId: string | undefined;
  /** What follows the commit message: diffstat, diff, signature. */
  readonly body: Uint8Array;
  /** The file that holds it and the line of it that `body` begins with, from 1; undefined when the mail was encoded. */
  readonly at: { readonly path: string; readonly line: number } | undefined;
  readonly letter: Pick<Letter, 'flowed' | 'quotedDiff' | 'onlyHtml' | 'strip' | 'at'>;
}

/** Stable releases are posted as series of about 900. */
const MOST_PATCHES = 1200;

/**
 * Decodes the letters that are a series. git itself does it (git-mailinfo), so that headers in the text, charsets of
 * messages and where a message ends come out as with git am; the bytes of the diff are left as they are.
 * @throws HarnessError `usage` `series.mail` for more patches than a series has, or what git does not decode; `host` as `runGitScript`
 */
export async function decodeLetters(ctx: Pick<Context, 'effects' | 'cache'>, letters: readonly Letter[], where: string): Promise<readonly Mail[]> {
  if (letters.length > MOST_PATCHES) {
    throw usageError('series.mail', `${where} has ${letters.length} patches; a series has at most ${MOST_PATCHES}`, { hint: 'name the patches of one series' });
  }
  if (letters.length === 0) return [];
  return withScratch(ctx, 'mail', async (scratch) => {
    const { files } = ctx.effects;
    for (const [index, letter] of letters.entries()) {
      await files.writeFile(join(scratch, `${index}-in`), Buffer.concat([Buffer.from(headerFor(letter), 'latin1'), letter.content]));
    }
    const done = await runGitScript(ctx, SCRIPT, letters.map((_, index) => String(index)), { cwd: scratch, what: 'git mailinfo' });
    refuseHostFault(done, 'decoding the mails of a series');
    if (done.exitCode !== 0) {
      const origin = letters[Number(done.stdout.trim())]?.origin ?? where;
      throw usageError('series.mail', `${origin} cannot be decoded: ${oneLine(done.stderr)}; expected a patch as git format-patch writes it`);
    }
    const mails: Mail[] = [];
    for (const [index, letter] of letters.entries()) mails.push(await decoded(ctx, letter, join(scratch, String(index))));
    return mails;
  });
}

/** Prints the number of the mail that git does not take. */
const SCRIPT = 'for i do git mailinfo -k "$i-message" "$i-body" <"$i-in" >"$i-info" || { echo "$i"; exit 1; }; done';

async function decoded(ctx: Pick<Context, 'effects'>, letter: Letter, path: string): Promise<Mail> {
  const { files } = ctx.effects;
  const info = await files.readFile(`${path}-info`, 'utf8');
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(info)?.[1] ?? '';
  const name = oneLine(field('Author'));
  const email = oneLine(field('Email'));
  const author = email && name && name !== email ? `${name} <${email}>` : name || email;
  const body = await files.readFile(`${path}-body`);
  const message = (await files.readFile(`${path}-message`)).toString('utf8').trim();
  const { at, messageId, flowed, quotedDiff, onlyHtml, strip } = letter;
  // The diff is the end of the mail, byte for byte.
  const offset = letter.content.length - body.length;
  const line = newlinesIn(letter.content, 0, Math.max(0, offset));
  return {
    origin: letter.origin,
    subject: letter.hasHeaders || field('Subject') !== '' ? readSubject(field('Subject')).subject || letter.subject : letter.subject,
    ...{ author: author || undefined, message, messageId, body },
    at: at && offset >= 0 && letter.content.subarray(offset).equals(body) ? { path: at.path, line: at.line + line } : undefined,
    letter: { flowed, quotedDiff, onlyHtml, strip, at },
  };
}

/** What git needs of the headers, for a text whose transfer encoding and parts are undone already. */
function headerFor({ headers, charset }: Letter): string {
  const kept = (['from', 'subject', 'date'] as const).flatMap((name) => {
    const value = headers.get(name);
    return value === undefined ? [] : [`${name}: ${value.replace(/[\r\n\0]+/g, ' ')}\n`];
  });
  const known = charset !== undefined && isCharset(charset) ? charset : 'utf-8';
  return `${kept.join('')}Content-Type: text/plain; charset=${known}\nContent-Transfer-Encoding: 8bit\n\n`;
}

function isCharset(name: string): boolean {
  if (!/^[\w.:-]{1,40}$/.test(name)) return false;
  try {
    new TextDecoder(name);
    return true;
  } catch {
    return false;
  }
}
