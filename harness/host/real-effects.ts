import { setMaxListeners } from 'node:events';
import * as files from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Effects } from '../effects.js';
import { interruption } from './interruption.js';
import { realProcesses } from './real-processes.js';

const clock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: async (ms) => {
    await sleep(ms);
  },
};

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Ends early when respin is interrupted. */
async function readStdin(maxBytes: number, interrupted: AbortSignal): Promise<Buffer | undefined> {
  const { stdin } = process;
  if (stdin.isTTY) return undefined;
  if (interrupted.aborted) throw interruption();
  const stop = (): void => {
    stdin.destroy(interruption());
  };
  interrupted.addEventListener('abort', stop, { once: true });
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of stdin as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) break;
    }
    return Buffer.concat(chunks);
  } finally {
    interrupted.removeEventListener('abort', stop);
  }
}

/** The effects of this host. `interrupted` ends every program that is running when it aborts. */
export function realEffects(interrupted: AbortSignal = new AbortController().signal): Effects {
  // One listener for each program that runs.
  setMaxListeners(0, interrupted);
  const env = definedOnly(process.env);
  return { files, processes: realProcesses(env, interrupted), clock, fetch: globalThis.fetch, stdin: (maxBytes) => readStdin(maxBytes, interrupted), env, interrupted };
}
