/**
 * A header value with its encoded words (RFC 2047) as text; what has an unknown charset stays as it is. Bytes outside of
 * such words are taken for UTF-8.
 * @param value one byte to a character
 */
export function decodeWords(value: string): string {
  // Blanks between two encoded words are none of the text.
  const joined = value.slice(0, LONGEST).replace(/(\?=)\s+(?==\?)/g, '$1');
  let text = '';
  let from = 0;
  for (const word of joined.matchAll(/=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?\s]*)\?=/g)) {
    const [whole, charset = '', kind = '', content = ''] = word;
    text += utf8(joined.slice(from, word.index)) + (decoded(kind.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : fromQ(content), charset) ?? whole);
    from = word.index + whole.length;
  }
  return text + utf8(joined.slice(from));
}

const LONGEST = 16 * 1024;

function fromQ(content: string): Buffer {
  const text = content.replace(/_/g, ' ').replace(/=([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(text, 'latin1');
}

function decoded(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return undefined;
  }
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
