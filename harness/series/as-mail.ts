import type { Patch } from '../model.js';
import { diffBytes } from './patches.js';
import { oneLine } from './text.js';

/** What ends a message for git mailinfo (patchbreak in its mailinfo.c): put one column to the right, it does not. */
const ENDS_MESSAGE = /^(?:---(?:\s|$)|diff -|Index: )/;

/**
 * A patch as git format-patch writes it, with the same diff byte for byte: git am takes it, the tree's scripts, and
 * respin again.
 *
 * @param total how many patches its series has
 */
export function asMail(patch: Patch, total: number): Uint8Array {
  const head = [
    'From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001',
    ...(patch.author === undefined ? [] : [`From: ${oneLine(patch.author)}`]),
    ...(patch.messageId === undefined ? [] : [`Message-Id: <${oneLine(patch.messageId)}>`]),
    `Subject: [PATCH ${patch.number}/${total}] ${oneLine(patch.subject)}`,
    ...['MIME-Version: 1.0', 'Content-Type: text/plain; charset=UTF-8', 'Content-Transfer-Encoding: 8bit', ''],
    ...(patch.message === '' ? [] : patch.message.split('\n').map((line) => (ENDS_MESSAGE.test(line) ? ` ${line}` : line))),
    ...['---', '', ''],
  ].join('\n');
  return Buffer.concat([Buffer.from(head, 'utf8'), diffBytes(patch)]);
}
