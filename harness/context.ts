import type { Effects } from './effects.js';
import type { Progress } from './progress.js';
import type { Cache } from './store/cache.js';

/** What every stage with effects is given beside its input. */
export interface Context {
  readonly effects: Effects;
  readonly progress: Progress;
  readonly cache: Cache;
}
