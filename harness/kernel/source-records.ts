import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { errnoOf } from '../errors.js';
import type { KernelSource, SourceIdentity } from '../model.js';
import { readJson, writeAtomically } from '../store/atomic.js';
import { keyOf } from '../store/digest.js';
import { compareVersions } from './source-version.js';

const FORMAT = 1;

const safeName = z.string().regex(/^[\w.-]+$/);

const sourceSchema = z.object({
  provider: safeName,
  version: safeName,
  label: z.string(),
  digest: z.string().regex(/^[0-9a-f]{40,64}$/),
  checks: z.array(z.object({ name: z.string(), made: z.boolean(), detail: z.string() })),
  content: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('archive'), path: z.string() }),
    z.object({ kind: z.literal('directory'), path: z.string() }),
    z.object({ kind: z.literal('git'), gitDir: z.string(), commit: z.string() }),
  ]),
});

const recordSchema = z.object({ format: z.literal(FORMAT), source: sourceSchema });

/** A source that the cache knows, and whether a tree of it is there. */
export interface KnownSource {
  readonly source: KernelSource;
  readonly unpacked: boolean;
}

/** What a tree records of itself: `tree.json` beside its `src`. Its presence says that the tree is whole. */
export function treeRecordPath(home: string): string {
  return join(home, 'tree.json');
}

/**
 * The folder of a source's tree below `trees`. It follows from the source's digest, except for a user's directory and for
 * a repository: their trees stay the same ones when the content changes, and so do the objects that are built from them.
 */
export function treeId(source: KernelSource): string {
  if (source.content.kind === 'directory') return `directory-${keyOf(source.content.path).slice(0, 16)}`;
  if (source.content.kind === 'git') return `git-${keyOf(source.content.gitDir).slice(0, 16)}`;
  return `${source.provider}-${source.version}-${source.digest.slice(0, 16)}`;
}

/** Writes down a source, for later runs that ask for its version. @throws HarnessError as `writeAtomically` */
export async function rememberSource(ctx: Context, source: KernelSource): Promise<void> {
  await writeRecord(ctx, sourcePath(ctx, source), source);
}

/** Forgets a source whose archive turned out bad. */
export async function forgetSource(ctx: Context, source: KernelSource): Promise<void> {
  await ctx.effects.files.rm(sourcePath(ctx, source), { force: true });
}

/** Writes the record at `path`. @throws HarnessError as `writeAtomically` */
export async function writeRecord(ctx: Context, path: string, source: KernelSource): Promise<void> {
  await writeAtomically(ctx, path, `${JSON.stringify({ format: FORMAT, source })}\n`);
}

/** The source in the record at `path`; undefined when there is none, or another version of respin wrote it. */
export async function readRecord(ctx: Context, path: string): Promise<KernelSource | undefined> {
  return (await readJson(ctx, path, recordSchema))?.source;
}

/** Every source that can be used without asking anybody: its tree is there, or its archive. The newest version comes first. */
export async function knownSources(ctx: Context): Promise<readonly KnownSource[]> {
  const trees = await names(ctx, ctx.cache.trees);
  const records = (await names(ctx, ctx.cache.sources)).filter((name) => name.endsWith('.json'));
  const [unpacked, remembered] = await Promise.all([
    Promise.all(trees.map((name) => readRecord(ctx, treeRecordPath(join(ctx.cache.trees, name))))),
    Promise.all(records.map((name) => readRecord(ctx, join(ctx.cache.sources, name)))),
  ]);
  const known = new Map<string, KnownSource>();
  for (const source of unpacked) {
    if (source) known.set(treeId(source), { source, unpacked: true });
  }
  for (const source of remembered) {
    if (source?.content.kind !== 'archive' || known.has(treeId(source))) continue;
    if (await exists(ctx, source.content.path)) known.set(treeId(source), { source, unpacked: false });
  }
  return [...known.values()].sort((a, b) => compareVersions(b.source.version, a.source.version));
}

/** The part of a source that says what it is, without where its bytes are. */
export function identityOf({ provider, version, label, digest, checks }: KernelSource): SourceIdentity {
  return { provider, version, label, digest, checks };
}

/** Whether there is a file or folder at `path`. */
export async function exists(ctx: Pick<Context, 'effects'>, path: string): Promise<boolean> {
  return await ctx.effects.files.access(path).then(
    () => true,
    () => false,
  );
}

function sourcePath(ctx: Context, source: KernelSource): string {
  return join(ctx.cache.sources, `${treeId(source)}.json`);
}

async function names(ctx: Context, folder: string): Promise<readonly string[]> {
  try {
    return await ctx.effects.files.readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
