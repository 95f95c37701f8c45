import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { messageOf, usageError } from '../errors.js';

/** No series is that large; something else by that name may be. */
export const MOST_BYTES = 64 * 1024 * 1024;

const OTHERS: readonly (readonly [magic: string, name: string, program: string])[] = [
  ['\xfd7zXZ', 'xz', 'unxz'],
  ['BZh', 'bzip2', 'bunzip2'],
  ['\x28\xb5\x2f\xfd', 'zstd', 'unzstd'],
  ['PK\x03\x04', 'zip', 'unzip'],
];

/**
 * The text in what may be compressed with gzip.
 * @param where for messages
 * @throws HarnessError `usage` `series.mail` for what is empty, cut off, too large or compressed otherwise
 */
export async function unpacked(content: Buffer, where: string): Promise<Buffer> {
  let text = content;
  if (content[0] === 0x1f && content[1] === 0x8b) {
    try {
      text = await promisify(gunzip)(content, { maxOutputLength: MOST_BYTES });
    } catch (error) {
      throw mailError(where, `is compressed with gzip and cannot be unpacked: ${messageOf(error)}`, 'gzip -t says whether the file is whole');
    }
  }
  const head = text.toString('latin1', 0, 8);
  const other = OTHERS.find(([magic]) => head.startsWith(magic));
  if (other) throw mailError(where, `is compressed with ${other[1]}`, `${other[2]} unpacks it`);
  if (text.toString('latin1', 0, 4096).trim() === '' && text.toString('latin1').trim() === '') throw mailError(where, 'is empty');
  return text;
}

export function mailError(where: string, problem: string, hint?: string): Error {
  return usageError('series.mail', `${where} ${problem}; expected a patch or an mbox as git format-patch writes it`, { hint });
}
