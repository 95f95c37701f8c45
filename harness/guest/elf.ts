const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const ET_EXEC = 2;
const ET_DYN = 3;
const EM_X86_64 = 62;
const PT_INTERP = 3;

/**
 * What a file is to a guest without libraries: `static` runs; `dynamic` wants a loader; `foreign` is for another machine;
 * `no program` is an object file, a library or a damaged file.
 */
export type ElfKind = 'static' | 'dynamic' | 'foreign' | 'no program';

/** Whether a file says that it is ELF. */
export function isElf(bytes: Buffer): boolean {
  return bytes.subarray(0, 4).equals(MAGIC);
}

/** What kind of program this is (ELF-64 object file format, version 1.5); undefined for what is no ELF file. */
export function elfKind(bytes: Buffer): ElfKind | undefined {
  if (!isElf(bytes)) return undefined;
  if (bytes.length < 64) return 'no program';
  if (bytes[4] !== CLASS_64 || bytes[5] !== LITTLE_ENDIAN || bytes.readUInt16LE(18) !== EM_X86_64) return 'foreign';
  const type = bytes.readUInt16LE(16);
  const entry = bytes.readBigUInt64LE(24);
  const offset = Number(bytes.readBigUInt64LE(32));
  const entryBytes = bytes.readUInt16LE(54);
  const entries = bytes.readUInt16LE(56);
  if (entries === 0 || entryBytes < 56 || offset + entries * entryBytes > bytes.length) return 'no program';
  for (let index = 0; index < entries; index += 1) {
    if (bytes.readUInt32LE(offset + index * entryBytes) === PT_INTERP) return 'dynamic';
  }
  // A shared library has no loader either, and nowhere to begin.
  return (type === ET_EXEC || type === ET_DYN) && entry !== 0n ? 'static' : 'no program';
}

/** Whether a program needs no dynamic loader. Anything else, cut files included, does not count as one. */
export function isStaticElf(bytes: Buffer): boolean {
  return elfKind(bytes) === 'static';
}
