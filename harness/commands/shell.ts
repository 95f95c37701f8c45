import { resolve } from 'node:path';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { buildInitramfs } from '../guest/initramfs.js';
import { requireTools } from '../host/install.js';
import { withLock } from '../host/lock.js';
import { listTrees } from '../kernel/tree.js';
import { readEnvironment } from '../run/environment.js';
import { withSession } from '../session.js';
import { findProfile } from '../spec/profile.js';
import { readLastBuild } from '../store/last-build.js';
import { visible } from '../terminal/escape.js';
import { interactiveArgs } from '../vm/args.js';
import { accelSchema } from './options.js';

/** What to boot, and the sources whose gen_init_cpio packs the guest. */
interface Target {
  readonly vmlinux: string;
  readonly tree: string;
  readonly profile: string | undefined;
  readonly label: string;
}

async function chooseTarget(ctx: Context, named: string | undefined): Promise<Target> {
  if (named === undefined) {
    const last = await readLastBuild(ctx);
    if (last) return last;
    throw usageError('shell.nothing', 'there is no kernel to boot: none was built yet', { hint: 'build one with: respin run' });
  }
  const vmlinux = resolve(named);
  const stat = await ctx.effects.files.stat(vmlinux).catch(() => undefined);
  if (stat?.isFile() !== true) throw usageError('shell.kernel', `${vmlinux} is no file`, { hint: 'name a vmlinux with a PVH entry, as respin builds them' });
  const [tree] = await listTrees(ctx);
  if (!tree) throw usageError('shell.tree', 'there is no kernel tree in the cache to pack a guest with', { hint: 'get one with: respin run' });
  return { vmlinux, tree: tree.src, profile: undefined, label: vmlinux };
}

/** `respin shell`: a busybox prompt in the guest, on this terminal. Ends with the guest. */
export async function shellCommand(named: string | undefined, options: Readonly<Record<string, unknown>>): Promise<number> {
  const wanted = typeof options['profile'] === 'string' ? findProfile(options['profile']) : undefined;
  return withSession((ctx) =>
    withLock(
      ctx,
      'cache',
      async () => {
        await requireTools(ctx);
        const target = await chooseTarget(ctx, named);
        const profile = wanted ?? findProfile(target.profile ?? 'plain');
        const environment = await readEnvironment(ctx, { accelerator: accelSchema.parse(options['accel']), sandbox: 'auto' });
        const tools = { sandbox: environment.sandbox, limits: environment.limits, compiler: environment.toolchain.digest };
        const guest = await buildInitramfs(ctx, { tree: target.tree, tools, programs: [] });
        const { arch, accelerator } = environment;
        const args = interactiveArgs({
          ...{ arch, machine: 'microvm', accelerator: accelerator.accelerator, tscKhz: accelerator.tscKhz },
          ...{ kernel: target.vmlinux, initrd: guest.path, cpus: profile.cpus, memoryMiB: profile.memoryMiB },
          append: [...profile.append, 'quiet', 'respin.mode=shell'],
        });
        process.stderr.write(`booting ${visible(target.label)}; leave with "exit" or Ctrl-A X\n`);
        const done = await ctx.effects.processes.interact({ file: arch.qemu, args });
        return done.exitCode === 0 ? 0 : 3;
      },
      { mode: 'shared' },
    ),
  );
}
