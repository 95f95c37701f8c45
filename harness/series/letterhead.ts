import type { SeriesLetter } from '../model.js';
import { addressesIn } from './addresses.js';
import type { Letter } from './letter.js';
import { decodeWords } from './mime-words.js';
import { oneLine } from './text.js';

/** A thread that is deeper is cut at its root's side; mailers do so too (RFC 5322, 3.6.4). */
const MOST_REFERENCES = 20;

/** What a reply to a mail needs of it; nothing for one without a message id, which cannot be answered. */
export function letterheadOf({ messageId, parents, headers }: Letter): readonly SeriesLetter[] {
  if (messageId === undefined) return [];
  const header = (name: string): string => headers.get(name) ?? '';
  const date = oneLine(header('date').trim());
  return [
    {
      messageId,
      subject: oneLine(decodeWords(header('subject')).trim(), 500),
      date: date === '' ? undefined : date,
      from: addressesIn(header('from'))[0],
      to: addressesIn(header('to')),
      cc: addressesIn(header('cc')),
      // The nearest is first in `parents`, and there twice when In-Reply-To and References name it.
      references: [...new Set(parents)].slice(0, MOST_REFERENCES).reverse(),
    },
  ];
}
