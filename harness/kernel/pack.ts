import type { Context } from '../context.js';
import { hostError } from '../errors.js';

/**
 * Packs one folder as a tar.gz that is the same bytes for the same files: names sorted, no owner, no times.
 * @param parent what `name` is in
 * @throws HarnessError `host` `pack.failed`
 */
export async function packFolder(ctx: Pick<Context, 'effects'>, parent: string, name: string, into: string): Promise<void> {
  const plain = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--mode=u=rwX,go=rX', '--format=ustar'];
  const done = await ctx.effects.processes.run({
    file: 'tar',
    args: ['-c', ...plain, '-I', 'gzip -n', '-f', into, '-C', parent, '--', name],
    // TAR_OPTIONS and GZIP of the user would change what is packed.
    env: { PATH: ctx.effects.env['PATH'] ?? '', LC_ALL: 'C' },
    timeoutMs: 120_000,
  });
  if (done.exitCode === 0) return;
  throw hostError('pack.failed', `${into} cannot be written: tar ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, { output: done.stderr, hint: 'is there space on this disk?' });
}
