import { visible } from '../terminal/escape.js';

const WIDTH = 75;
/** Bytes of UTF-8 in one encoded word of at most 75 characters: `=?UTF-8?B?…?=` (RFC 2047, 2). */
const WORD_BYTES = 45;

/** Text of a header: as it is when it is ASCII, else in encoded words. */
function encoded(text: string): readonly string[] {
  const plain = visible(text).replace(/\t/g, ' ');
  // What looks like an encoded word would be decoded.
  if (/^[\x20-\x7e]*$/.test(plain) && !plain.includes('=?')) return plain.split(' ').filter(Boolean);
  const words: string[] = [];
  let chunk = '';
  for (const char of plain) {
    if (Buffer.byteLength(chunk + char, 'utf8') > WORD_BYTES) {
      words.push(chunk);
      chunk = '';
    }
    chunk += char;
  }
  return [...words, chunk].map((word) => `=?UTF-8?B?${Buffer.from(word, 'utf8').toString('base64')}?=`);
}

function folded(name: string, words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const word of words) {
    if (line.length + 1 + word.length > WIDTH && line.trim() !== '' && line !== `${name}:`) {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

/** A header with free text. */
export function encodeHeader(name: string, text: string): readonly string[] {
  return folded(name, encoded(text));
}

/** A header with message ids; those that are none (RFC 5322, 3.6.4) are left out, and the header with them. */
export function idsHeader(name: string, ids: readonly string[]): readonly string[] {
  const safe = [...new Set(ids)].filter((id) => /^[\x21-\x7e]{1,400}$/.test(id) && !/[<>]/.test(id));
  return safe.length === 0 ? [] : folded(name, safe.map((id) => `<${id}>`));
}

/**
 * A header with mailboxes, each address once.
 * @param known addresses that are in a header already, in lower case; those written here are added
 */
export function addressHeader(name: string, mailboxes: readonly string[], known: Set<string>): readonly string[] {
  const safe = mailboxes.flatMap((mailbox) => {
    const found = /^(?:(.*) )?<([^<>]*)>$/.exec(mailbox);
    const address = found?.[2] ?? mailbox;
    if (!/^[^\s<>(),;:"[\]\\@]{1,200}@[\w.-]{1,200}$/.test(address) || !/^[\x21-\x7e]+$/.test(address) || known.has(address.toLowerCase())) return [];
    known.add(address.toLowerCase());
    return [{ label: found?.[1]?.trim() ?? '', address }];
  });
  if (safe.length === 0) return [];
  const words = safe.flatMap(({ label, address }, index) => {
    const comma = index === safe.length - 1 ? '' : ',';
    if (label === '') return [`${address}${comma}`];
    const plain = visible(label).replace(/^"(.*)"$/, '$1');
    const isAtoms = /^[\w!#$%&'*+/=?^`{|}~ -]+$/.test(plain) && !plain.includes('=?');
    const shown = isAtoms ? [plain] : /^[\x20-\x7e]*$/.test(plain) && !plain.includes('=?') ? [`"${plain.replace(/[\\"]/g, '\\$&')}"`] : encoded(plain);
    return [...shown, `<${address}>${comma}`];
  });
  return folded(name, words);
}
