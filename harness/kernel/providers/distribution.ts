import { basename, join } from 'node:path';
import type { Context } from '../../context.js';
import { HarnessError, hostError } from '../../errors.js';
import { withLock, type Lock } from '../../host/lock.js';
import type { KernelSource } from '../../model.js';
import { digestFile } from '../../store/digest.js';
import { archiveVersion } from '../archive.js';
import { aptCommand, findCandidate, sourceLines, updateOwnLists, type AptLists, type Candidate } from '../source-apt.js';
import { rememberSource } from '../source-records.js';
import { removeTree } from '../../store/remove-tree.js';
import type { Answer, Distribution, Provider } from './provider.js';

/**
 * The `linux-source-*` package of the distribution that this machine runs, fetched by `apt-get download`: without root,
 * and with apt's check of the archive's signature.
 */
export function distributionProvider(distribution: Distribution): Provider {
  return {
    title: `${distribution}'s packages`,
    serves: (spec, options) =>
      (spec.kind === 'distribution' && spec.distribution === distribution) || (spec.kind === 'line' && options.distribution === distribution),
    resolve: async (ctx, spec, options) => {
      if (spec.kind !== 'distribution' && spec.kind !== 'line') return { kind: 'unknown', choices: [] };
      if (options.distribution !== distribution) return { kind: 'unavailable', error: otherSystem(distribution, spec.line) };
      try {
        return await resolveLine(ctx, distribution, spec.line);
      } catch (error) {
        if (!(error instanceof HarnessError) || !['process.missing', 'source.unreachable'].includes(error.code)) throw error;
        return { kind: 'unavailable', error };
      }
    },
    list: async (ctx, options) => {
      if (options.distribution !== distribution) return [];
      const lines = await knownLines(ctx).catch(() => []);
      return lines.map((line) => ({ spec: `${distribution}:${line}`, label: `${distribution} linux-source-${line}`, where: 'distribution', detail: 'apt-get download' }));
    },
  };
}

async function resolveLine(ctx: Context, distribution: Distribution, line: string): Promise<Answer> {
  // Ubuntu names its package by the release that the line began with.
  const packages = [`linux-source-${line}`, `linux-source-${line}.0`];
  const listed = await findCandidate(ctx, 'system', packages);
  if (listed) {
    const source = await fetchSource(ctx, distribution, listed, 'system');
    if (source) return { kind: 'found', source };
  }
  // The system's lists are empty or older than what the archive has now.
  const problem = await updateOwnLists(ctx, listed !== undefined);
  const candidate = await findCandidate(ctx, 'own', packages);
  const source = candidate && (await fetchSource(ctx, distribution, candidate, 'own'));
  if (source) return { kind: 'found', source };
  const lines = await knownLines(ctx);
  if (listed === undefined && candidate === undefined && lines.length > 0) {
    return { kind: 'unknown', choices: lines.map((known) => `${distribution}:${known}`) };
  }
  throw hostError('source.unreachable', `apt cannot fetch linux-source-${line}`, {
    output: problem,
    hint: 'see whether this works: apt-get update && apt-get download linux-source-6.12',
  });
}

async function knownLines(ctx: Context): Promise<readonly string[]> {
  const lines = [...(await sourceLines(ctx, 'system')), ...(await sourceLines(ctx, 'own'))];
  return [...new Set(lines)].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

/** Undefined when the archive no longer has this version. */
async function fetchSource(ctx: Context, distribution: Distribution, candidate: Candidate, lists: AptLists): Promise<KernelSource | undefined> {
  const name = `${candidate.package}_${candidate.version}`.replace(/[^\w.+~-]/g, '_');
  return await withLock(ctx, `apt-${name}`, async (lock) => {
    const folder = join(ctx.cache.tmp, `apt-${name}`);
    // What apt had fetched of the package when an earlier run ended stays, and apt goes on from there.
    await ctx.effects.files.mkdir(folder, { recursive: true });
    const deb = await downloadDeb(ctx, folder, candidate, lists, lock);
    if (deb === undefined) return undefined;
    const source = await sourceIn(ctx, deb, folder, distribution, candidate, lock);
    await rememberSource(ctx, source);
    await removeTree(ctx, folder);
    return source;
  });
}

async function downloadDeb(ctx: Context, folder: string, candidate: Candidate, lists: AptLists, lock: Lock): Promise<string | undefined> {
  const what = `${candidate.package} ${candidate.version}`;
  const done = await ctx.effects.processes.run({
    ...aptCommand(ctx, 'apt-get', lists, ['-q', '-o', 'APT::Status-Fd=1', 'download', `${candidate.package}=${candidate.version}`]),
    cwd: folder,
    holds: [lock.fd],
    onLine: (line) => {
      const percent = /^dlstatus:\d+:(\d+(?:\.\d+)?):/.exec(line)?.[1];
      if (percent === undefined) return;
      ctx.progress({ type: 'download', what, bytes: Math.round((candidate.bytes * Number(percent)) / 100), total: candidate.bytes });
    },
  });
  if (/: No space left on device|You don't have enough free space/.test(done.stderr)) {
    throw hostError('disk.full', `no space left in ${folder} for ${what}`, { output: done.stderr, hint: 'free some space, or set RESPIN_CACHE to a folder on a larger disk' });
  }
  const deb = (await ctx.effects.files.readdir(folder)).find((entry) => entry.endsWith('.deb'));
  if (done.exitCode !== 0 || deb === undefined) {
    if (lists === 'system') return undefined;
    throw hostError('source.unreachable', `apt cannot fetch ${what}: apt-get ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, {
      output: done.stderr,
      hint: 'check the network and the sources of apt',
    });
  }
  const path = join(folder, deb);
  const digest = await digestFile(ctx.effects, path);
  if (digest === candidate.digest) return path;
  await removeTree(ctx, folder);
  throw hostError('download.digest', `${deb} has the SHA-256 digest ${digest}, not ${candidate.digest}; it is removed`, { hint: 'run the same command again' });
}

async function sourceIn(
  ctx: Context,
  deb: string,
  folder: string,
  distribution: Distribution,
  candidate: Candidate,
  lock: Lock,
): Promise<KernelSource> {
  const unpacked = join(folder, 'unpacked');
  await removeTree(ctx, unpacked);
  const done = await ctx.effects.processes.run({ file: 'dpkg-deb', args: ['-x', deb, unpacked], holds: [lock.fd] });
  const find = ['-type', 'f', '-name', 'linux-source-*.tar.*', '-print0'];
  const found = await ctx.effects.processes.run({ file: 'find', args: [join(unpacked, 'usr', 'src'), ...find] });
  const [tarball] = found.stdout.split('\0');
  if (done.exitCode !== 0 || !tarball) {
    throw hostError('distribution.package', `${basename(deb)} has no usr/src/linux-source-*.tar.*, or cannot be unpacked`, { output: done.stderr });
  }
  const digest = await digestFile(ctx.effects, tarball);
  const version = await archiveVersion(ctx, tarball);
  const path = join(ctx.cache.downloads, digest, basename(tarball));
  await ctx.effects.files.mkdir(join(ctx.cache.downloads, digest), { recursive: true });
  await ctx.effects.files.rename(tarball, path);
  return {
    provider: distribution,
    version,
    label: `${distribution} ${candidate.version}`,
    digest,
    checks: [
      { name: 'signature of the package index', made: true, detail: 'apt, which was told to refuse what is not signed' },
      { name: 'SHA-256 of the package', made: true, detail: `${basename(deb)} against the package index` },
    ],
    content: { kind: 'archive', path },
  };
}

function otherSystem(distribution: Distribution, line: string): HarnessError {
  return hostError('distribution.other', `linux-source-${line} of ${distribution} comes through apt, and this machine does not run ${distribution}`, {
    hint: `take the kernel from kernel.org: --kernel ${line}`,
  });
}
