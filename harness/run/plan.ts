import type { KernelSource, Profile, Series, Suite } from '../model.js';
import type { Environment } from './environment.js';

/** A run, once all its parts are known. */
export interface Plan {
  readonly source: KernelSource;
  readonly series: Series;
  readonly suite: Suite;
  readonly profile: Profile;
  readonly environment: Environment;
  readonly packageRoot: string;
  /** Limit of one boot in milliseconds. */
  readonly timeoutMs: number | undefined;
  readonly fresh: boolean;
  readonly keepGoing: boolean;
}
