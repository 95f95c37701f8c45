import type { Fragment } from '../kernel/kconfig.js';
import type { KernelSource, Profile, Series, Suite } from '../model.js';
import type { Environment } from './environment.js';

/** A run, once all its parts are known. */
export interface Plan {
  readonly source: KernelSource;
  readonly series: Series;
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
  readonly keepGoing: boolean;
}
