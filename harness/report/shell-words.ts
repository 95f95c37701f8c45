/** A word as a shell takes it literally. */
function quoted(word: string): string {
  if (word !== '' && /^[\w@%+=:,./#-]+$/.test(word) && !/^(?:#|::)|##$/.test(word)) return word;
  // What a terminal or the log of a runner would obey is written as printf has it.
  if (/[\u0000-\u001f\u007f-\u009f]|##(?=\[|$)/.test(word)) {
    const text = word.replace(/[\\'\u0000-\u001f\u007f-\u009f]|#(?=#(?:\[|$))/g, (char) => (char === '\\' || char === "'" ? `\\${char}` : [...Buffer.from(char, 'utf8')].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')));
    return `$'${text}'`;
  }
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command as it is typed. */
export function commandText(command: readonly string[]): string {
  return command.map(quoted).join(' ');
}

/**
 * The same in lines of a width, which a shell joins again: a backslash ends each but the last. Words that are wider than a
 * line are parted inside, where the shell joins them without a blank.
 */
export function commandLines(command: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of command) {
    const pieces = piecesOf(word, width - 2);
    for (const [index, piece] of pieces.entries()) {
      const glue = index === 0 && line !== '' ? ' ' : '';
      if (line !== '' && (index > 0 || line.length + glue.length + piece.length > width - 2)) {
        lines.push(`${line}${index === 0 ? ' ' : ''}\\`);
        line = piece;
      } else line += `${glue}${piece}`;
    }
  }
  return [...lines, line];
}

function piecesOf(word: string, width: number): readonly string[] {
  const whole = quoted(word);
  if (whole.length <= width) return [whole];
  const pieces: string[] = [];
  let piece = '';
  for (const char of word) {
    if (piece !== '' && quoted(piece + char).length > width) {
      pieces.push(quoted(piece));
      piece = '';
    }
    piece += char;
  }
  return [...pieces, quoted(piece)];
}
