/**
 * Text from a guest, a patch or a log, made safe for a terminal: control characters (escape sequences, carriage
 * returns, NUL), the invisible ones that reorder text and halves of characters are shown as what they are; tabs stay. What
 * the log of a GitHub runner takes for a command (`::` at the beginning of a line, `##[` anywhere: ActionCommand.cs of
 * actions/runner) is shown with one character of it escaped.
 */
export function visible(text: string): string {
  const plain = text.replace(/^(\s*):(?=:)/, '$1\\x3a').replace(/##(?=\[)/g, '\\x23#');
  return plain.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Surrogate}/gu, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** At most `width` characters, with an ellipsis where something was cut. */
export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
