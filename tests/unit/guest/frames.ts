import { crc32 } from 'node:zlib';

export const NONCE = '00112233445566778899aabbccddeeff';

/** A frame as the runner writes it. */
export function frame(sequence: number, type: string, payload: string, nonce: string = NONCE): string {
  const covered = `respin1 ${nonce} ${String(sequence)} ${type} ${String(payload.length)} ${payload}`;
  return `${covered} ${crc32(covered).toString(16).padStart(8, '0')}\n`;
}

/** Frames in order, numbered from 0. */
export function frames(...list: readonly (readonly [type: string, payload: string])[]): string {
  return list.map(([type, payload], index) => frame(index, type, payload)).join('');
}
