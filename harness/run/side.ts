import type { Read } from '../guest/compile.js';
import type { Lock } from '../host/lock.js';
import type { Fragment } from '../kernel/kconfig.js';
import type { BuildOutcome, Configuration, Coverage, GuestImage, KernelTree, PatchRejected, Profile, Series, SideOutcome, Suite } from '../model.js';
import type { Boot } from './boot-side.js';
import type { Environment } from './environment.js';

export interface SideRequest {
  /** For the progress: `base`, `tip`, `patch 3`. */
  readonly what: string;
  readonly tree: KernelTree;
  /** Without patches for the base. */
  readonly series: Series;
  readonly suite: Suite;
  readonly profile: Profile;
  /** What the command line adds to the configuration, and what the selftests among the programs ask for. */
  readonly fragments: readonly Fragment[];
  /** What is added last and differs from build to build in one build folder: make compiles what another option changes. */
  readonly varying?: readonly Fragment[] | undefined;
  /** The number of the last patch of all: what it does not have, no patch brings. */
  readonly lastPatch: number;
  readonly environment: Environment;
  readonly packageRoot: string;
  /** Build even when the outcome is known. */
  readonly fresh: boolean;
  /** Build in an empty folder. */
  readonly fromNothing: boolean;
  readonly keepGoing: boolean;
  /** Of the tree. */
  readonly lock: Lock;
  /** What is added to the configuration so that the touched code is compiled; undefined when that was not asked for. */
  readonly auto: AutoConfig | undefined;
}

/** What `--config auto` found. */
export interface AutoConfig {
  /** Options with their values, `y` or `n`, that were added. */
  readonly settings: Readonly<Record<string, string>>;
  /** Touched code that cannot be brought into this kernel, and why. */
  readonly failed: readonly { readonly path: string; readonly why: string }[];
}

/** Everything that was done on one side, as far as it came. */
export interface SideRecord {
  readonly rejected?: PatchRejected | undefined;
  readonly configuration?: Configuration | undefined;
  readonly auto?: AutoConfig | undefined;
  /** Why there is no configuration. */
  readonly configFailure?: string | undefined;
  readonly build?: BuildOutcome | undefined;
  /** The test program that does not build, with what the compiler said. */
  readonly program?: { readonly name: string; readonly failed: Extract<BuildOutcome, { kind: 'build-failed' }> } | undefined;
  readonly guest?: GuestImage | undefined;
  /** Of a side with patches that was built. */
  readonly coverage?: Coverage | undefined;
  readonly boots: readonly Boot[];
}

export type Built = Extract<BuildOutcome, { kind: 'built' }>;

export type PreparedSide =
  | { readonly kind: 'ready'; readonly record: SideRecord; readonly build: Built; readonly guest: GuestImage }
  | { readonly kind: 'failed'; readonly record: SideRecord; readonly outcome: SideOutcome };

/** Whether a boot of one would be a boot of the other: both are ready, with the same kernel and the same guest, byte for byte. */
export function isSameSide(one: PreparedSide, other: PreparedSide): boolean {
  if (one.kind !== 'ready' || other.kind !== 'ready') return false;
  return one.build.image.digest === other.build.image.digest && one.guest.digest === other.guest.digest;
}

/** What a kernel was built to. */
export interface KnownImage {
  readonly configuration: Configuration;
  readonly build: Built;
  /** Undefined for a base. */
  readonly coverage: Coverage | undefined;
}

/** What a side was made to. */
export interface KnownSide extends KnownImage {
  readonly guest: GuestImage;
  /** What the compiler read of the folders of the user's own tests. */
  readonly reads: readonly Read[];
}
