import { usageError } from '../errors.js';
import { decodeWords } from './mime-words.js';
import { parseMail, type Headers, type MailPart } from './mime.js';
import { splitMbox, type RawMail } from './raw-mail.js';
import { readSubject, type Subject } from './subject.js';
import { oneLine } from './text.js';

/** A mail as far as it has to be known to tell what it is for: a patch, a cover letter, a reply. */
export interface Letter extends Subject {
  readonly origin: string;
  /** The address of its author by its header, in lower case; empty when it has none. */
  readonly from: string;
  /** Without `<>`. */
  readonly messageId: string | undefined;
  /** The mails that it answers, the nearest first. */
  readonly parents: readonly string[];
  readonly hasHeaders: boolean;
  readonly headers: Headers;
  /** Its text, with an attached diff behind it: the bytes that were sent. */
  readonly content: Buffer;
  readonly charset: string | undefined;
  readonly flowed: boolean;
  readonly at: RawMail['at'];
  readonly hasDiff: boolean;
  /** It has a diff, but quoted (`> diff --git`) or indented: the line of the content, from 1. */
  readonly quotedDiff: number | undefined;
  /** Its text is HTML alone. */
  readonly onlyHtml: boolean;
  readonly strip: 0 | 1 | undefined;
}

/** Mails inside mails beyond this are left alone. */
const DEEPEST = 3;
const MOST_PARENTS = 50;

/**
 * Reads a mail: one letter, or as many as it has patches attached.
 * @throws HarnessError `usage` `series.mail` for one that has a patch in its text and another one attached
 */
export function lettersOf(raw: RawMail, depth = 0): readonly Letter[] {
  const { headers, hasHeaders, parts } = parseMail(withoutSavedCr(raw.bytes));
  const texts = parts.filter((part) => part.type === 'text/plain' && !part.attached);
  const text = joined(texts);
  const plain = text.toString('latin1');
  const first = texts[0];
  const letter: Letter = {
    ...readSubject(decodeWords(headers.get('subject') ?? '')),
    ...{ origin: raw.origin, headers, hasHeaders, content: text, strip: raw.strip },
    from: addressIn(headers.get('from') ?? ''),
    messageId: idsIn(headers.get('message-id') ?? '')[0],
    parents: [...idsIn(headers.get('in-reply-to') ?? ''), ...idsIn(headers.get('references') ?? '').reverse()].slice(0, MOST_PARENTS),
    charset: first?.charset,
    flowed: texts.some(({ flowed }) => flowed),
    at: raw.at && first?.line !== undefined ? { path: raw.at.path, line: raw.at.line + first.line } : undefined,
    hasDiff: hasDiff(plain),
    quotedDiff: quotedDiff(plain),
    onlyHtml: texts.length === 0 && parts.some(({ type }) => type === 'text/html'),
  };
  const attached = parts.filter((part) => isAttachedPatch(part, hasHeaders));
  return attached.length === 0 || depth >= DEEPEST ? [letter] : withAttached(letter, attached, raw, depth);
}

function withAttached(letter: Letter, attached: readonly MailPart[], raw: RawMail, depth: number): readonly Letter[] {
  const others = letter.hasDiff ? attached.filter(({ content }) => !letter.content.includes(content.subarray(0, content.length - 1))) : attached;
  if (letter.hasDiff) {
    const [other] = others;
    if (!other) return [letter];
    throw usageError('series.mail', `${raw.origin} has a patch in its text and another one attached (${oneLine(other.filename ?? other.type)}); which one is meant?`, {
      hint: 'save the one that is meant as a file and name that',
    });
  }
  return others.flatMap((part, index): readonly Letter[] => {
    const origin = others.length === 1 ? raw.origin : `${raw.origin} attachment ${index + 1}`;
    const at = raw.at && part.line !== undefined ? { path: raw.at.path, line: raw.at.line + part.line } : undefined;
    if (part.type === 'message/rfc822' || isMail(part.content)) return splitMbox(part.content, origin, at).flatMap((mail) => lettersOf(mail, depth + 1));
    const name = others.length === 1 ? '' : ` (${oneLine(part.filename ?? `attachment ${index + 1}`, 80)})`;
    const content = index === 0 && letter.content.length > 0 ? Buffer.concat([letter.content, NEWLINE, part.content]) : part.content;
    return [{ ...letter, origin, content, hasDiff: true, flowed: false, charset: letter.charset ?? part.charset, at: content === part.content ? at : undefined, subject: `${letter.subject}${name}` }];
  });
}

const NEWLINE = Buffer.from('\n');

/** As git format-patch writes it, or as a mailer saves it. */
function isMail(content: Buffer): boolean {
  return /^(?:From |(?:From|Subject|Date|Message-ID|MIME-Version): )/i.test(content.toString('latin1', 0, 40));
}

function joined(parts: readonly MailPart[]): Buffer {
  const [first] = parts;
  if (!first) return Buffer.alloc(0);
  return parts.length === 1 ? first.content : Buffer.concat(parts.flatMap(({ content }) => [content, NEWLINE]));
}

/** A text beside the mail's own that has a diff; never what is no text. */
function isAttachedPatch(part: MailPart, inMail: boolean): boolean {
  if (!inMail || part.type.startsWith('image/') || part.type === 'text/html' || (part.type === 'text/plain' && !part.attached)) return false;
  return !part.content.includes(0) && hasDiff(part.content.toString('latin1'));
}

/** Whether a text has the beginning of a diff that is neither quoted nor indented. */
export function hasDiff(text: string): boolean {
  return /^(?:diff --(?:git|cc|combined) |--- [^\n]*\n+\+\+\+ |@@ -\d)/m.test(text);
}

function quotedDiff(text: string): number | undefined {
  const found = /^[ \t]{0,20}(?:> ?|\| ?|[ \t])(?:diff --git a|--- a)\//m.exec(text);
  return found ? text.slice(0, found.index).split('\n').length : undefined;
}

/** A mail that was saved with CRLF has it in its first line too; in any other a CR belongs to the patched file. */
function withoutSavedCr(bytes: Buffer): Buffer {
  const newline = bytes.indexOf(0x0a);
  if (newline < 1 || bytes[newline - 1] !== 0x0d) return bytes;
  return Buffer.from(bytes.toString('latin1').replace(/\r\n/g, '\n'), 'latin1');
}

function idsIn(value: string): string[] {
  return [...value.matchAll(/<([^<>\s]{1,400})>/g)].map(([, id = '']) => id);
}

function addressIn(value: string): string {
  return (/<([^<>\s]{1,300}@[^<>\s]{1,300})>/.exec(value)?.[1] ?? /[^\s<>,;"()]{1,300}@[^\s<>,;"()]{1,300}/.exec(value)?.[0] ?? value.trim()).toLowerCase();
}
