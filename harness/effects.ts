import type * as fsPromises from 'node:fs/promises';

/** What respin does to files: node's own promise API, as far as it is used. */
export type Files = Pick<
  typeof fsPromises,
  | 'access'
  | 'appendFile'
  | 'chmod'
  | 'copyFile'
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'mkdtemp'
  | 'open'
  | 'readFile'
  | 'readdir'
  | 'readlink'
  | 'realpath'
  | 'rename'
  | 'rm'
  | 'rmdir'
  | 'stat'
  | 'statfs'
  | 'symlink'
  | 'unlink'
  | 'utimes'
  | 'writeFile'
>;

/** A program to run. Its argv is a value; nothing of respin's own environment reaches it but `env`. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** The whole environment of the program. Default: `Effects.env`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Text or bytes for its standard input; default is the null device. */
  readonly input?: string | Uint8Array | undefined;
  /** Milliseconds after which the program and all its descendants are killed. */
  readonly timeoutMs?: number | undefined;
  /** Bytes of both streams together after which the program and all its descendants are killed. Default: no end. */
  readonly mostOutputBytes?: number | undefined;
  /** Called for each line of output as it comes, without its newline. */
  readonly onLine?: ((line: string, from: 'stdout' | 'stderr') => void) | undefined;
  /** How many bytes of each stream are kept (the last ones); default 8 MiB. */
  readonly keepBytes?: number | undefined;
  /** File descriptors that the program holds open as long as it lives, such as that of a lock. */
  readonly holds?: readonly number[] | undefined;
}

/** How a program ended. A non-zero exit code is a value like any other. */
export interface Completed {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly timedOut: boolean;
  /** Killed for `mostOutputBytes`. */
  readonly flooded?: boolean | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** A program that goes on while respin works, with two-way streams on its file descriptors from 5 up. */
export interface Running {
  readonly pid: number;
  /** One for each of `channels`, in order. */
  readonly channels: readonly Channel[];
  /** Settles when it is dead and its channels have been read to their end. */
  readonly ended: Promise<Completed>;
  /** Kills it with all its descendants; harmless when it has ended. */
  readonly kill: () => void;
}

/** A two-way byte stream. */
export interface Channel {
  readonly write: (bytes: string | Uint8Array) => void;
  readonly onData: (listener: (bytes: Uint8Array) => void) => void;
}

export interface Processes {
  /**
   * Runs a program to its end. It and everything it started are dead when this settles, and die with respin.
   * @throws HarnessError `host` `process.missing` when the file is not there, `process.start` when it cannot start
   */
  readonly run: (command: Command) => Promise<Completed>;
  /**
   * Starts a program that has `channels` two-way streams on its descriptors 5, 6, …
   * @throws HarnessError as `run`
   */
  readonly start: (command: Command, channels: number) => Promise<Running>;
  /**
   * Runs a program on respin's own terminal to its end. Its output is not kept.
   * @throws HarnessError as `run`
   */
  readonly interact: (command: Command) => Promise<Completed>;
}

export interface Clock {
  /** Milliseconds on a clock that never goes back; its zero means nothing. */
  readonly now: () => number;
  /** The time of day. */
  readonly date: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

export type Fetch = typeof globalThis.fetch;

/** Everything respin does to the world. Stages get it passed in, so that a test can replace any part of it. */
export interface Effects {
  readonly files: Files;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Reads respin's own standard input to its end, or to the first byte beyond `maxBytes`; undefined for a terminal. */
  readonly stdin: (maxBytes: number) => Promise<Buffer | undefined>;
  readonly env: Readonly<Record<string, string>>;
  /** Aborts when the user interrupts; long work ends as soon as it sees it. */
  readonly interrupted: AbortSignal;
}
