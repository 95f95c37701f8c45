import type { Files } from '../effects.js';

/** What the threads of a program say of themselves at one moment. */
export interface ThreadTimes {
  /** Thread id to the nanoseconds that it was ready to run and had no CPU. */
  readonly waited: ReadonlyMap<string, number>;
  /** A thread is stopped, or waits for the host's memory or disk. */
  readonly held: boolean;
}

/** State letters of proc_pid_stat(5): stopped, traced, waiting for a disk or for memory that was paged out. */
const HELD = new Set(['T', 't', 'D']);

/**
 * Reads /proc/PID/task: what is missing is taken for nothing waited, for a program that has just ended says nothing
 * about its host.
 *
 * `schedstat` has the time on a CPU and the time ready for one, in ns (Documentation/scheduler/sched-stats.rst).
 */
export async function readThreadTimes(files: Pick<Files, 'readFile' | 'readdir'>, pid: number): Promise<ThreadTimes> {
  const folder = `/proc/${String(pid)}/task`;
  const threads = await files.readdir(folder).catch(() => []);
  const read = async (name: string): Promise<string> => files.readFile(`${folder}/${name}`, 'utf8').catch(() => '');
  const all = await Promise.all(threads.map(async (thread) => ({ thread, schedstat: await read(`${thread}/schedstat`), stat: await read(`${thread}/stat`) })));
  return {
    waited: new Map(all.map(({ thread, schedstat }) => [thread, Number(schedstat.split(' ')[1] ?? 0)])),
    // The name in parentheses may hold anything.
    held: all.some(({ stat }) => HELD.has(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3))),
  };
}

/** How much of the time of a boot the host kept from its guest, in ms. */
export interface Lost {
  readonly ms: number;
  /** The longest time in which the guest had next to nothing. */
  readonly longestMs: number;
}

/** A part of the time between two looks that counts as all of it. */
const NEARLY_ALL = 0.9;

/** Counts the time that a guest had: that of the host's clock without what the host kept from it. */
export interface HostTime {
  /** Takes a look: the host's clock in ms, and the threads. */
  readonly look: (now: number, threads: ThreadTimes) => void;
  /** The guest's time in ms since the first look. */
  readonly guestMs: () => number;
  readonly lost: () => Lost;
}

/**
 * @param everyMs how often it is looked at; when far more than that went by, respin itself had no time, or was stopped: what
 * the guest has said meanwhile is not read yet, and its time does not count
 */
export function createHostTime(begun: number, everyMs: number): HostTime {
  const late = 10 * everyMs;
  let last = begun;
  let before: ThreadTimes['waited'] = new Map();
  let guest = 0;
  let lost = 0;
  let longest = 0;
  let stretch = 0;
  return {
    look: (now, { waited, held }) => {
      const passed = Math.max(0, now - last);
      const waits = [...waited].map(([thread, ns]) => (ns - (before.get(thread) ?? 0)) / 1e6);
      const kept = passed > late || held ? passed : Math.min(passed, Math.max(0, ...waits));
      guest += passed - kept;
      lost += kept;
      stretch = kept > passed * NEARLY_ALL ? stretch + kept : 0;
      longest = Math.max(longest, stretch);
      last = now;
      before = waited;
    },
    guestMs: () => guest,
    lost: () => ({ ms: lost, longestMs: longest }),
  };
}

/** A guest that was kept waiting this long at a time, or for this part of the whole, cannot be held to any clock. */
const LONG_MS = 2000;
const LARGE_PART = 0.75;

/** Whether a host kept so much from a guest that a limit of time says nothing about it. */
export function isStarved({ lost, totalMs }: { readonly lost: Lost; readonly totalMs: number }): boolean {
  return lost.longestMs > LONG_MS || lost.ms > totalMs * LARGE_PART;
}
