import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import { findTools, TOOLS, type FoundTool, type Tool } from './tools.js';

function packagesOf(missing: readonly FoundTool[]): readonly string[] {
  return [...new Set(missing.map(({ tool }) => tool.package))];
}

/** The commands that install these packages, as a person types them. */
export function installCommand(packages: readonly string[]): string {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

async function succeeds(ctx: Pick<Context, 'effects'>, file: string, args: readonly string[]): Promise<boolean> {
  try {
    return (await ctx.effects.processes.run({ file, args, timeoutMs: 20_000 })).exitCode === 0;
  } catch {
    return false;
  }
}

/** What to put before a command so that root runs it; undefined when that is not to be had without a password. */
async function rootPrefix(ctx: Pick<Context, 'effects'>): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  return (await succeeds(ctx, 'sudo', ['-n', 'true'])) ? ['sudo', '-n'] : undefined;
}

/**
 * Makes sure that tools are there, those of a run when none are named: installs Debian packages where it may.
 * @throws HarnessError `host` `tools.missing` with the exact command to type, or `tools.install` when apt-get failed
 */
export async function installMissing(ctx: Pick<Context, 'effects' | 'progress'>, tools: readonly Tool[] = TOOLS): Promise<void> {
  const missing = (await findTools(ctx, tools)).filter((found) => found.path === undefined);
  if (missing.length === 0) return;
  const prefix = (await succeeds(ctx, 'apt-get', ['--version'])) ? await rootPrefix(ctx) : undefined;
  const packages = packagesOf(missing);
  if (prefix === undefined) {
    if (missing.every(({ tool }) => !tool.required)) return;
    throw toolsMissing(missing);
  }
  ctx.progress({ type: 'notice', level: 'info', text: `installing ${packages.join(' ')}` });
  for (const args of [
    ['apt-get', 'update', '-q'],
    ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages],
  ]) {
    const [file = '', ...rest] = [...prefix, ...(prefix.length > 0 ? ['env', 'DEBIAN_FRONTEND=noninteractive'] : []), ...args];
    const env = { ...ctx.effects.env, DEBIAN_FRONTEND: 'noninteractive' };
    const done = await ctx.effects.processes.run({ file, args: rest, env, timeoutMs: 15 * 60_000 });
    // A mirror that is missing one index need not be in the way; a package that is not there will say so.
    if (done.exitCode !== 0 && args[1] === 'install') {
      throw hostError('tools.install', `apt-get could not install ${packages.join(' ')}`, {
        output: `${done.stdout}\n${done.stderr}`.trim().split('\n').slice(-15).join('\n'),
        hint: `type: ${installCommand(packages)}`,
      });
    }
  }
  await requireTools(ctx, tools);
}

/** The error for tools that are not there, with the command that gets them. */
export function toolsMissing(missing: readonly FoundTool[]): Error {
  const names = missing.map(({ tool }) => tool.name).join(', ');
  return hostError('tools.missing', `not on this machine: ${names}`, { hint: `type: ${installCommand(packagesOf(missing))}` });
}

/**
 * @throws HarnessError `host` `tools.missing` when a required tool is not there
 */
export async function requireTools(ctx: Pick<Context, 'effects'>, tools: readonly Tool[] = TOOLS): Promise<void> {
  const missing = (await findTools(ctx, tools)).filter(({ tool, path }) => tool.required && path === undefined);
  if (missing.length > 0) throw toolsMissing(missing);
}
