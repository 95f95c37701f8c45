import { createHash } from 'node:crypto';
import type { Effects } from '../effects.js';

const CHUNK_BYTES = 1024 * 1024;

/** SHA-256 of text (as UTF-8) or bytes, in lower-case hexadecimal. */
export function digestOf(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * SHA-256 of a file's content, read in pieces, so that a large file costs no memory.
 * @throws what the file system throws, such as ENOENT
 */
export async function digestFile(effects: Pick<Effects, 'files'>, path: string): Promise<string> {
  const hash = createHash('sha256');
  const handle = await effects.files.open(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      hash.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/**
 * One text for one JSON value: the keys of objects sorted by code unit, members that are undefined left out, no white
 * space. Otherwise as `JSON.stringify`.
 * @throws TypeError for a value that JSON cannot hold (a cycle, a bigint, a top-level undefined or function)
 */
export function canonicalJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, member: unknown) => sorted(member)) as string | undefined;
  if (text === undefined) throw new TypeError(`not a JSON value: ${typeof value}`);
  return text;
}

function sorted(member: unknown): unknown {
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
  const entries = Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  // `Object.fromEntries` defines the members, so that a key `__proto__` is kept as data.
  return Object.fromEntries(entries);
}

/** The cache key of a JSON value: SHA-256 of its canonical JSON. Equal values have equal keys, whatever the order of their members. */
export function keyOf(value: unknown): string {
  return digestOf(canonicalJson(value));
}
