import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Context } from '../../context.js';
import { errnoOf, HarnessError, usageError } from '../../errors.js';
import type { Evidence } from '../../evidence/schema.js';
import { withLock } from '../../host/lock.js';
import { archiveFormat, BAD_ARCHIVE_CODES, unpackArchive } from '../../kernel/archive.js';
import { packFolder } from '../../kernel/pack.js';
import { withScratch } from '../../series/scratch.js';
import { isSuitePath } from '../../spec/suite.js';
import { writeError } from '../../store/atomic.js';
import { readRecordedSeries } from './read-series.js';

/** The one folder of a pack. */
const TOP = 'respin-evidence';
/** Evidence without logs and consoles; a series has at most this. */
const MOST_UNPACKED = 64 * 1024 * 1024;
const MOST_FILES = 10_000;

/** What of an evidence folder another machine needs: what was asked, and what came out. */
const PARTS = ['evidence.json', 'series', join('base', 'config'), join('tip', 'config')];

/**
 * Writes what another person needs to repeat a run: its evidence, its series and its configurations. The kernel is in it by
 * its digest.
 * @throws HarnessError `usage` `pack.exists`, `pack.tests` for a run whose tests are files of this machine, as
 * `readRecordedSeries`; `host` `pack.failed`
 */
export async function writePack(ctx: Context, folder: string, evidence: Evidence, into: string): Promise<void> {
  const { files } = ctx.effects;
  const { tests = [], suites = [] } = evidence.request ?? {};
  const [own] = [...tests, ...suites.filter(isSuitePath)];
  if (own !== undefined) {
    throw usageError('pack.tests', `this run was judged by files of this machine, such as ${own}, which no pack has`, { hint: 'bring them into a selftest of the tree and run with --kselftest, or hand them over by yourself' });
  }
  // A pack that its reader finds damaged is of no use.
  await readRecordedSeries(ctx, folder, evidence);
  if (await files.access(into).then(() => true, () => false)) throw usageError('pack.exists', `--pack ${into}: it is there already, and nothing is overwritten`);
  await withScratch(ctx, 'pack', async (scratch) => {
    for (const part of PARTS) await copyInto(ctx, join(folder, part), join(scratch, TOP, part));
    const temporary = join(dirname(into), `.respin-${randomUUID()}.tar.gz`);
    try {
      await packFolder(ctx, scratch, TOP, temporary);
      await files.rename(temporary, into);
    } catch (thrown) {
      throw thrown instanceof HarnessError ? thrown : writeError(into, thrown);
    } finally {
      await files.rm(temporary, { force: true });
    }
  });
}

/** Copies plain files and folders of them; what is not there is left out, and links are not followed. */
async function copyInto(ctx: Context, from: string, to: string): Promise<void> {
  const { files } = ctx.effects;
  const found = await files.lstat(from).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ENOTDIR') return undefined;
    throw thrown;
  });
  if (found?.isDirectory()) {
    for (const name of await files.readdir(from)) await copyInto(ctx, join(from, name), join(to, name));
  } else if (found?.isFile()) {
    await files.mkdir(dirname(to), { recursive: true });
    await files.copyFile(from, to);
  } else if (found) {
    throw usageError('evidence.damaged', `${from} is neither a file nor a folder: evidence has nothing else`);
  }
}

/** Whether a path is that of a pack: a tar archive, by its first bytes. What is no file, or not there, is none. */
export async function isPack(ctx: Context, path: string): Promise<boolean> {
  const isFile = await ctx.effects.files.stat(path).then((found) => found.isFile(), () => false);
  if (!isFile) return false;
  const handle = await ctx.effects.files.open(path, 'r');
  try {
    const head = Buffer.alloc(512);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return archiveFormat(head.subarray(0, bytesRead)) !== undefined;
  } finally {
    await handle.close();
  }
}

/**
 * Unpacks what somebody sent. Nothing is written outside of `into`; links and whatever is neither file nor folder are refused.
 * @param into an empty folder
 * @returns the folder of the evidence
 * @throws HarnessError `usage` `pack.damaged`
 */
export async function readPack(ctx: Context, path: string, into: string): Promise<string> {
  const refuse = (problem: string, cause?: unknown): HarnessError =>
    usageError('pack.damaged', `${path} is no pack of evidence: ${problem}`, { cause, hint: 'respin rerun EVIDENCE --pack FILE writes one' });
  let top: string;
  try {
    top = await withLock(ctx, 'cache', (lock) => unpackArchive(ctx, { archive: path, into, maxBytes: MOST_UNPACKED, lock }), { mode: 'shared' });
  } catch (thrown) {
    if (thrown instanceof HarnessError && BAD_ARCHIVE_CODES.has(thrown.code)) throw refuse(thrown.message, thrown);
    throw thrown;
  }
  if (top !== join(into, TOP)) throw refuse(`its one folder is not ${TOP}`);
  const entries = await ctx.effects.files.readdir(top, { recursive: true, withFileTypes: true });
  if (entries.length > MOST_FILES) throw refuse(`it has ${entries.length} files`);
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd) throw refuse(`${JSON.stringify(odd.name)} is a link`);
  for (const entry of entries.filter((one) => one.isFile())) {
    if ((await ctx.effects.files.lstat(join(entry.parentPath, entry.name))).nlink > 1) throw refuse(`${JSON.stringify(entry.name)} is a hard link`);
  }
  return top;
}
