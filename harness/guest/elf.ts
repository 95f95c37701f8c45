const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const PT_INTERP = 3;

/**
 * Whether a program needs no dynamic loader: a 64-bit little-endian ELF file without PT_INTERP (ELF-64 object file format,
 * version 1.5). Anything else, cut files included, is not.
 */
export function isStaticElf(bytes: Buffer): boolean {
  if (bytes.length < 64 || !bytes.subarray(0, 4).equals(MAGIC)) return false;
  if (bytes[4] !== CLASS_64 || bytes[5] !== LITTLE_ENDIAN) return false;
  const offset = Number(bytes.readBigUInt64LE(32));
  const entryBytes = bytes.readUInt16LE(54);
  const entries = bytes.readUInt16LE(56);
  if (entries === 0 || entryBytes < 56 || offset + entries * entryBytes > bytes.length) return false;
  for (let index = 0; index < entries; index += 1) {
    if (bytes.readUInt32LE(offset + index * entryBytes) === PT_INTERP) return false;
  }
  return true;
}
