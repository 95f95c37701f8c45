import { decodeWords } from './mime-words.js';

/** The headers of a mail or of a part of it that respin reads: names in lower case, unfolded, one byte to a character. */
export type Headers = ReadonlyMap<string, string>;

/** A leaf of a mail's tree of parts, decoded of its transfer encoding: the bytes that were sent. */
export interface MailPart {
  /** In lower case, such as `text/plain`. */
  readonly type: string;
  readonly charset: string | undefined;
  /** `format=flowed` (RFC 3676). */
  readonly flowed: boolean;
  readonly filename: string | undefined;
  readonly attached: boolean;
  readonly content: Buffer;
  /** Line of the mail that the content begins with, from 0; undefined when it was encoded. */
  readonly line: number | undefined;
}

export interface ParsedMail {
  readonly headers: Headers;
  /** It begins with headers of a mail, not with text or a diff. */
  readonly hasHeaders: boolean;
  readonly parts: readonly MailPart[];
}

/** Parts inside parts beyond this are taken for text. */
const DEEPEST = 16;
const MOST_PARTS = 2000;
/** A header that is longer is cut; a list of readers may be as long. */
const LONGEST_HEADER = 64 * 1024;
const KNOWN = new Set(
  ['from', 'subject', 'date', 'message-id', 'in-reply-to', 'references', 'mime-version', 'content-type'].concat('content-transfer-encoding', 'content-disposition', 'to', 'cc'),
);

/**
 * Reads the structure of a mail (RFC 5322, 2045 to 2047, 2183) without changing a byte of what its parts hold, which no
 * MIME library at hand does (decision 8). Takes time linear in its size.
 */
export function parseMail(bytes: Buffer): ParsedMail {
  const start = skipFromLine(bytes);
  const { headers, end } = readHeaders(bytes, start);
  const hasHeaders = headers.size > 0;
  const parts: MailPart[] = [];
  // A diff that begins with `Index: …` has no headers for it.
  collect(bytes, headers, hasHeaders ? end : start, bytes.length, { depth: 0, parts, lines: lineCounter(bytes) });
  return { headers, hasHeaders, parts };
}

function skipFromLine(bytes: Buffer): number {
  let start = 0;
  while (bytes[start] === 0x0a || (bytes[start] === 0x0d && bytes[start + 1] === 0x0a)) start += 1;
  if (!/^>?From /.test(bytes.toString('latin1', start, start + 6))) return start;
  const end = bytes.indexOf(0x0a, start);
  return end < 0 ? bytes.length : end + 1;
}

/** The header lines from `start` on, and where the body begins. */
function readHeaders(bytes: Buffer, start: number): { readonly headers: Map<string, string>; readonly end: number } {
  const headers = new Map<string, string>();
  let name = '';
  let value: string[] = [];
  let length = 0;
  const keep = (): void => {
    if (KNOWN.has(name) && !headers.has(name)) headers.set(name, value.join(' ').trim());
    [name, value, length] = ['', [], 0];
  };
  let at = start;
  while (at < bytes.length) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.toString('latin1', at, Math.min(end, at + LONGEST_HEADER)).replace(/\r$/, '');
    const next = newline < 0 ? bytes.length : newline + 1;
    if (line === '') {
      keep();
      return { headers, end: next };
    }
    if (/^[ \t]/.test(line) && name !== '') {
      if (length < LONGEST_HEADER) value.push(line.trim());
    } else {
      const found = /^([!-9;-~]{1,80}):/.exec(line)?.[1];
      keep();
      if (found === undefined) return { headers, end: at };
      name = found.toLowerCase();
      value = [line.slice(found.length + 1).trim()];
    }
    length += line.length;
    at = next;
    if (at - start > LARGEST_HEAD) {
      keep();
      return { headers, end: blankLineAfter(bytes, at) };
    }
  }
  keep();
  return { headers, end: bytes.length };
}

/** Headers behind that many bytes are not read. */
const LARGEST_HEAD = 1024 * 1024;

function blankLineAfter(bytes: Buffer, from: number): number {
  const blank = bytes.indexOf('\n\n', Math.max(0, from - 1));
  return blank < 0 ? bytes.length : blank + 2;
}

interface Collecting {
  readonly depth: number;
  readonly parts: MailPart[];
  readonly lines: (offset: number) => number;
}

function collect(bytes: Buffer, headers: Headers, start: number, end: number, state: Collecting): void {
  const { depth, parts, lines } = state;
  if (parts.length >= MOST_PARTS) return;
  const type = parameters(headers.get('content-type') ?? 'text/plain');
  const boundary = type.named.get('boundary');
  if (type.value.startsWith('multipart/') && boundary !== undefined && boundary !== '' && depth < DEEPEST) {
    for (const part of bounded(bytes, start, end, boundary)) {
      const inner = readHeaders(bytes.subarray(0, part.end), part.start);
      collect(bytes, inner.headers, inner.end, part.end, { depth: depth + 1, parts, lines });
    }
    return;
  }
  const disposition = parameters(headers.get('content-disposition') ?? '');
  const encoding = (headers.get('content-transfer-encoding') ?? '').toLowerCase().trim();
  const raw = bytes.subarray(start, Math.max(start, end));
  const encoded = encoding === 'base64' || encoding === 'quoted-printable';
  const filename = disposition.named.get('filename') ?? type.named.get('name');
  parts.push({
    type: type.value || 'text/plain',
    charset: type.named.get('charset'),
    flowed: type.named.get('format')?.toLowerCase() === 'flowed',
    filename: filename === undefined ? undefined : decodeWords(filename),
    attached: disposition.value === 'attachment' || (filename !== undefined && depth > 0),
    content: encoded ? withoutMailersCr(encoding === 'base64' ? fromBase64(raw) : fromQuotedPrintable(raw)) : raw,
    line: encoded ? undefined : lines(start),
  });
}

/** The parts between the lines of a boundary. */
function bounded(bytes: Buffer, start: number, end: number, boundary: string): { readonly start: number; readonly end: number }[] {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const found: { start: number; end: number }[] = [];
  // Not beyond the part itself: a boundary that is nowhere must not be looked for in the whole mail again and again.
  const inside = bytes.subarray(0, end);
  let open: number | undefined;
  for (let at = inside.indexOf(mark, start); at >= 0 && found.length < MOST_PARTS; at = inside.indexOf(mark, at + mark.length)) {
    if (at > start && bytes[at - 1] !== 0x0a) continue;
    const newline = inside.indexOf(0x0a, at);
    const lineEnd = newline < 0 ? end : newline;
    const rest = bytes.toString('latin1', at + mark.length, Math.min(lineEnd, at + mark.length + 200)).trim();
    if (rest !== '' && rest !== '--') continue;
    // The line break before the boundary belongs to the boundary.
    if (open !== undefined) found.push({ start: open, end: Math.max(open, bytes[at - 2] === 0x0d ? at - 2 : at - 1) });
    open = rest === '--' ? undefined : Math.min(end, lineEnd + 1);
    if (rest === '--') break;
  }
  if (open !== undefined) found.push({ start: open, end });
  return found;
}

/** `text/plain; charset="utf-8"; name*=…`: its value and its parameters, in lower case but for what they hold. */
function parameters(header: string): { readonly value: string; readonly named: ReadonlyMap<string, string> } {
  const named = new Map<string, string>();
  const text = header.slice(0, 4096);
  const value = (text.split(';', 1)[0] ?? '').trim().toLowerCase();
  for (const found of text.matchAll(/;\s*([\w.-]+)(\*?)=(?:"([^"]*)"|([^\s;"]*))/g)) {
    const [, name = '', extended, quoted, bare] = found;
    const content = quoted ?? bare ?? '';
    if (!named.has(name.toLowerCase())) named.set(name.toLowerCase(), extended === '*' ? unpercent(content) : content);
  }
  return { value, named };
}

/** RFC 2231: `utf-8''w%C3%B6rter.patch` */
function unpercent(text: string): string {
  try {
    return decodeURIComponent(text.replace(/^[^']*'[^']*'/, ''));
  } catch {
    return text;
  }
}

function fromBase64(raw: Buffer): Buffer {
  return Buffer.from(raw.toString('latin1'), 'base64');
}

function fromQuotedPrintable(raw: Buffer): Buffer {
  const decoded = Buffer.alloc(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; ) {
    const byte = raw[at] ?? 0;
    const [high, low] = byte === EQUALS ? [hexDigit(raw[at + 1]), hexDigit(raw[at + 2])] : [-1, -1];
    if (high >= 0 && low >= 0) {
      decoded[length++] = high * 16 + low;
      at += 3;
      continue;
    }
    const behind = byte === EQUALS ? behindSoftBreak(raw, at + 1) : undefined;
    if (behind === undefined) decoded[length++] = byte;
    at = behind ?? at + 1;
  }
  return decoded.subarray(0, length);
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Where the text goes on behind `=` and a line break; blanks between were added on the way (RFC 2045, 6.7). */
function behindSoftBreak(raw: Buffer, from: number): number | undefined {
  let at = from;
  while (at < from + LONGEST_BLANKS && (raw[at] === 0x20 || raw[at] === 0x09)) at += 1;
  if (raw[at] === 0x0d) at += 1;
  return raw[at] === 0x0a ? at + 1 : undefined;
}

const LONGEST_BLANKS = 76;
const EQUALS = 0x3d;

/** Text in a transfer encoding has CRLF as its line end (RFC 2046, 4.1.1); where only some lines have it, it is the patch's. */
function withoutMailersCr(content: Buffer): Buffer {
  let from = 0;
  for (let at = content.indexOf(0x0a); at >= 0; at = content.indexOf(0x0a, at + 1)) {
    if (content[at - 1] !== 0x0d) return content;
    from = at + 1;
  }
  return from === 0 ? content : Buffer.from(content.toString('latin1').replace(/\r\n/g, '\n'), 'latin1');
}

/** Counts lines up to offsets that only grow. */
function lineCounter(bytes: Buffer): (offset: number) => number {
  let at = 0;
  let lines = 0;
  return (offset) => {
    for (let next = bytes.indexOf(0x0a, at); next >= 0 && next < offset; next = bytes.indexOf(0x0a, at)) {
      lines += 1;
      at = next + 1;
    }
    return lines;
  };
}
