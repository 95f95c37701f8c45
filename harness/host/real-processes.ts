import { createInterface } from 'node:readline';
import { Duplex, PassThrough, type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import { execa, type Options, type Result, type ResultPromise } from 'execa';
import type { Channel, Command, Completed, Processes, Running } from '../effects.js';
import { hostError, messageOf } from '../errors.js';
import { interruption } from './interruption.js';
import { packageRoot } from './package-root.js';

const GUARD = join(packageRoot(), 'harness', 'host', 'guard.sh');
const DEFAULT_KEEP_BYTES = 8 * 1024 * 1024;
/** The guard's own descriptor; channels start at 5, as `Running` promises, so 4 carries the first held descriptor. */
const FIRST_CHANNEL = 5;

/** Keeps the last `limit` bytes of a stream, in whole chunks. */
class Tail {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#chunks.length > 1 && this.#bytes - (this.#chunks[0]?.length ?? 0) >= this.#limit) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
    }
  }

  text(): string {
    const all = Buffer.concat(this.#chunks);
    return all.subarray(Math.max(0, all.length - this.#limit)).toString('utf8');
  }
}

function collect(stream: Readable | undefined, from: 'stdout' | 'stderr', command: Command): Tail {
  const tail = new Tail(command.keepBytes ?? DEFAULT_KEEP_BYTES);
  if (!stream) return tail;
  stream.on('data', (chunk: Buffer) => {
    tail.add(chunk);
  });
  const { onLine } = command;
  if (onLine) {
    const lines = createInterface({ input: stream.pipe(new PassThrough()), crlfDelay: Infinity });
    lines.on('line', (line) => {
      onLine(line, from);
    });
  }
  return tail;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

interface Started {
  readonly child: ResultPromise;
  readonly pid: number;
  readonly ended: Promise<Completed>;
  readonly kill: () => void;
}

async function startGuarded(
  command: Command,
  channels: number,
  terminal: 'inherit' | undefined,
  env: Readonly<Record<string, string>>,
  interrupted: AbortSignal,
): Promise<Started> {
  if (interrupted.aborted) throw interruption();
  const holds = [...(command.holds ?? [])];
  const reserved: ('ignore' | number)[] = holds.splice(0, FIRST_CHANNEL - 4);
  while (reserved.length < FIRST_CHANNEL - 4) reserved.push('ignore');
  const stdio = [
    terminal ?? (command.input === undefined ? 'ignore' : 'pipe'),
    terminal ?? 'pipe',
    terminal ?? 'pipe',
    'pipe',
    ...reserved,
    ...Array.from({ length: channels }, () => 'pipe' as const),
    ...holds,
  ] as const;
  const options = {
    cwd: command.cwd ?? '/',
    env: command.env ?? env,
    extendEnv: false,
    detached: true,
    buffer: false,
    reject: false,
    stdio,
    ...(command.input === undefined ? {} : { input: command.input }),
  };
  const begun = performance.now();
  const child: ResultPromise = execa('/bin/sh', [GUARD, command.file, ...command.args], options as Options);
  const stdout = collect(child.stdout ?? undefined, 'stdout', command);
  const stderr = collect(child.stderr ?? undefined, 'stderr', command);
  const { pid } = child;
  if (pid === undefined) {
    const failed: Result = await child;
    throw hostError('process.start', `cannot start ${command.file}: ${failed.originalMessage ?? 'unknown reason'}`, {
      cause: failed,
      hint: 'check the limits on processes and memory of this host (ulimit -a)',
    });
  }
  let timedOut = false;
  let flooded = false;
  let outputBytes = 0;
  const kill = (): void => {
    killGroup(pid);
  };
  const { mostOutputBytes } = command;
  if (mostOutputBytes !== undefined) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        outputBytes += chunk.length;
        if (outputBytes <= mostOutputBytes) return;
        flooded = true;
        kill();
        // What is still in the pipe is read and dropped.
        stream.removeAllListeners('data').resume();
      });
    }
  }
  interrupted.addEventListener('abort', kill, { once: true });
  const timer =
    command.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          kill();
        }, command.timeoutMs);
  const letGo = (): void => {
    const leash = child.stdio[3] as Duplex | null | undefined;
    leash?.destroy();
  };
  // The leader's exit, not the end of its output: a descendant that holds the pipe open must not hold respin.
  child.once('exit', () => {
    kill();
    letGo();
  });
  const ended = child.then((result: Result): Completed => {
    clearTimeout(timer);
    interrupted.removeEventListener('abort', kill);
    letGo();
    return {
      exitCode: result.exitCode,
      signal: result.signal,
      timedOut,
      flooded,
      stdout: stdout.text(),
      stderr: stderr.text(),
      durationMs: performance.now() - begun,
    };
  });
  return { child, pid, ended, kill };
}

/** What /bin/sh exits with when `exec` finds no such file (POSIX, Shell Command Language, 2.8.2). */
const NOT_FOUND = 127;

function refuseMissing(command: Command, done: Completed): void {
  if (done.exitCode === NOT_FOUND && new RegExp(`^\\S*guard\\.sh: \\d+: .*not found$`, 'm').test(done.stderr)) {
    throw hostError('process.missing', `the program ${command.file} is not on this machine`, {
      hint: 'respin doctor says what is missing and how to get it',
      output: done.stderr,
    });
  }
}

function duplexOf(command: Command, stream: unknown): Duplex {
  if (stream instanceof Duplex) return stream;
  throw hostError('process.channel', `${command.file}: no channel; got ${messageOf(stream)}`);
}

/** The last bytes of a program may still be in the socket when its end is known; its whole group is dead by then. */
async function readToEnd(stream: Duplex): Promise<void> {
  stream.resume();
  await finished(stream, { writable: false }).catch(() => undefined);
}

function channelOf(stream: Duplex): Channel {
  // A channel whose other end is gone is no fault of its own: `ended` tells how the program ended.
  stream.on('error', () => undefined);
  return {
    write: (bytes) => {
      if (!stream.destroyed) stream.write(bytes);
    },
    onData: (listener) => {
      stream.on('data', listener);
    },
  };
}

/**
 * Programs of this host, each under guard.sh.
 * @param env what programs see when a command names no environment
 */
export function realProcesses(env: Readonly<Record<string, string>>, interrupted: AbortSignal): Processes {
  return {
    run: async (command) => {
      const { ended } = await startGuarded(command, 0, undefined, env, interrupted);
      const done = await ended;
      if (interrupted.aborted) throw interruption();
      refuseMissing(command, done);
      return done;
    },
    start: async (command, channels): Promise<Running> => {
      const { child, pid, ended, kill } = await startGuarded(command, channels, undefined, env, interrupted);
      const streams = Array.from({ length: channels }, (_, index) => duplexOf(command, child.stdio[FIRST_CHANNEL + index]));
      return {
        pid,
        channels: streams.map(channelOf),
        ended: ended.then(async (done) => {
          await Promise.all(streams.map(readToEnd));
          refuseMissing(command, done);
          return done;
        }),
        kill,
      };
    },
    interact: async (command) => {
      const { ended } = await startGuarded(command, 0, 'inherit', env, interrupted);
      return ended;
    },
  };
}
