import type { Fragment } from '../kernel/kconfig.js';
import type { KernelSource, Profile, Series, Suite } from '../model.js';
import type { StatedCheck } from '../series/check-stated.js';
import type { MergedPatch } from '../series/three-way.js';
import type { Environment } from './environment.js';

/** A run, once all its parts are known. */
export interface Plan {
  readonly source: KernelSource;
  readonly series: Series;
  /** The version that it is compared with; undefined where nothing is compared. */
  readonly older: Series | undefined;
  /** The patches of it that were merged where they did not apply. */
  readonly merged: readonly MergedPatch[];
  /** Whether what the series says of its base is true of this kernel. */
  readonly stated: readonly StatedCheck[];
  readonly suite: Suite;
  /** With the machine that the suite and the command line ask for. */
  readonly profile: Profile;
  /** What the command line adds to the configuration. */
  readonly fragments: readonly Fragment[];
  /** How often each kernel is booted. */
  readonly repeat: number;
  readonly environment: Environment;
  readonly packageRoot: string;
  /** Limit of one boot in milliseconds. */
  readonly timeoutMs: number | undefined;
  readonly fresh: boolean;
  /** Build in empty folders. */
  readonly fromNothing: boolean;
  readonly keepGoing: boolean;
  /** Add what the touched code needs to be compiled. */
  readonly autoConfig: boolean;
}
