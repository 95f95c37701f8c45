import type { Patch } from '../model.js';
import { diffBytes } from './patches.js';
import { oneLine } from './text.js';

/**
 * A patch as git format-patch writes it, for scripts that read mails. One without a message and an author is the diff
 * alone: nothing is made up for checkpatch.pl to complain of.
 */
export function asMail(patch: Patch): Uint8Array {
  const diff = diffBytes(patch);
  if (patch.message === '' && patch.author === undefined) return diff;
  const author = patch.author === undefined ? [] : [`From: ${oneLine(patch.author)}`];
  // A line of the message that looks like the end of it would cut it.
  const message = patch.message.split('\n').map((line) => (line === '---' || line.startsWith('diff --git ') ? ` ${line}` : line));
  const head = [...author, `Subject: [PATCH] ${oneLine(patch.subject)}`, '', ...message, '---', ''].join('\n');
  return Buffer.concat([Buffer.from(`${head}\n`), diff]);
}
