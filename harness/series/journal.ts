import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { errnoOf, hostError, messageOf, type HarnessError } from '../errors.js';
import type { KernelTree } from '../model.js';
import { writeError } from '../store/atomic.js';
import { digestFile } from '../store/digest.js';
import { withScratch } from './scratch.js';

/**
 * `tree.home/journal` exists as long as a tree is not its base: `journal.json`, and in `original/` a second hard link to
 * each file that was replaced, which keeps its content, mode and times as they are. It is made elsewhere, whole and on
 * disk, and renamed here before the first file of the tree is changed; so a journal that is there is complete, and what
 * it says can be undone from any point, as often as needed.
 */

const base = z.strictObject({ digest: z.string(), mode: z.number(), mtimeMs: z.number() });

const schema = z.strictObject({
  version: z.literal(1),
  series: z.string(),
  /** Folders that the series adds, parents first. */
  folders: z.array(z.string()),
  files: z.array(
    z.strictObject({
      path: z.string(),
      /** What the base has; absent for a new file. */
      base: base.optional(),
      /** Digest of what the series leaves; absent for a deleted file. */
      now: z.string().optional(),
    }),
  ),
});

type Journal = Readonly<z.output<typeof schema>>;

/** One file of the tree that is to be other than in the base. */
export interface TreeChange {
  readonly path: string;
  readonly base: { readonly digest: string; readonly mode: number; readonly mtimeMs: number } | undefined;
  /** The file to put there, made in a scratch folder of the cache, with its mode and times; undefined to delete. */
  readonly now: { readonly digest: string; readonly file: string } | undefined;
}

type JournalContext = Pick<Context, 'effects' | 'cache'>;

/**
 * Changes files of a tree that is its base, in a way that `restoreTree` undoes wherever it was interrupted.
 * @param folders of the changed files that the tree does not have, parents first
 * @throws HarnessError `host` `disk.full`, `file.write`; the tree is its base again then, or is at the next `restoreTree`
 */
export async function changeTree(
  ctx: JournalContext,
  tree: KernelTree,
  series: string,
  folders: readonly string[],
  changes: readonly TreeChange[],
): Promise<void> {
  const { files } = ctx.effects;
  await withScratch(ctx, 'journal', async (scratch) => {
    const draft = join(scratch, 'journal');
    await files.mkdir(join(draft, 'original'), { recursive: true });
    const journal: Journal = {
      version: 1,
      series,
      folders: [...folders],
      files: changes.map(({ path, base, now }) => ({
        path,
        ...(base && { base: { digest: base.digest, mode: base.mode, mtimeMs: base.mtimeMs } }),
        ...(now && { now: now.digest }),
      })),
    };
    for (const [index, { path, base }] of changes.entries()) {
      if (base) await files.link(join(tree.src, path), originalOf(draft, index));
    }
    await writeDurably(ctx, join(draft, 'journal.json'), JSON.stringify(journal));
    await syncFolder(ctx, join(draft, 'original'));
    await syncFolder(ctx, draft);
    await files.rename(draft, journalOf(tree));
    await syncFolder(ctx, tree.home);
  });
  try {
    for (const folder of folders) await files.mkdir(join(tree.src, folder), { recursive: true });
    for (const { path, now } of changes) {
      if (now) await files.rename(now.file, join(tree.src, path));
      else await files.unlink(join(tree.src, path));
    }
  } catch (error) {
    // Where this fails as well, the journal is still there for the next run.
    await restoreTree(ctx, tree).catch(() => undefined);
    throw writeError(tree.src, error);
  }
}

/**
 * Makes a tree its base again: every journaled file gets its content, mode and modification time back, new files and new
 * folders that are empty go, and the digests are checked before the journal is dropped. Does nothing to a tree without
 * a journal. Can be repeated, and interrupted at any point.
 * @returns the name of the series that was taken off; undefined when the tree was its base
 * @throws HarnessError `host` `tree.damaged` when the tree cannot be restored from its journal; `disk.full`, `file.write`
 */
export async function restoreTree(ctx: JournalContext, tree: KernelTree): Promise<string | undefined> {
  const journal = await readJournal(ctx, tree);
  if (!journal) return undefined;
  await withScratch(ctx, 'restore', async (scratch) => {
    for (const [index, file] of journal.files.entries()) await restoreFile(ctx, tree, file, index, scratch);
    for (const folder of [...journal.folders].reverse()) await removeIfEmpty(ctx, join(tree.src, folder));
    for (const file of journal.files) await verifyFile(ctx, tree, file);
    await ctx.effects.files.rename(journalOf(tree), join(scratch, 'journal'));
  });
  return journal.series;
}

/** What the file system says when something is gone, or something else is in its place. */
const DAMAGE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'EPERM']);

function journalOf(tree: KernelTree): string {
  return join(tree.home, 'journal');
}

function originalOf(journal: string, index: number): string {
  return join(journal, 'original', String(index));
}

async function writeDurably(ctx: JournalContext, path: string, text: string): Promise<void> {
  const handle = await ctx.effects.files.open(path, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(ctx: JournalContext, path: string): Promise<void> {
  const handle = await ctx.effects.files.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readJournal(ctx: JournalContext, tree: KernelTree): Promise<Journal | undefined> {
  const { files } = ctx.effects;
  let text: string;
  try {
    text = await files.readFile(join(journalOf(tree), 'journal.json'), 'utf8');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw damaged(tree, `its journal cannot be read: ${messageOf(error)}`, error);
    if (await exists(ctx, join(journalOf(tree), 'original'))) throw damaged(tree, 'its journal has no journal.json');
    return undefined;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(tree, 'its journal is not one that this respin wrote', error);
  }
}

async function exists(ctx: JournalContext, path: string): Promise<boolean> {
  try {
    await ctx.effects.files.lstat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

async function restoreFile(
  ctx: JournalContext,
  tree: KernelTree,
  { path, base }: Journal['files'][number],
  index: number,
  scratch: string,
): Promise<void> {
  const { files } = ctx.effects;
  const target = join(tree.src, path);
  try {
    if (!base) {
      if (await exists(ctx, target)) await files.unlink(target);
      return;
    }
    const original = originalOf(journalOf(tree), index);
    const kept = await files.lstat(original);
    if (kept.mode !== base.mode) await files.chmod(original, base.mode & 0o7777);
    if (kept.mtimeMs !== base.mtimeMs) await files.utimes(original, kept.atimeMs / 1000, base.mtimeMs / 1000);
    // A link that is renamed over a file replaces it in one step; over itself, rename(2) does nothing.
    const copy = join(scratch, String(index));
    await files.link(original, copy);
    await files.mkdir(dirname(target), { recursive: true });
    await files.rename(copy, target);
  } catch (error) {
    if (!DAMAGE.has(errnoOf(error) ?? '')) throw writeError(target, error);
    throw damaged(tree, `${path} cannot be restored: ${messageOf(error)}`, error);
  }
}

async function removeIfEmpty(ctx: JournalContext, folder: string): Promise<void> {
  try {
    await ctx.effects.files.rmdir(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '')) throw error;
  }
}

async function verifyFile(ctx: JournalContext, tree: KernelTree, { path, base }: Journal['files'][number]): Promise<void> {
  if (!base) return;
  const digest = await digestFile(ctx.effects, join(tree.src, path)).catch(messageOf);
  if (digest !== base.digest) throw damaged(tree, `${path} is not what it was before the series was applied`);
}

function damaged(tree: KernelTree, detail: string, cause?: unknown): HarnessError {
  return hostError('tree.damaged', `the kernel tree in ${tree.home} is damaged: ${detail}`, {
    cause,
    hint: `remove it, and the next run unpacks it again: rm -rf ${tree.home}`,
  });
}
