import type { Context } from './context.js';
import { realEffects } from './host/real-effects.js';
import { cacheAt, cacheRoot } from './store/cache.js';
import { openProgressView } from './terminal/progress-view.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command's body with the effects of this host and progress on standard error. A signal aborts
 * `effects.interrupted`: every program is killed, stages unwind, and the trees are put back. A second one ends respin
 * at once, which loses nothing either: the guards kill what runs, and the next run heals the trees.
 */
export async function withSession<T>(body: (ctx: Context) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interruption.signal.aborted) process.exit(signal === 'SIGTERM' ? 143 : 130);
    interruption.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const effects = realEffects(interruption.signal);
  const view = openProgressView(process.stderr, effects.clock.now);
  try {
    return await body({ effects, progress: view.progress, cache: cacheAt(cacheRoot(effects.env)) });
  } finally {
    view.close();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
