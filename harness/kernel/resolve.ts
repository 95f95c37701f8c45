import type { Context } from '../context.js';
import { hostError, usageError, type HarnessError } from '../errors.js';
import type { KernelSource, KernelSpec } from '../model.js';
import { KERNEL_ORG_SIGNERS } from './providers/kernel-org.js';
import type { Distribution, KernelListing, Provider, ProviderOptions } from './providers/provider.js';
import { PROVIDERS } from './providers/table.js';
import { knownSources, type KnownSource } from './source-records.js';
import { DOWNLOAD_LIMITS } from './source-transfer.js';
import { compareVersions, lineOf } from './source-version.js';

export type { KernelListing } from './providers/provider.js';

/** What a caller may set; everything has a default. */
export interface ResolveOptions extends Partial<ProviderOptions> {
  readonly providers?: Readonly<Record<string, Provider>>;
}

/**
 * Finds the source that `--kernel` names and brings it on this disk. A version is looked for in the cache first, then at
 * the providers in the order of their table; the next one is asked when one has no such kernel or cannot be asked.
 * @throws HarnessError `usage` `kernel.unknown` when nobody who could be asked has it, with what there is;
 * `host` `source.unreachable` and others when nobody could be asked, or a source is not what it should be
 */
export async function resolveSource(ctx: Context, spec: KernelSpec, options: ResolveOptions = {}): Promise<KernelSource> {
  const cached = newestCached(await knownSources(ctx), spec);
  if (cached) return cached;
  const settings = await settingsOf(ctx, options);
  const choices: string[] = [];
  const failures: { readonly title: string; readonly error: HarnessError }[] = [];
  let answered = false;
  const asked = Object.values<Provider>(options.providers ?? PROVIDERS).filter((provider) => provider.serves(spec, settings));
  for (const provider of asked) {
    const answer = await provider.resolve(ctx, spec, settings);
    if (answer.kind === 'found') return answer.source;
    if (answer.kind === 'unknown') {
      answered = true;
      choices.push(...answer.choices);
      continue;
    }
    failures.push({ title: provider.title, error: answer.error });
    // The last one's failure is the error itself.
    if (provider !== asked.at(-1)) ctx.progress({ type: 'notice', level: 'warning', text: `${provider.title}: ${answer.error.message}` });
  }
  throw answered ? unknownKernel(spec, choices, failures) : nobodyAnswered(spec, failures);
}

/** What `--kernel` can name here: what is in the cache, what kernel.org and the distribution have. Needs no network. */
export async function listKernels(ctx: Context, options: ResolveOptions = {}): Promise<readonly KernelListing[]> {
  const settings = await settingsOf(ctx, options);
  const known = await knownSources(ctx);
  const lists = await Promise.all(Object.values<Provider>(options.providers ?? PROVIDERS).map(async (provider) => await provider.list(ctx, settings)));
  const cached = known.map(({ source, unpacked }): KernelListing => ({
    spec: specOf(source),
    label: source.label,
    where: 'cache',
    detail: unpacked ? 'unpacked' : 'downloaded',
  }));
  return [...cached, ...lists.flat()];
}

/** Only what a provider vouches for stands for a version; a tree of the user's that has the same number does not. */
function newestCached(known: readonly KnownSource[], spec: KernelSpec): KernelSource | undefined {
  const fits = ({ provider, version }: KernelSource): boolean => {
    switch (spec.kind) {
      case 'line':
        return ['kernel.org', 'debian', 'ubuntu'].includes(provider) && lineOf(version) === spec.line;
      case 'release':
        return provider === 'kernel.org' && compareVersions(version, spec.version) === 0;
      case 'distribution':
        return provider === spec.distribution && lineOf(version) === spec.line;
      default:
        return false;
    }
  };
  return known.find(({ source }) => fits(source))?.source;
}

function specOf(source: KernelSource): string {
  const line = lineOf(source.version) ?? source.version;
  switch (source.content.kind) {
    case 'directory':
      return `dir:${source.content.path}`;
    case 'git':
      return `git:${source.content.gitDir}#${source.content.commit}`;
    case 'archive':
      if (source.provider === 'kernel.org') return `v${source.version.replace(/\.0$/, '')}`;
      return source.provider === 'tarball' ? `tar:${source.content.path}` : `${source.provider}:${line}`;
  }
}

async function settingsOf(ctx: Context, options: ResolveOptions): Promise<ProviderOptions> {
  return {
    cwd: options.cwd ?? process.cwd(),
    distribution: 'distribution' in options ? options.distribution : await hostDistribution(ctx),
    limits: options.limits ?? DOWNLOAD_LIMITS,
    signers: options.signers ?? KERNEL_ORG_SIGNERS,
  };
}

async function hostDistribution(ctx: Context): Promise<Distribution | undefined> {
  return parseDistribution(await ctx.effects.files.readFile('/etc/os-release', 'utf8').catch(() => ''));
}

/** Whose packages a system has, by its os-release(5): its own ID first, then those it is like. */
export function parseDistribution(osRelease: string): Distribution | undefined {
  const value = (name: string): string => new RegExp(`^${name}=["']?([^"'\\n]*)`, 'm').exec(osRelease)?.[1] ?? '';
  const ids = [value('ID'), ...value('ID_LIKE').split(' ')];
  return ids.find((id): id is Distribution => id === 'debian' || id === 'ubuntu');
}

interface Failure {
  readonly title: string;
  readonly error: HarnessError;
}

function unknownKernel(spec: KernelSpec, choices: readonly string[], failures: readonly Failure[]): HarnessError {
  const silent = failures.map(({ title, error }) => `\n${title} could not be asked: ${error.message}`).join('');
  const known = choices.length === 0 ? '' : `; there are ${choices.join(', ')}`;
  return usageError('kernel.unknown', `there is no kernel ${wantedName(spec)}${known}${silent}`, {
    cause: failures[0]?.error,
    hint: choices[0] === undefined ? 'respin kernels says what there is' : `for example: --kernel ${choices[0]}`,
  });
}

function nobodyAnswered(spec: KernelSpec, failures: readonly Failure[]): HarnessError {
  const [first] = failures;
  if (failures.length === 1 && first) return first.error;
  const said = failures.map(({ title, error }) => `\n${title}: ${error.message}`).join('');
  return hostError('source.unreachable', `kernel ${wantedName(spec)} cannot be fetched from anywhere${said}`, {
    cause: first?.error,
    output: failures.map(({ error }) => error.output ?? '').join('\n').trim() || undefined,
    hint: 'check the network, or name a kernel on this disk: --kernel tar:PATH, dir:PATH or git:PATH#REF',
  });
}

function wantedName(spec: KernelSpec): string {
  switch (spec.kind) {
    case 'line':
      return spec.line;
    case 'release':
      return `v${spec.version}`;
    case 'distribution':
      return `${spec.distribution}:${spec.line}`;
    default:
      return spec.kind;
  }
}
