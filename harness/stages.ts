import type { Context } from './context.js';
import type { Stage } from './progress.js';

export interface Timing {
  readonly stage: Stage;
  readonly what: string;
  /** From the start of the stopwatch. */
  readonly startMs: number;
  readonly ms: number;
  readonly outcome: string;
}

/** Runs stages one by one or side by side, tells their progress and remembers how long each took. */
export interface Stopwatch {
  readonly measure: <T>(stage: Stage, what: string, body: () => Promise<T>, outcome: (value: T) => string) => Promise<T>;
  /** In the order in which they ended. */
  readonly timings: () => readonly Timing[];
}

export function startStopwatch(ctx: Pick<Context, 'effects' | 'progress'>): Stopwatch {
  const timings: Timing[] = [];
  const started = ctx.effects.clock.now();
  return {
    measure: async (stage, what, body, outcome) => {
      const begun = ctx.effects.clock.now();
      const end = (text: string): void => {
        const ms = ctx.effects.clock.now() - begun;
        timings.push({ stage, what, startMs: begun - started, ms, outcome: text });
        ctx.progress({ type: 'stage', stage, state: 'end', what, ms, outcome: text });
      };
      ctx.progress({ type: 'stage', stage, state: 'begin', what });
      try {
        const value = await body();
        end(outcome(value));
        return value;
      } catch (thrown) {
        end('failed');
        throw thrown;
      }
    },
    timings: () => [...timings],
  };
}
