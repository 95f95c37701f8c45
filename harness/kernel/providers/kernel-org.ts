import type { Context } from '../../context.js';
import { HarnessError, hostError } from '../../errors.js';
import type { KernelSource, KernelSpec, SourceCheck } from '../../model.js';
import { download, downloadText } from '../download.js';
import { rememberSource } from '../source-records.js';
import { checkSignature } from '../source-signature.js';
import { newestOfLines, releasesIn, signedText, type Release } from '../source-sums.js';
import { lineOf } from '../source-version.js';
import type { Answer, KernelListing, Provider, ProviderOptions } from './provider.js';

/** "Kernel.org checksum autosigner", by https://www.kernel.org/signature.html; it signs every sha256sums.asc. */
export const KERNEL_ORG_SIGNERS: readonly string[] = ['B8868C80BA62A1FFFAF5FDA9632D3A06589DA6B1'];

const KERNEL_ORG = 'https://cdn.kernel.org/pub/linux/kernel';
const MOST_SUMS_BYTES = 16 * 1024 * 1024;
/** Tarballs of 6.12.y have 140 MiB. */
const MOST_TARBALL_BYTES = 1024 * 1024 * 1024;
const MOST_CHOICES = 12;
const LISTED_MAJORS: readonly string[] = ['7', '6', '5'];

/**
 * Release tarballs of kernel.org, or of the mirror that RESPIN_KERNEL_ORG names. The digest is that of the list
 * sha256sums.asc, which is checked against its signature where gpg has the key.
 */
export const kernelOrgProvider: Provider = {
  title: 'kernel.org',
  serves: (spec) => spec.kind === 'line' || spec.kind === 'release',
  resolve: async (ctx, spec, options) => {
    try {
      return await resolveRelease(ctx, spec, options);
    } catch (error) {
      if (error instanceof HarnessError && error.code === 'source.unreachable') return { kind: 'unavailable', error };
      throw error;
    }
  },
  list: async (ctx, options) => {
    const lists = await Promise.all(LISTED_MAJORS.map(async (major) => await listMajor(ctx, major, options)));
    return lists.flat();
  },
};

async function resolveRelease(ctx: Context, spec: KernelSpec, options: ProviderOptions): Promise<Answer> {
  const wanted = spec.kind === 'line' ? spec.line : spec.kind === 'release' ? spec.version : '';
  const sums = await readSums(ctx, wanted.split('.')[0] ?? '', options);
  if (!sums) return { kind: 'unknown', choices: [] };
  const release = sums.releases.find(({ version }) => (spec.kind === 'line' ? lineOf(version) === wanted : version === wanted));
  if (!release) return { kind: 'unknown', choices: choicesFor(sums.releases, wanted) };
  const { path } = await download(
    ctx,
    { url: `${sums.folder}/${release.file}`, name: release.file, maxBytes: MOST_TARBALL_BYTES, digest: release.digest },
    options.limits,
  );
  const source: KernelSource = {
    provider: 'kernel.org',
    // The Makefile of v6.12 says SUBLEVEL = 0.
    version: release.version.split('.').length === 2 ? `${release.version}.0` : release.version,
    label: `kernel.org v${release.version}`,
    digest: release.digest,
    checks: [
      { name: 'SHA-256 of the tarball', made: true, detail: `${release.file} against ${sums.folder}/sha256sums.asc` },
      sums.check,
    ],
    content: { kind: 'archive', path },
  };
  await rememberSource(ctx, source);
  return { kind: 'found', source };
}

interface Sums {
  readonly folder: string;
  readonly releases: readonly Release[];
  readonly check: SourceCheck;
}

/** The signed list of one major version; undefined when there is no such major version. */
async function readSums(ctx: Context, major: string, options: ProviderOptions): Promise<Sums | undefined> {
  const base = (ctx.effects.env['RESPIN_KERNEL_ORG'] || KERNEL_ORG).replace(/\/+$/, '');
  const folder = `${base}/v${major}.x`;
  let message: string;
  try {
    message = await downloadText(ctx, `${folder}/sha256sums.asc`, MOST_SUMS_BYTES, options.limits);
  } catch (error) {
    if (error instanceof HarnessError && error.code === 'source.not-found') return undefined;
    throw error;
  }
  const unproven = signedText(message);
  if (unproven === undefined) {
    throw hostError('source.unreachable', `${folder}/sha256sums.asc is no signed list of digests; is there a login page between here and kernel.org?`, {
      output: message.slice(0, 500),
    });
  }
  const { check, text } = await checkSignature(ctx, message, options.signers);
  return { folder, check, releases: releasesIn(text ?? unproven) };
}

/** The other releases of its line, or else the lines there are. */
function choicesFor(releases: readonly Release[], wanted: string): readonly string[] {
  const line = lineOf(wanted);
  const inLine = releases.filter(({ version }) => lineOf(version) === line).map(({ version }) => `v${version}`);
  const lines = newestOfLines(releases).map(({ version }) => lineOf(version) ?? version);
  return (inLine.length > 0 ? inLine : lines).slice(0, MOST_CHOICES);
}

async function listMajor(ctx: Context, major: string, options: ProviderOptions): Promise<readonly KernelListing[]> {
  const sums = await readSums(ctx, major, options).catch((error: unknown) => {
    if (error instanceof HarnessError) return undefined;
    throw error;
  });
  return newestOfLines(sums?.releases ?? []).map(({ version }) => ({
    spec: lineOf(version) ?? version,
    label: `kernel.org v${version}`,
    where: 'kernel.org',
    detail: 'to download',
  }));
}
