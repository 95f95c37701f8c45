import { dirname, join } from 'node:path';
import type { Context } from '../context.js';
import type { Completed } from '../effects.js';
import { hostError, usageError } from '../errors.js';
import type { AddedLines, KernelTree, Patch, PatchRejected, Rejection, Series } from '../model.js';
import { addedLines, type HunkOffset } from './added-lines.js';
import { parseDiff, type FileDiff } from './diff.js';
import { aboutFile, explainRejection } from './explain-rejection.js';
import { refuseHostFault, runGit } from './git.js';
import { diffBytes } from './patches.js';
import { stackOf } from './prefix.js';
import { lookAt, type TreeFile } from './tree-files.js';

/** A file that a series touches, before and after. */
export interface AppliedFile {
  readonly path: string;
  readonly base: TreeFile | undefined;
  /** What the series leaves, in a file of the scratch folder. */
  readonly now: { readonly digest: string; readonly file: string; readonly executable: boolean } | undefined;
}

export type Application =
  | {
      readonly kind: 'applied';
      readonly files: readonly AppliedFile[];
      /** Folders of these files that the tree does not have, parents first. */
      readonly folders: readonly string[];
      readonly addedLines: readonly AddedLines[];
      readonly offsets: readonly HunkOffset[];
    }
  | { readonly kind: 'rejected'; readonly rejected: PatchRejected };

interface ParsedPatch {
  readonly patch: Patch;
  readonly number: number;
  readonly files: readonly FileDiff[];
}

type ApplyContext = Pick<Context, 'effects'>;

/**
 * Applies a series to copies of the files it touches, in an empty folder outside the tree; the tree is only read.
 * `git apply` decides, with all its context lines (no fuzz).
 * @param scratch an empty folder
 * @throws HarnessError `host` `git.failed`, `process.missing`; what the file system throws
 */
export async function applySeries(
  ctx: ApplyContext,
  tree: KernelTree,
  series: Series,
  scratch: string,
): Promise<Application> {
  const stack = stackOf(series);
  const patches = stack.map(parsePatch);
  const base = new Map<string, TreeFile>();
  const folders = new Map<string, readonly string[]>();
  for (const { patch, files } of patches) {
    const refused: Rejection[] = [];
    for (const path of pathsOf(files)) {
      if (base.has(path) || folders.has(path)) continue;
      const look = await lookAt(ctx, tree.src, path);
      if (look.kind === 'file') base.set(path, look.file);
      else if (look.kind === 'absent') folders.set(path, look.folders);
      else refused.push(aboutFile(path, look.problem));
    }
    if (refused.length > 0) return rejection(patch, refused);
  }
  const names = await writePatches(ctx, stack, scratch);
  const copy = await copyBase(ctx, base, join(scratch, 'tree'));
  const done = await gitApply(ctx, names, copy);
  if (done.exitCode !== 0) return findRejection(ctx, patches, names, base, join(scratch, 'again'));
  const paths = new Set([...base.keys(), ...folders.keys()]);
  await refuseStrays(ctx, copy, paths);
  const files: AppliedFile[] = [];
  const contents = new Map<string, string>();
  for (const path of paths) {
    const look = await lookAt(ctx, copy, path);
    if (look.kind === 'refused') throw hostError('git.failed', `git apply left ${path} in a strange state: ${look.problem}`);
    const left = look.kind === 'file' ? look.file : undefined;
    if (left) contents.set(path, left.content.toString('latin1'));
    files.push({
      path,
      base: base.get(path),
      now: left && { digest: left.digest, file: join(copy, path), executable: isExecutable(left) },
    });
  }
  const replay = addedLines(new Map([...base].map(([path, { content }]) => [path, content.toString('latin1')])), patches);
  return {
    kind: 'applied',
    files,
    folders: newFolders(files, folders),
    // Where git did it otherwise than the replay, who added which line is unknown.
    addedLines: replay.files.flatMap(({ content, added }) => (contents.get(added.path) === content ? [added] : [])),
    offsets: replay.offsets,
  };
}

/** Whether its owner may run it, which is all that git keeps of a mode. */
export function isExecutable(file: Pick<TreeFile, 'mode'>): boolean {
  return (file.mode & 0o100) !== 0;
}

function parsePatch(patch: Patch): ParsedPatch {
  const parsed = parseDiff(diffBytes(patch));
  if (parsed.kind !== 'parsed') throw usageError('series.malformed', `${patch.origin} is no patch`);
  return { patch, number: patch.number, files: parsed.files };
}

function pathsOf(files: readonly FileDiff[]): readonly string[] {
  return [...new Set(files.flatMap(({ from, to }) => [from, to]))].filter((path) => path !== undefined);
}

function rejection(patch: Patch, rejections: readonly Rejection[]): Application {
  return { kind: 'rejected', rejected: { patch: patch.number, subject: patch.subject, rejections } };
}

/** @returns the files, relative to folders beside theirs */
async function writePatches(ctx: ApplyContext, patches: readonly Patch[], scratch: string): Promise<readonly string[]> {
  const { files } = ctx.effects;
  await files.mkdir(join(scratch, 'patches'));
  return Promise.all(
    patches.map(async (patch, index) => {
      const name = `patches/${String(index + 1).padStart(4, '0')}.patch`;
      await files.writeFile(join(scratch, name), diffBytes(patch));
      return `../${name}`;
    }),
  );
}

async function copyBase(ctx: ApplyContext, base: ReadonlyMap<string, TreeFile>, folder: string): Promise<string> {
  const { files } = ctx.effects;
  await files.mkdir(folder);
  for (const file of base.values()) {
    const path = join(folder, file.path);
    await files.mkdir(dirname(path), { recursive: true });
    await files.writeFile(path, file.content, { mode: isExecutable(file) ? 0o755 : 0o644 });
  }
  return folder;
}

/** Several patches in one process are applied one after the other, each whole or not at all. */
async function gitApply(ctx: ApplyContext, names: readonly string[], folder: string): Promise<Completed> {
  const done = await runGit(ctx, ['apply', '--whitespace=nowarn', '-p1', '--', ...names], { cwd: folder });
  refuseHostFault(done, 'applying a patch');
  return done;
}

async function findRejection(
  ctx: ApplyContext,
  patches: readonly ParsedPatch[],
  names: readonly string[],
  base: ReadonlyMap<string, TreeFile>,
  folder: string,
): Promise<Application> {
  await copyBase(ctx, base, folder);
  for (const [index, { patch, files }] of patches.entries()) {
    const done = await gitApply(ctx, [names[index] ?? ''], folder);
    if (done.exitCode === 0) continue;
    const before = new Map<string, string>();
    for (const path of pathsOf(files)) {
      const look = await lookAt(ctx, folder, path);
      if (look.kind === 'file') before.set(path, look.file.content.toString('latin1'));
    }
    return rejection(patch, explainRejection(files, (path) => before.get(path), done.stderr));
  }
  throw hostError('git.failed', 'git apply refused a series whose patches it takes one by one', {
    hint: 'report this as an error of respin, with the series',
  });
}

/** What git wrote has to be what the diff parser saw; a file that it did not see would be lost without a word. */
async function refuseStrays(ctx: ApplyContext, folder: string, known: ReadonlySet<string>, below = ''): Promise<void> {
  for (const entry of await ctx.effects.files.readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await refuseStrays(ctx, folder, known, path);
    else if (!known.has(path)) {
      throw usageError('series.malformed', `the series writes ${JSON.stringify(path)}, which its headers do not name`);
    }
  }
}

function newFolders(files: readonly AppliedFile[], missing: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const needed = new Set(files.filter(({ now }) => now).flatMap(({ path }) => missing.get(path) ?? []));
  // A parent is shorter than what is in it.
  return [...needed].sort((a, b) => a.length - b.length);
}
