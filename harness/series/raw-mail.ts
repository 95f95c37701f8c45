import { usageError } from '../errors.js';
import { newlinesIn } from './text.js';

/** The bytes of one mail, or of a patch without one, as they were found. */
export interface RawMail {
  /** For messages: its file, or `series.mbox message 3`. */
  readonly origin: string;
  /** The file that holds it, and the line of its first byte, from 1; undefined when no file does. */
  readonly at: { readonly path: string; readonly line: number } | undefined;
  readonly bytes: Buffer;
  /** How many folders its paths begin with that are none of the tree's; undefined when the diff has to tell. */
  readonly strip?: 0 | 1 | undefined;
}

/** A list has no thread that long; something else by that form may. */
const MOST_MAILS = 20_000;

/**
 * Parts an mbox into its mails; a file that is none is one mail. The rule is that of git mailsplit (`is_from_line` in
 * builtin/mailsplit.c): a line `From ` with a time and a year.
 * @throws HarnessError `usage` `series.mail` for more mails than a thread has
 */
export function splitMbox(bytes: Buffer, path: string, at: RawMail['at']): readonly RawMail[] {
  const starts = fromLines(bytes);
  const first = starts[0];
  if (starts.length > MOST_MAILS) {
    throw usageError('series.mail', `${path} has ${starts.length} mails; a thread has at most ${MOST_MAILS}`, {
      hint: 'save the thread of the series alone',
    });
  }
  if (first === undefined || bytes.subarray(0, first).toString('latin1').trim() !== '') return [{ origin: path, at, bytes }];
  let line = 1 + newlinesIn(bytes, 0, first);
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? bytes.length;
    const mail = {
      origin: starts.length === 1 ? path : `${path} message ${index + 1}`,
      at: at && { path: at.path, line: at.line + line - 1 },
      bytes: bytes.subarray(start, end),
    };
    line += newlinesIn(bytes, start, end);
    return mail;
  });
}

const FROM = Buffer.from('From ');
const NEWLINE = 0x0a;
const LONGEST_FROM_LINE = 512;

function fromLines(bytes: Buffer): readonly number[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf(FROM); at >= 0; at = bytes.indexOf(FROM, at + 1)) {
    if (at > 0 && bytes[at - 1] !== NEWLINE) continue;
    const end = bytes.subarray(at, at + LONGEST_FROM_LINE).indexOf(NEWLINE);
    if (end >= 0 && / \d?\d:\d\d:\d\d (?:[-+A-Za-z0-9]+ )?\d{4}\b/.test(bytes.toString('latin1', at, at + end))) starts.push(at);
  }
  return starts;
}
