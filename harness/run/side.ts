import type { Lock } from '../host/lock.js';
import type { BuildOutcome, Configuration, GuestImage, KernelTree, Profile, Series, SideOutcome, Suite } from '../model.js';
import type { SideRecord } from './assemble.js';
import type { Environment } from './environment.js';

export interface SideRequest {
  readonly side: 'base' | 'tip';
  readonly tree: KernelTree;
  /** Undefined for the base. */
  readonly series: Series | undefined;
  readonly suite: Suite;
  readonly profile: Profile;
  readonly environment: Environment;
  readonly packageRoot: string;
  /** Build even when the outcome is known. */
  readonly fresh: boolean;
  readonly keepGoing: boolean;
  /** Of the tree. */
  readonly lock: Lock;
}

export type Built = Extract<BuildOutcome, { kind: 'built' }>;

export type PreparedSide =
  | { readonly kind: 'ready'; readonly record: SideRecord; readonly build: Built; readonly guest: GuestImage }
  | { readonly kind: 'failed'; readonly record: SideRecord; readonly outcome: SideOutcome };

/** What a side was made to. */
export interface KnownSide {
  readonly configuration: Configuration;
  readonly build: Built;
  readonly guest: GuestImage;
}
