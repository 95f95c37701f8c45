import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import type { Toolchain } from '../model.js';
import { keyOf } from '../store/digest.js';

async function firstLine(ctx: Context, file: string): Promise<string> {
  const done = await ctx.effects.processes.run({ file, args: ['--version'], timeoutMs: 30_000 });
  if (done.exitCode !== 0) {
    throw hostError('toolchain.broken', `"${file} --version" ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, {
      output: done.stderr,
      hint: 'respin doctor says what is missing and how to get it',
    });
  }
  return done.stdout.split('\n')[0] ?? '';
}

/**
 * The compiler, linker and make of this host.
 * @throws HarnessError `host` `process.missing` or `toolchain.broken`
 */
export async function readToolchain(ctx: Context): Promise<Toolchain> {
  const [compiler, linker, make] = await Promise.all([firstLine(ctx, 'gcc'), firstLine(ctx, 'ld'), firstLine(ctx, 'make')]);
  return { compiler, linker, make, digest: keyOf({ compiler, linker, make }) };
}
