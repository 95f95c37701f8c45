import { join } from 'node:path';
import type { Context } from '../context.js';
import type { Command, Completed } from '../effects.js';
import { hostError, type HarnessError } from '../errors.js';
import { interruption } from '../host/interruption.js';
import type { Lock } from '../host/lock.js';
import { makefileVersion } from './source-version.js';
import { firstLinkOutside } from './source-links.js';
import { parseRecords } from './source-records-text.js';

export type ArchiveFormat = 'tar' | 'gz' | 'bz2' | 'xz' | 'zst';

/** Codes of the errors that say that an archive itself is at fault: trying again with the same bytes is of no use. */
export const BAD_ARCHIVE_CODES: ReadonlySet<string> = new Set([
  'archive.format',
  'archive.corrupt',
  'archive.oversized',
  'archive.escape',
  'archive.not-a-kernel',
]);

/** An unpacked Linux 6.12 is 1.5 GiB; this leaves room to grow and still stops a bomb early. */
export const MOST_UNPACKED_BYTES = 8 * 1024 ** 3;

const HEAD_BYTES = 512;
/** GNU tar reads records of 20 blocks of 512 bytes unless told otherwise, and counts its checkpoints in them. */
const RECORD_BYTES = 10_240;
const CHECKPOINT_RECORDS = 1_000;
const STDERR_BYTES = 64 * 1024;
const MAKEFILE_BYTES = 1024 * 1024;
const ODD_BYTES = 64 * 1024 * 1024;

const MAGICS: readonly { readonly format: ArchiveFormat; readonly offset: number; readonly bytes: readonly number[] }[] = [
  { format: 'xz', offset: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { format: 'gz', offset: 0, bytes: [0x1f, 0x8b, 0x08] },
  { format: 'bz2', offset: 0, bytes: [0x42, 0x5a, 0x68] },
  { format: 'zst', offset: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { format: 'tar', offset: 257, bytes: [0x75, 0x73, 0x74, 0x61, 0x72] },
];

/** The program that tar puts before itself, with its own arguments; tar adds `-d`. */
const DECOMPRESSORS: Readonly<Record<ArchiveFormat, string | undefined>> = {
  tar: undefined,
  gz: 'gzip',
  bz2: 'bzip2',
  xz: 'xz -T0 --memlimit-decompress=2GiB',
  zst: 'zstd -q',
};

/** What a file is by its first 512 bytes, whatever its name says; undefined for none of the formats. */
export function archiveFormat(head: Uint8Array): ArchiveFormat | undefined {
  return MAGICS.find(({ offset, bytes }) => bytes.every((byte, index) => head[offset + index] === byte))?.format;
}

/** What to unpack, and where to. */
export interface Unpacking {
  readonly archive: string;
  /** An empty folder. After a failure what is in it is worth nothing. */
  readonly into: string;
  /** The uncompressed size that is refused, in bytes. */
  readonly maxBytes: number;
  /** The lock that guards `into`: kept until tar is dead. */
  readonly lock: Lock;
}

/**
 * Unpacks a tarball with the system's tar (docs/decisions/0002), keeping the times of its files. Nothing is written
 * outside `into`. In the folder that is returned, `into` or the one folder in it, no symbolic link leads out of it, no
 * file is linked with one outside, and there is nothing but files, folders and symbolic links.
 * @throws HarnessError `host` with a code of `BAD_ARCHIVE_CODES` for a bad archive; `disk.full`; `archive.unpack` when
 * a program is missing
 */
export async function unpackArchive(ctx: Context, unpacking: Unpacking): Promise<string> {
  const { archive, into, maxBytes, lock } = unpacking;
  const format = await formatOf(ctx, archive);
  const seen = { oversized: false };
  const running = await ctx.effects.processes.start(
    {
      ...tarCommand(ctx, [...unpackArgs(format), '-f', archive, '-C', into]),
      holds: [lock.fd],
      onLine: (line) => {
        if (readBytes(line) <= maxBytes) return;
        seen.oversized = true;
        running.kill();
      },
    },
    0,
  );
  const done = await running.ended;
  if (ctx.effects.interrupted.aborted) throw interruption();
  if (seen.oversized) {
    throw hostError('archive.oversized', `${archive} unpacks to more than ${maxBytes} bytes; a kernel is smaller`);
  }
  const problem = unpackProblem(archive, done);
  if (problem) throw problem;
  const top = await topFolder(ctx, archive, into);
  await refuseOddFiles(ctx, archive, top);
  return top;
}

/** The one folder that everything is in, or `into` itself where the archive was made without one. */
async function topFolder(ctx: Context, archive: string, into: string): Promise<string> {
  const entries = await ctx.effects.files.readdir(into, { withFileTypes: true });
  if (entries.some((entry) => entry.name === 'Makefile')) return into;
  const [only] = entries;
  if (entries.length !== 1 || !only?.isDirectory()) throw notAKernel(archive);
  return join(into, only.name);
}

/**
 * The version that the top-level Makefile in an archive states, read without unpacking the rest.
 * @throws HarnessError `host` `archive.not-a-kernel`, or as `unpackArchive`
 */
export async function archiveVersion(ctx: Context, archive: string): Promise<string> {
  const format = await formatOf(ctx, archive);
  // One folder at the top, as kernel.org and Debian have it; then what `tar -C linux -c .` and `tar -c ./linux` make.
  for (const name of ['*/Makefile', './Makefile', './*/Makefile', 'Makefile']) {
    const select = ['--wildcards', '--no-wildcards-match-slash', '--occurrence=1', '-f', archive, name];
    const done = await ctx.effects.processes.run({
      ...tarCommand(ctx, ['-x', '-O', ...decompressArgs(format), ...select]),
      keepBytes: MAKEFILE_BYTES,
    });
    const version = makefileVersion(done.stdout);
    if (version !== undefined) return version;
    const problem = unpackProblem(archive, done);
    if (problem && !/: Not found in archive$/m.test(done.stderr)) throw problem;
  }
  throw notAKernel(archive);
}

/** The error for an archive that is whole and holds something else. */
export function notAKernel(archive: string): HarnessError {
  return hostError('archive.not-a-kernel', `${archive} holds no kernel: a Makefile with VERSION and PATCHLEVEL, a Kconfig and scripts/ are expected in its one top folder`, {
    hint: 'name the tarball of a whole kernel, such as linux-6.12.9.tar.xz',
  });
}

async function formatOf(ctx: Context, archive: string): Promise<ArchiveFormat> {
  const handle = await ctx.effects.files.open(archive, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
    const format = archiveFormat(head.subarray(0, bytesRead));
    if (format) return format;
  } finally {
    await handle.close();
  }
  throw hostError('archive.format', `${archive} is no tarball: by its first bytes it is none of ${Object.keys(DECOMPRESSORS).join(', ')}`, {
    hint: 'name a file such as linux-6.12.9.tar.xz',
  });
}

function decompressArgs(format: ArchiveFormat): readonly string[] {
  const program = DECOMPRESSORS[format];
  return program === undefined ? [] : ['-I', program];
}

/**
 * GNU tar itself refuses names with `..`, strips a leading `/`, and puts off symbolic links that could lead out until
 * the end; `--keep-old-files` makes it an error to write a name twice.
 */
function unpackArgs(format: ArchiveFormat): readonly string[] {
  return [
    '-x',
    ...decompressArgs(format),
    '--no-same-owner',
    '--no-same-permissions',
    '--keep-old-files',
    '--delay-directory-restore',
    '--quoting-style=escape',
    `--checkpoint=${CHECKPOINT_RECORDS}`,
  ];
}

/** tar in the C locale, whose messages are read here, and without TAR_OPTIONS or XZ_OPT of the user. */
function tarCommand(ctx: Context, args: readonly string[]): Command {
  return { file: 'tar', args, env: { PATH: ctx.effects.env['PATH'] ?? '', LC_ALL: 'C' }, keepBytes: STDERR_BYTES };
}

function readBytes(line: string): number {
  const records = /^tar: Read checkpoint (\d+)$/.exec(line)?.[1];
  return records === undefined ? 0 : Number(records) * RECORD_BYTES;
}

/** Of the file in which the disk fills up tar says only how much of it was written; later ones cannot be opened or written at all. */
const DISK_FULL = /: (?:No space left on device|Disk quota exceeded|Wrote only \d+ of \d+ bytes)$/m;

function unpackProblem(archive: string, done: Completed): HarnessError | undefined {
  const output = done.stderr.replace(/^tar: Read checkpoint \d+\n/gm, '');
  if (/^tar: Removing leading |^tar: .*: Member name contains '\.\.'$/m.test(output)) {
    return hostError('archive.escape', `${archive} has names that lead out of the folder it is unpacked in; it is refused`, { output });
  }
  if (done.exitCode === 0) return undefined;
  if (DISK_FULL.test(output)) {
    return hostError('disk.full', `no space left while unpacking ${archive}; a kernel needs 1.6 GB`, {
      output,
      hint: 'free some space, or put the cache elsewhere: export RESPIN_CACHE=/a/larger/disk/respin',
    });
  }
  if (output.includes(': Cannot exec: ')) {
    return hostError('archive.unpack', `the program that unpacks ${archive} is not on this machine`, {
      output,
      hint: 'apt-get install xz-utils gzip bzip2 zstd',
    });
  }
  return hostError('archive.corrupt', `${archive} cannot be unpacked: tar ended with ${done.exitCode ?? done.signal ?? 'nothing'}; it is truncated or damaged, or writes where it must not`, {
    output,
    hint: 'fetch it again',
  });
}

/** Everything that is no plain file or folder, and files with more than one name. */
async function refuseOddFiles(ctx: Context, archive: string, top: string): Promise<void> {
  const odd = ['(', '!', '-type', 'f', '!', '-type', 'd', '-o', '-type', 'f', '-links', '+1', ')'];
  const done = await ctx.effects.processes.run({
    file: 'find',
    args: [top, ...odd, '-printf', '%y\\0%i\\0%n\\0%P\\0%l\\0'],
    keepBytes: ODD_BYTES,
  });
  if (done.exitCode !== 0 || done.stdout.length >= ODD_BYTES || done.stdout.includes('\uFFFD')) {
    throw hostError('archive.escape', `what ${archive} unpacks to cannot be checked; it is refused`, { output: done.stderr });
  }
  const links = new Map<string, string>();
  const missingNames = new Map<string, number>();
  for (const [type = '', inode = '', names = '', path = '', target = ''] of parseRecords(done.stdout, 5)) {
    if (type === 'l') links.set(path, target);
    else if (type === 'f') missingNames.set(inode, (missingNames.get(inode) ?? Number(names)) - 1);
    else throw hostError('archive.escape', `${archive} holds ${JSON.stringify(path)}, which is neither file, folder nor symbolic link; it is refused`);
  }
  const outside = firstLinkOutside(links);
  if (outside !== undefined) {
    throw hostError('archive.escape', `${archive} holds a symbolic link that leads out of it, ${JSON.stringify(outside)}; it is refused`);
  }
  if ([...missingNames.values()].some((missing) => missing > 0)) {
    throw hostError('archive.escape', `${archive} holds a hard link to a file outside of it; it is refused`);
  }
}
