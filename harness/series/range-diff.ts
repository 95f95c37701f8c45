import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import { openScratchRepository, type ScratchRepository } from '../kernel/git-scratch.js';
import type { KernelTree, Patch, Series } from '../model.js';
import { isExecutable } from './apply.js';
import { refuseHostFault } from './git.js';
import { matchBySubject } from './match-subjects.js';
import { diffBytes } from './patches.js';
import { stackOf } from './prefix.js';
import { parseRangeDiff, type PatchMatch } from './range-diff-lines.js';
import { withScratch } from './scratch.js';
import { lookAt } from './tree-files.js';

/** How the patches of two versions of a series go together. */
export interface MatchedPatches {
  readonly matches: readonly PatchMatch[];
  /** What git range-diff printed; undefined when it could not be asked. */
  readonly text: string | undefined;
  /** Why it could not be asked: then diffs and subjects were compared instead. */
  readonly unasked: string | undefined;
}

/** The whole of it is kept as evidence; of more than that only the pairs would be of use. */
const MOST_TEXT = 64 * 1024 * 1024;

/**
 * Matches the patches of two versions by content and subject, by `git range-diff` on commits that are made of them in a
 * repository of their own. Where a version does not apply, diffs and subjects are compared.
 * @param tree is its base; it is only read
 * @throws HarnessError `host` `git.failed`
 */
export async function matchPatches(ctx: Context, tree: KernelTree, older: Series, newer: Series): Promise<MatchedPatches> {
  return withScratch(ctx, 'range-diff', async (scratch): Promise<MatchedPatches> => {
    const bySubject = (unasked: string): MatchedPatches => ({ matches: matchBySubject(older.patches, newer.patches), text: undefined, unasked });
    const repository = await openScratchRepository(ctx, undefined, scratch);
    const base = await baseTree(ctx, repository, tree, [...stackOf(older), ...stackOf(newer)]);
    const ranges: string[] = [];
    for (const [name, series] of [['old', older], ['new', newer]] as const) {
      const made = await commitSeries(repository, base, series);
      if (typeof made === 'number') return bySubject(`${made === 0 ? 'a prerequisite' : `patch ${made}`} of the ${name} version does not apply`);
      ranges.push(`${made.base}..${made.tip}`);
    }
    const done = await repository.git(['range-diff', '--no-color', '--no-notes', '--no-ext-diff', '--no-textconv', ...ranges], undefined, MOST_TEXT);
    if (done.timedOut) return bySubject('git range-diff took too long');
    refuseHostFault(done, 'git range-diff');
    const matches = parseRangeDiff(done.stdout);
    if (done.exitCode === 0 && isWhole(matches, older, newer)) return { matches, text: done.stdout, unasked: undefined };
    if (done.stdout.length >= MOST_TEXT / 4) return bySubject('what git range-diff prints is too long');
    throw hostError('git.failed', `git range-diff ended with ${done.exitCode ?? done.signal ?? 'nothing'}, and does not name every patch once`, {
      output: done.stderr,
      hint: 'report this as an error of respin, with both versions',
    });
  });
}

/** Whether every patch of both versions is there once. */
function isWhole(matches: readonly PatchMatch[], older: Series, newer: Series): boolean {
  const isEach = (numbers: readonly (number | undefined)[], { patches }: Series): boolean => {
    const given = numbers.filter((number) => number !== undefined).sort((a, b) => a - b);
    return given.length === patches.length && given.every((number, index) => number === index + 1);
  };
  return isEach(matches.map(({ old }) => old), older) && isEach(matches.map(({ now }) => now), newer);
}

/** The tree object of the files that any of these patches names, as they are in the kernel. */
async function baseTree(ctx: Context, repository: ScratchRepository, tree: KernelTree, patches: readonly Patch[]): Promise<string> {
  const paths = new Set(patches.flatMap(({ files }) => files.flatMap(({ from, to }) => [from, to])).filter((path) => path !== undefined));
  const entries: string[] = [];
  for (const path of paths) {
    const look = await lookAt(ctx, tree.src, path);
    if (look.kind !== 'file') continue;
    const id = (await repository.must(['hash-object', '-w', '--no-filters', '--stdin'], look.file.content)).trim();
    entries.push(`${isExecutable(look.file) ? '100755' : '100644'} ${id}\t${path}\0`);
  }
  await repository.must(['update-index', '-z', '--index-info'], Buffer.from(entries.join('')));
  return (await repository.must(['write-tree'])).trim();
}

/** Makes a commit of each patch. @returns the number of the first that does not apply */
async function commitSeries(repository: ScratchRepository, tree: string, series: Series): Promise<{ readonly base: string; readonly tip: string } | number> {
  await repository.must(['read-tree', tree]);
  for (const patch of series.prerequisites) if (!(await applyToIndex(repository, patch))) return 0;
  const base = await commitIndex(repository, undefined, BASE);
  let tip = base;
  for (const patch of series.patches) {
    if (!(await applyToIndex(repository, patch))) return patch.number;
    tip = await commitIndex(repository, tip, patch);
  }
  return { base, tip };
}

const BASE = { subject: 'base', message: '', author: undefined } as const;

async function applyToIndex(repository: ScratchRepository, patch: Patch): Promise<boolean> {
  const done = await repository.git(['apply', '--cached', '--whitespace=nowarn', '-'], diffBytes(patch));
  refuseHostFault(done, 'applying a patch');
  return done.exitCode === 0;
}

async function commitIndex(repository: ScratchRepository, parent: string | undefined, patch: Pick<Patch, 'subject' | 'message' | 'author'>): Promise<string> {
  const tree = (await repository.must(['write-tree'])).trim();
  const { name, address } = authorOf(patch.author);
  const who = ['-c', `author.name=${name}`, '-c', `author.email=${address}`, '-c', 'committer.name=respin', '-c', 'committer.email=respin@localhost'];
  // git takes no NUL in a message.
  const message = `${patch.subject}\n\n${patch.message}\n`.replaceAll('\0', '');
  return (await repository.must([...who, 'commit-tree', tree, ...(parent === undefined ? [] : ['-p', parent])], Buffer.from(message))).trim();
}

/** What git takes for a name and an address: it refuses those without a letter. */
function authorOf(author: string | undefined): { readonly name: string; readonly address: string } {
  const plain = (text: string): string => text.replace(/[\p{Cc}<>]/gu, ' ').trim();
  const found = /^([^<]*)<([^>]*)>/.exec(author ?? '');
  const [name, address] = [plain(found?.[1] ?? author ?? ''), plain(found?.[2] ?? '')];
  const orUnknown = (text: string): string => (/[\p{L}\p{N}]/u.test(text) ? text : 'unknown');
  return { name: orUnknown(name), address: orUnknown(address) };
}
