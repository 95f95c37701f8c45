import { totalmem } from 'node:os';
import type { Context } from '../context.js';
import type { Command } from '../effects.js';
import { hostError } from '../errors.js';
import type { SandboxChoice } from '../model.js';

/** A folder of the host that a sandboxed program sees. */
export interface Mount {
  readonly host: string;
  /** The path it has inside. Without a sandbox the host's path is used instead. */
  readonly at: string;
  readonly access: 'read' | 'write';
}

/** How programs that run a patch author's code are held. */
export interface Sandbox {
  readonly kind: 'bubblewrap' | 'none';
  /** The flags of bwrap(1) that isolate on this host; empty for `none`. */
  readonly flags: readonly string[];
  /** For people: what it holds back, or why there is none. */
  readonly detail: string;
}

/** Mounts put in place: programs are run in it, and paths are translated for them. */
export interface Room {
  /** `hostPath` as a program in the room sees it. */
  readonly path: (hostPath: string) => string;
  /** The command as it is to be run on the host. Its `cwd` is a host path; its environment is `env` and nothing else. */
  readonly command: (command: Command) => Command;
}

/** Nothing of the user's environment reaches a build: a token there is not a patch author's. */
const BASE_ENV = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin', HOME: '/tmp', LC_ALL: 'C', TZ: 'UTC' };

/** System folders that a toolchain lives in. What is not listed (home, /etc/shadow, /var, /sys, sockets in /run) is not there. */
const SYSTEM_ARGS: readonly string[] = [
  ...['--ro-bind', '/usr', '/usr'],
  ...['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].flatMap((name) => ['--ro-bind-try', `/${name}`, `/${name}`]),
  ...['alternatives', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d'].flatMap((name) => [
    '--ro-bind-try',
    `/etc/${name}`,
    `/etc/${name}`,
  ]),
  ...['--proc', '/proc', '--dev', '/dev'],
];

/**
 * What comes after all mounts. Root without capabilities still owns what root owns, and could write /proc/sys: core_pattern names
 * a program that the host runs as root (bwrap makes that read-only only where it finds it writable for itself, and without
 * capabilities it does not). And all of `/` and `/dev` is memory without a bound.
 */
const CLOSED_ARGS: readonly string[] = ['/dev', '/proc', '/'].flatMap((path) => ['--remount-ro', path]);

/** The only place beside the mounts that can be written to, and memory. Compilers keep their pieces there. */
const TMP_BYTES = Math.min(4 * 1024 ** 3, Math.floor(totalmem() / 4));
const TMP = ['--tmpfs', '/tmp'];
/** bubblewrap before 0.7 does not know it. */
const SIZED_TMP = ['--size', String(TMP_BYTES), ...TMP];
const ALWAYS = ['--die-with-parent', '--cap-drop', 'ALL'];
const WITHOUT_USER = ['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts'];

/**
 * From the strictest: with a user namespace (an ordinary user, or root that has them), from which no other can be made, and for
 * root on a host without user namespaces the other namespaces alone; always with all capabilities dropped.
 */
const VARIANTS: readonly (readonly string[])[] = [
  ['--unshare-all', '--unshare-user', '--disable-userns', ...ALWAYS, ...SIZED_TMP],
  ['--unshare-all', ...ALWAYS, ...SIZED_TMP],
  ['--unshare-all', ...ALWAYS, ...TMP],
  [...WITHOUT_USER, ...ALWAYS, ...SIZED_TMP],
  [...WITHOUT_USER, ...ALWAYS, ...TMP],
];

/** No file of a room grows beyond this: a kernel with all its debug information is smaller. */
const MOST_FILE_BYTES = 4 * 1024 ** 3;
/** In a room, or of a user in all where the kernel counts them so (before 5.14). Root is not bound by it (setrlimit(2)). */
const MOST_PROCESSES = 8192;
/**
 * Sets limits and becomes the command. `-f` counts blocks of 512 bytes (POSIX, ulimit); the number of processes is `-p` in
 * dash and `-u` in bash, where `-p` is something else and fails. A lower limit that is there already stays.
 */
const LIMITED = `ulimit -f ${MOST_FILE_BYTES / 512}; ulimit -p ${MOST_PROCESSES} 2>/dev/null || ulimit -u ${MOST_PROCESSES} 2>/dev/null; ulimit -c 0; exec "$@"`;
/** Runs bwrap as what the kernel kills first when memory runs out (proc(5), oom_score_adj): not respin, and not a user's editor. */
const EXPENDABLE = 'echo 700 2>/dev/null >/proc/self/oom_score_adj; exec bwrap "$@"';

function roomArgs(flags: readonly string[], mountArgs: readonly string[]): readonly string[] {
  return [...flags, ...SYSTEM_ARGS, ...mountArgs, ...CLOSED_ARGS, '--clearenv'];
}

async function tryVariant(ctx: Context, flags: readonly string[]): Promise<string | undefined> {
  const done = await ctx.effects.processes.run({
    file: 'bwrap',
    args: [...roomArgs(flags, []), '/bin/true'],
    timeoutMs: 20_000,
  });
  return done.exitCode === 0 ? undefined : done.stderr.trim().split('\n').at(-1) || `bwrap ended with ${done.exitCode ?? done.signal}`;
}

/**
 * Finds out by trying whether builds can be held in bubblewrap.
 * @throws HarnessError `host` `sandbox.required` when `choice` is `required` and they cannot
 */
export async function proveSandbox(ctx: Context, choice: SandboxChoice): Promise<Sandbox> {
  if (choice === 'off') return { kind: 'none', flags: [], detail: 'switched off with --sandbox off' };
  const reasons: string[] = [];
  for (const flags of VARIANTS) {
    let reason: string | undefined;
    try {
      reason = await tryVariant(ctx, flags);
    } catch (thrown) {
      if (!(thrown instanceof Error) || !('code' in thrown) || thrown.code !== 'process.missing') throw thrown;
      reasons.push('bwrap is not installed');
      break;
    }
    if (reason === undefined) {
      return { kind: 'bubblewrap', flags, detail: 'no network, no home, no environment, host read-only' };
    }
    reasons.push(reason);
  }
  const detail = [...new Set(reasons)].join('; ');
  if (choice === 'required') {
    throw hostError('sandbox.required', `builds cannot be sandboxed on this host: ${detail}`, {
      hint: 'install bubblewrap and allow user namespaces, or run without "--sandbox required" to build unprotected',
    });
  }
  return { kind: 'none', flags: [], detail };
}

/** The mount that holds a host path: the one with the longest matching folder. */
function mountOf(mounts: readonly Mount[], hostPath: string): Mount | undefined {
  return mounts
    .filter((mount) => hostPath === mount.host || hostPath.startsWith(`${mount.host}/`))
    .sort((left, right) => right.host.length - left.host.length)[0];
}

/** A room with these mounts; without a sandbox the same programs run on the host's own paths. */
export function openRoom(sandbox: Sandbox, mounts: readonly Mount[]): Room {
  if (sandbox.kind === 'none') {
    return {
      path: (hostPath) => hostPath,
      command: (command) => ({ ...command, env: { ...BASE_ENV, ...command.env } }),
    };
  }
  const path = (hostPath: string): string => {
    const mount = mountOf(mounts, hostPath);
    return mount ? mount.at + hostPath.slice(mount.host.length) : hostPath;
  };
  const mountArgs = mounts.flatMap((mount) => [mount.access === 'write' ? '--bind' : '--ro-bind', mount.host, mount.at]);
  return {
    path,
    command: (command) => ({
      ...command,
      file: '/bin/sh',
      args: [
        ...['-c', EXPENDABLE, 'sh'],
        ...roomArgs(sandbox.flags, mountArgs),
        ...Object.entries({ ...BASE_ENV, ...command.env }).flatMap(([name, value]) => ['--setenv', name, value]),
        ...['--chdir', command.cwd === undefined ? '/' : path(command.cwd)],
        ...['--', '/bin/sh', '-c', LIMITED, 'sh'],
        command.file,
        ...command.args,
      ],
      cwd: '/',
      env: BASE_ENV,
    }),
  };
}
