import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that is there. */
export interface Found {
  readonly pid: number;
  /** Its argument vector, or its name where it has none. */
  readonly command: string;
}

/**
 * How descendants are known whatever becomes of them: the soft limit on the resident set, which Linux keeps, hands down
 * through fork, exec, sessions and namespaces, and does not enforce (getrlimit(2): no effect since 2.4.30).
 */
export function freshToken(): number {
  return 2 ** 52 + Math.floor(Math.random() * 2 ** 40);
}

/** The command line that starts `file` with a token. */
export function tokened(token: number, file: string, args: readonly string[]): readonly string[] {
  return ['prlimit', `--rss=${token}:`, '--', file, ...args];
}

async function read(path: string): Promise<string> {
  // Processes come and go while this looks.
  return readFile(path, 'utf8').catch(() => '');
}

/** What is alive of all that was ever started with this token. What is dead and not yet waited for is not alive. */
export async function processesOf(token: number): Promise<readonly Found[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<readonly Found[]> => {
      const limit = /^Max resident set +(\d+) /m.exec(await read(`/proc/${pid}/limits`))?.[1];
      if (limit !== String(token)) return [];
      const status = await read(`/proc/${pid}/status`);
      if (status === '' || /^State:\s+[ZX]/m.test(status)) return [];
      const command = (await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ').trim();
      return [{ pid: Number(pid), command: command || (/^Name:\s+(.*)$/m.exec(status)?.[1] ?? '') }];
    }),
  );
  return found.flat();
}

/** QEMU with a kernel, and not one that is asked for its version. */
export const A_GUEST = /^(?:\S*\/)?qemu-system-\S+ .*-kernel /;

/** Waits for a process with this token whose command line matches. */
export async function waitForProcess(token: number, command: RegExp): Promise<Found> {
  for (;;) {
    const found = (await processesOf(token)).find((one) => command.test(one.command));
    if (found) return found;
    await sleep(20);
  }
}

/** Waits until nothing with this token is alive, or the time is over. Returns what is left, and how long it took. */
export async function waitForNone(token: number, limitMs: number): Promise<{ readonly left: readonly Found[]; readonly ms: number }> {
  const begun = performance.now();
  for (;;) {
    const left = await processesOf(token);
    const ms = performance.now() - begun;
    if (left.length === 0 || ms > limitMs) return { left, ms };
    await sleep(20);
  }
}
