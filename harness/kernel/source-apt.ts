import { join } from 'node:path';
import type { Context } from '../context.js';
import type { Command, Completed } from '../effects.js';
import { withLock } from '../host/lock.js';
import { writeAtomically } from '../store/atomic.js';

/** A package as apt would install it. */
export interface Candidate {
  readonly package: string;
  readonly version: string;
  /** SHA-256 of the .deb by the signed index. */
  readonly digest: string;
  readonly bytes: number;
}

/** Which package lists apt reads: the system's, or our own, which need no root to be updated. */
export type AptLists = 'system' | 'own';

/** Our own lists are good for this long, in milliseconds. */
const LISTS_MS = 24 * 60 * 60 * 1000;
const UPDATE_MS = 180_000;
const ASK_MS = 60_000;

/**
 * apt that refuses what is not signed, whatever its configuration allows, and does not wait long for a host. Its own
 * lists and caches are below the respin cache.
 */
export function aptCommand(ctx: Context, program: 'apt-get' | 'apt-cache', lists: AptLists, args: readonly string[]): Command {
  const own = aptFolder(ctx);
  const settings = [
    'APT::Get::AllowUnauthenticated=false',
    'Acquire::AllowInsecureRepositories=false',
    'Acquire::AllowDowngradeToInsecureRepositories=false',
    'Acquire::Retries=1',
    'Acquire::http::Timeout=8',
    'Acquire::https::Timeout=8',
    ...(lists === 'own' ? [`Dir::State::lists=${join(own, 'lists')}`, `Dir::Cache=${join(own, 'cache')}`] : []),
  ];
  return {
    file: program,
    args: [...settings.flatMap((setting) => ['-o', setting]), ...args],
    env: { ...ctx.effects.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  };
}

/**
 * The candidate of the first of `packages` that these lists have.
 * @throws HarnessError `host` `process.missing` where there is no apt
 */
export async function findCandidate(ctx: Context, lists: AptLists, packages: readonly string[]): Promise<Candidate | undefined> {
  for (const name of packages) {
    const done = await ctx.effects.processes.run({ ...aptCommand(ctx, 'apt-cache', lists, ['show', '--no-all-versions', name]), timeoutMs: ASK_MS });
    const candidate = parseCandidate(done.stdout);
    if (candidate?.package === name) return candidate;
  }
  return undefined;
}

/** The first record that `apt-cache show` printed; undefined when there is none, or no archive has it (an installed package). */
export function parseCandidate(text: string): Candidate | undefined {
  const [record = ''] = text.split(/\n\n/);
  const field = (name: string): string | undefined => new RegExp(`^${name}: (\\S+)$`, 'm').exec(record)?.[1];
  const [name, version, digest, size] = [field('Package'), field('Version'), field('SHA256'), field('Size')];
  if (name === undefined || version === undefined || digest === undefined || size === undefined) return undefined;
  if (!/^[a-z\d][a-z\d.+-]*$/.test(name) || !/^[\w.+:~-]+$/.test(version) || !/^[\da-f]{64}$/.test(digest) || !/^\d+$/.test(size)) return undefined;
  return { package: name, version, digest, bytes: Number(size) };
}

/** The lines that these lists have a kernel source package for: `6.12` for linux-source-6.12. */
export async function sourceLines(ctx: Context, lists: AptLists): Promise<readonly string[]> {
  const done = await ctx.effects.processes.run({ ...aptCommand(ctx, 'apt-cache', lists, ['pkgnames', 'linux-source-']), timeoutMs: ASK_MS });
  return done.stdout.split('\n').flatMap((name) => /^linux-source-(\d+\.\d+)(?:\.0)?$/.exec(name)?.[1] ?? []);
}

/**
 * Brings our own package lists up to date, at most once a day unless `force`d. Needs no root.
 * @returns what apt said when a list could not be fetched; undefined when all is well
 */
export async function updateOwnLists(ctx: Context, force: boolean): Promise<string | undefined> {
  const { files, clock, processes } = ctx.effects;
  const folder = aptFolder(ctx);
  const stamp = join(folder, 'updated');
  const fresh = async (): Promise<boolean> => {
    const stat = await files.stat(stamp).catch(() => undefined);
    return stat !== undefined && clock.date().getTime() - stat.mtimeMs < LISTS_MS;
  };
  return await withLock(ctx, 'apt-lists', async (lock) => {
    if (!force && (await fresh())) return undefined;
    await files.mkdir(join(folder, 'lists', 'partial'), { recursive: true });
    await files.mkdir(join(folder, 'cache', 'archives', 'partial'), { recursive: true });
    ctx.progress({ type: 'notice', level: 'info', text: 'apt knows no such package; fetching package lists (into the respin cache, without root)' });
    const done = await processes.run({ ...aptCommand(ctx, 'apt-get', 'own', ['-q', 'update']), timeoutMs: UPDATE_MS, holds: [lock.fd] });
    const failed = updateProblem(done);
    if (failed === undefined) await writeAtomically(ctx, stamp, '');
    return failed;
  });
}

/** apt-get update exits with 0 when a list could not be fetched, and says so. */
function updateProblem(done: Completed): string | undefined {
  if (done.exitCode === 0 && !/^(?:Err:|[WE]: Failed to fetch)/m.test(`${done.stdout}\n${done.stderr}`)) return undefined;
  return done.timedOut ? `apt-get update did not end within ${UPDATE_MS / 1000} s` : done.stderr || done.stdout;
}

function aptFolder(ctx: Context): string {
  return join(ctx.cache.sources, 'apt');
}
