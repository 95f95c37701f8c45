import type { Patch } from '../model.js';
import { diffBytes } from './patches.js';

/** A patch as a file that git am takes, and respin again: with the same diff, byte for byte. */
export function patchFile(patch: Patch, total: number): Uint8Array {
  const head = [
    'From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001',
    ...(patch.author === undefined ? [] : [`From: ${patch.author}`]),
    ...(patch.messageId === undefined ? [] : [`Message-Id: <${patch.messageId}>`]),
    `Subject: [PATCH ${patch.number}/${total}] ${patch.subject}`,
    ...['MIME-Version: 1.0', 'Content-Type: text/plain; charset=UTF-8', 'Content-Transfer-Encoding: 8bit', ''],
    ...(patch.message === '' ? [] : [patch.message]),
    ...['---', ''],
  ].join('\n');
  return Buffer.concat([Buffer.from(head, 'utf8'), diffBytes(patch)]);
}
