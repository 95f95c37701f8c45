import { createHash } from 'node:crypto';
import { isAbsolute, join, normalize } from 'node:path';
import type { Context } from '../context.js';

/** Of each end of a console; the consoles of a page have to share its room anyway. */
const KEPT_BYTES = 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/** The ends of a file, and what lies between them. */
export interface ReadConsole {
  readonly head: readonly string[];
  readonly left: { readonly lines: number; readonly bytes: number };
  readonly tail: readonly string[];
  readonly digest: string;
}

function linesOf(bytes: Buffer): readonly string[] {
  const lines = bytes.toString('utf8').split('\n');
  // A serial line ends in CR LF.
  return (lines.at(-1) === '' ? lines.slice(0, -1) : lines).map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

function countNewlines(bytes: Buffer): number {
  let found = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) found += 1;
  return found;
}

/**
 * Reads a console of an evidence folder: all of it, or of one that is large its first and its last MiB, in whole lines.
 * Undefined when it is not there, or when its path leads out of the folder.
 */
export async function readConsole(ctx: Pick<Context, 'effects'>, folder: string, path: string): Promise<ReadConsole | undefined> {
  const plain = normalize(path);
  if (isAbsolute(plain) || plain.split('/').includes('..')) return undefined;
  const handle = await ctx.effects.files.open(join(folder, plain), 'r').catch(() => undefined);
  if (!handle) return undefined;
  try {
    if (!(await handle.stat()).isFile()) return undefined;
    const hash = createHash('sha256');
    let head = Buffer.alloc(0);
    let middle = { lines: 0, bytes: 0 };
    let tail = Buffer.alloc(0);
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) break;
      const chunk = Buffer.from(buffer.subarray(0, bytesRead));
      hash.update(chunk);
      const toHead = Math.min(chunk.length, KEPT_BYTES - head.length);
      if (toHead > 0) head = Buffer.concat([head, chunk.subarray(0, toHead)]);
      tail = Buffer.concat([tail, chunk.subarray(Math.max(0, toHead))]);
      const over = tail.length - KEPT_BYTES;
      if (over > 0) {
        const gone = tail.subarray(0, over);
        middle = { lines: middle.lines + countNewlines(gone), bytes: middle.bytes + over };
        tail = Buffer.from(tail.subarray(over));
      }
    }
    const digest = hash.digest('hex');
    if (middle.bytes === 0) return { head: linesOf(Buffer.concat([head, tail])), left: { lines: 0, bytes: 0 }, tail: [], digest };
    // Whole lines: what is cut at the seams is counted with what was left out.
    const lastOfHead = head.lastIndexOf(0x0a) + 1;
    const firstOfTail = tail.indexOf(0x0a) + 1;
    const seams = head.length - lastOfHead + firstOfTail;
    return {
      head: linesOf(head.subarray(0, lastOfHead)),
      left: { lines: middle.lines + (firstOfTail > 0 ? 1 : 0), bytes: middle.bytes + seams },
      tail: linesOf(tail.subarray(firstOfTail)),
      digest,
    };
  } finally {
    await handle.close();
  }
}
