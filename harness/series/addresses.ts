import { decodeWords } from './mime-words.js';

/** Nobody writes to more. */
const MOST_ADDRESSES = 500;
const LONGEST_HEADER = 64 * 1024;

/**
 * The mailboxes of a header such as To or Cc (RFC 5322, 3.4) as `Name <address>`, or the address alone; each address once.
 * What is no mailbox is left out: groups lose their name, comments go. Pure; takes linear time.
 * @param value one byte to a character
 */
export function addressesIn(value: string): readonly string[] {
  const seen = new Set<string>();
  return entriesOf(value.slice(0, LONGEST_HEADER)).flatMap((entry) => {
    const mailbox = mailboxIn(entry);
    if (mailbox === undefined || seen.size >= MOST_ADDRESSES || seen.has(mailbox.address.toLowerCase())) return [];
    seen.add(mailbox.address.toLowerCase());
    return [mailbox.name === '' ? mailbox.address : `${mailbox.name} <${mailbox.address}>`];
  });
}

/** Parts a list at its commas; those in quotes, comments and angles part nothing. */
function entriesOf(value: string): readonly string[] {
  const entries: string[] = [];
  let entry = '';
  let quoted = false;
  let depth = 0;
  for (let index = 0; index < value.length; index += 1) {
    const char = value[index] ?? '';
    if (char === '\\' && (quoted || depth > 0)) {
      if (depth === 0) entry += value[index + 1] ?? '';
      index += 1;
    } else if (quoted) {
      quoted = char !== '"';
      if (quoted) entry += char;
    } else if (char === '(') depth += 1;
    else if (char === ')') depth = Math.max(0, depth - 1);
    else if (depth > 0) continue;
    else if (char === '"') quoted = true;
    else if (char === ',' || char === ';') {
      entries.push(entry);
      entry = '';
    } else if (char === ':' && !entry.includes('<') && !entry.includes('=?')) entry = '';
    else entry += char;
  }
  return [...entries, entry];
}

function mailboxIn(entry: string): { readonly name: string; readonly address: string } | undefined {
  const angle = entry.lastIndexOf('<');
  const address = (angle < 0 ? entry : entry.slice(angle + 1).replace(/>.*$/s, '')).trim();
  if (!/^[\x21-\x7e]{1,200}@[\w.-]{1,200}$/.test(address) || /[<>(),;:"[\]\\]/.test(address)) return undefined;
  const name = angle < 0 ? '' : decodeWords(entry.slice(0, angle).trim()).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').replace(/\s+/g, ' ').trim();
  return { name: name.slice(0, 200), address };
}
