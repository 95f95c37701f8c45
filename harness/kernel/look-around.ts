import { join, relative } from 'node:path';
import type { Context } from '../context.js';
import type { Surroundings } from '../spec/request-template.js';

/** The kernel for patches that come without one. */
const DEFAULT_KERNEL = '6.12';
/** Where people keep patches that they are about to send. */
const PATCH_FOLDERS: readonly string[] = ['outgoing', 'patches', '.'];
const LIMIT_MS = 30_000;

async function git(ctx: Context, folder: string, args: readonly string[]): Promise<string | undefined> {
  const done = await ctx.effects.processes.run({ file: 'git', args: ['-C', folder, ...args], timeoutMs: LIMIT_MS });
  return done.exitCode === 0 ? done.stdout.trim() : undefined;
}

async function isKernelTree(ctx: Context, folder: string): Promise<boolean> {
  const makefile = await ctx.effects.files.readFile(join(folder, 'Makefile'), 'utf8').catch(() => '');
  const kconfig = await ctx.effects.files.access(join(folder, 'Kconfig')).then(() => true, () => false);
  return kconfig && /^VERSION = \d+$/m.test(makefile) && /^PATCHLEVEL = \d+$/m.test(makefile);
}

/** Where the work of a branch begins: where it left its upstream, or else the last release before it. */
async function baseOf(ctx: Context, top: string): Promise<string | undefined> {
  const upstream = await git(ctx, top, ['merge-base', 'HEAD', '@{upstream}']);
  if (upstream) return upstream;
  const tag = await git(ctx, top, ['describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*', 'HEAD']);
  return tag && /^[\w.-]+$/.test(tag) ? tag : undefined;
}

async function lookInGit(ctx: Context, folder: string, top: string): Promise<Surroundings> {
  const path = relative(folder, top) || '.';
  const base = await baseOf(ctx, top);
  if (base === undefined) return { kernel: `git:${path}#HEAD`, series: undefined, kselftests: [], seen: 'A git repository of the kernel without an upstream branch or a release tag.' };
  const commits = Number((await git(ctx, top, ['rev-list', '--count', '--no-merges', `${base}..HEAD`])) ?? 0);
  const files = (await git(ctx, top, ['diff', '--name-only', '--diff-filter=d', base, 'HEAD', '--', 'tools/testing/selftests'])) ?? '';
  const targets = files.split('\n').flatMap((file) => /^tools\/testing\/selftests\/([\w.-]+)\/Makefile$/.exec(file)?.[1] ?? []);
  const programs = files.split('\n').flatMap((file) => /^tools\/testing\/selftests\/([\w.-]+)\/[^/]+\.(?:c|sh)$/.exec(file)?.[1] ?? []);
  return {
    kernel: `git:${path}#${base}`,
    series: commits === 0 ? undefined : `git:${path}#${base}..HEAD`,
    kselftests: commits === 0 ? [] : [...new Set([...targets, ...programs])].sort(),
    seen: `A git repository of the kernel with ${commits} commits since ${base}.`,
  };
}

async function patchesIn(ctx: Context, folder: string): Promise<string | undefined> {
  for (const name of PATCH_FOLDERS) {
    const entries = await ctx.effects.files.readdir(join(folder, name)).catch(() => []);
    if (entries.some((entry) => /^\d{4}-.*\.patch$/.test(entry))) return name;
  }
  return undefined;
}

/** What a folder is to respin: a repository or a tree of the kernel, or a place with patches. */
export async function lookAround(ctx: Context, folder: string): Promise<Surroundings> {
  const top = await git(ctx, folder, ['rev-parse', '--show-toplevel']).catch(() => undefined);
  if (top && (await isKernelTree(ctx, top))) return lookInGit(ctx, folder, top);
  const patches = await patchesIn(ctx, folder);
  if (await isKernelTree(ctx, folder)) return { kernel: 'dir:.', series: patches, kselftests: [], seen: 'A kernel tree without git.' };
  return { kernel: DEFAULT_KERNEL, series: patches, kselftests: [], seen: patches === undefined ? 'No kernel tree and no patches were found here.' : `Patches in ${patches}.` };
}
