import type { Context } from '../context.js';
import type { Completed } from '../effects.js';
import { hostError } from '../errors.js';

/** No patch that git takes needs longer; a git that hangs must not hang respin. */
const TIMEOUT_MS = 120_000;

/**
 * Runs git so that it works on plain files alone: without anybody's configuration, in English, and in no repository,
 * whatever folder it runs in. (`git apply` below a repository would silently leave out what lies outside its prefix.)
 * @throws HarnessError `host` `process.missing` without git, `git.timeout`
 */
export async function runGit(
  ctx: Pick<Context, 'effects'>,
  args: readonly string[],
  options: { readonly cwd: string; readonly input?: Uint8Array },
): Promise<Completed> {
  return alone(ctx, 'git', args, options, `git ${args[0] ?? ''}`);
}

/**
 * Runs a short script of the shell that calls git many times, as `runGit` does: to start a program from here costs ten
 * times what git itself takes for a mail.
 * @param what it does, for messages
 * @throws HarnessError as `runGit`
 */
export async function runGitScript(
  ctx: Pick<Context, 'effects'>,
  script: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly what: string },
): Promise<Completed> {
  return alone(ctx, '/bin/sh', ['-c', script, 'sh', ...args], options, options.what);
}

async function alone(
  ctx: Pick<Context, 'effects'>,
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly input?: Uint8Array },
  what: string,
): Promise<Completed> {
  const { env, processes } = ctx.effects;
  const done = await processes.run({
    ...{ file, args, cwd: options.cwd, input: options.input, timeoutMs: TIMEOUT_MS },
    env: {
      PATH: env['PATH'] ?? '/usr/bin:/bin',
      LC_ALL: 'C',
      GIT_DIR: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ATTR_NOSYSTEM: '1',
      // git before 2.32 knows no GIT_CONFIG_GLOBAL.
      HOME: '/nonexistent',
      XDG_CONFIG_HOME: '/nonexistent',
    },
  });
  if (done.timedOut) {
    throw hostError('git.timeout', `${what} did not end within ${TIMEOUT_MS / 1000} seconds`, {
      output: done.stderr,
      hint: 'is this host very busy? Try again',
    });
  }
  return done;
}

/** The errors of the operating system, as git prints them at the end of a line. */
const HOST_FAULT =
  /: (No space left on device|Disk quota exceeded|Input\/output error|Read-only file system|Permission denied|Cannot allocate memory|Too many open files)$|^fatal: Out of memory/m;

/**
 * Tells a host that failed from input that git does not take.
 * @throws HarnessError `host` `git.failed` where git names a fault of the operating system, or was killed
 */
export function refuseHostFault(done: Completed, what: string): void {
  if (done.exitCode !== undefined && !HOST_FAULT.test(done.stderr)) return;
  throw hostError('git.failed', `${what} failed: git ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, {
    output: done.stderr,
    hint: 'free some space or memory and try again',
  });
}
