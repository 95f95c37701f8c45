/** The lines of a text, each with its newline; the last one is without, when the text ends so. No text has no lines. */
export function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline + 1;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

/** Text of one line for people: control characters, among them those of terminals, are blanks, and its length is bounded. */
export function oneLine(text: string, maxLength = 300): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
  return plain.length <= maxLength ? plain : `${plain.slice(0, maxLength - 1)}…`;
}

/** Bytes held one to a character (latin-1), read as UTF-8. */
export function utf8OfBytes(byteText: string): string {
  return Buffer.from(byteText, 'latin1').toString('utf8');
}

/** How many newlines the bytes from `start` to before `end` have. */
export function newlinesIn(bytes: Buffer, start = 0, end = bytes.length): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a, start); at >= 0 && at < end; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}
