import { oneLine } from './text.js';

/** What the subject of a mail says about it. */
export interface Subject {
  /** Without its `[PATCH …]`; empty when it has none. */
  readonly subject: string;
  /** It has a `[PATCH]` or `[RFC]`. */
  readonly tagged: boolean;
  /** Of `[PATCH number/total]`; the cover letter has number 0. */
  readonly position: { readonly number: number; readonly total: number } | undefined;
  /** Of `[PATCH v2]`; 1 without one. */
  readonly version: number;
  /** `[PATCH RESEND …]`: the same version once more. */
  readonly resend: boolean;
  /** It begins with `Re:`. */
  readonly isReply: boolean;
}

/** Parts a subject such as `[RFC PATCH v2 3/7] ipc: …`, as `git format-patch` writes it. */
export function readSubject(text: string): Subject {
  let rest = oneLine(text, LONGEST);
  const reply = /^(?:(?:re|aw|sv|antw)(?:\[\d{1,3}\])?:\s*)+/i.exec(rest);
  if (reply) rest = rest.slice(reply[0].length);
  const found = { tagged: false, position: undefined as Subject['position'], version: 1, resend: false };
  for (;;) {
    const prefix = /^\[([^\]]*(?:PATCH|RFC)[^\]]*)\]\s*/i.exec(rest);
    if (!prefix) return { subject: rest, ...found, isReply: reply !== null };
    const inside = prefix[1] ?? '';
    rest = rest.slice(prefix[0].length);
    found.tagged = true;
    const numbers = /(?:^|[^\d/])(\d{1,4})\/(\d{1,4})(?![\d/])/.exec(inside);
    if (numbers) found.position = { number: Number(numbers[1]), total: Number(numbers[2]) };
    const version = /(?:^|[^a-z0-9]|PATCH|RFC)v(\d{1,3})(?![\d.])/i.exec(inside)?.[1];
    if (version !== undefined) found.version = Number(version);
    if (/\bRESEND\b/i.test(inside)) found.resend = true;
  }
}

const LONGEST = 300;
