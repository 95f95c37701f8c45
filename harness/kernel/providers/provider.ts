import type { Context } from '../../context.js';
import type { HarnessError } from '../../errors.js';
import type { KernelSource, KernelSpec } from '../../model.js';
import type { DownloadLimits } from '../source-transfer.js';

export type Distribution = 'debian' | 'ubuntu';

/** What a provider needs to know beside the request. */
export interface ProviderOptions {
  /** What relative paths are relative to. */
  readonly cwd: string;
  /** Whose packages this machine's apt has; undefined for another system. */
  readonly distribution: Distribution | undefined;
  readonly limits: DownloadLimits;
  /** Fingerprints of the primary keys that may sign kernel.org's list of digests. */
  readonly signers: readonly string[];
}

/** What a provider says to a request that it serves. */
export type Answer =
  | { readonly kind: 'found'; readonly source: KernelSource }
  /** It was asked, and has no such kernel. */
  | { readonly kind: 'unknown'; readonly choices: readonly string[] }
  /** It could not be asked; the error says why, and is thrown when nobody else has the kernel. */
  | { readonly kind: 'unavailable'; readonly error: HarnessError };

/** A kernel that `--kernel` can name. */
export interface KernelListing {
  /** What to give as `--kernel`. */
  readonly spec: string;
  readonly label: string;
  readonly where: 'cache' | 'kernel.org' | 'distribution';
  readonly detail: string;
}

/** A place that kernels come from. One file each, and one line in `table.ts`. */
export interface Provider {
  /** For people, in messages. */
  readonly title: string;
  readonly serves: (spec: KernelSpec, options: ProviderOptions) => boolean;
  /**
   * Brings the source on this disk.
   * @throws HarnessError for what must not be answered by asking the next provider: a wrong signature, a full disk
   */
  readonly resolve: (ctx: Context, spec: KernelSpec, options: ProviderOptions) => Promise<Answer>;
  /** What it has, without fetching it; empty when it cannot be asked. */
  readonly list: (ctx: Context, options: ProviderOptions) => Promise<readonly KernelListing[]>;
}
