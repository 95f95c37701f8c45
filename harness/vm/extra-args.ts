import type { Architecture } from '../arch/architecture.js';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { confinementArgs } from './args.js';

/**
 * Finds out by trying whether QEMU takes the user's arguments, before minutes go into a kernel: a machine without a kernel
 * that never starts, and a monitor that is told to quit.
 * @throws HarnessError `usage` `qemu.arg` with what QEMU says
 */
export async function proveExtraArgs(ctx: Context, arch: Architecture, extra: readonly string[]): Promise<void> {
  if (extra.length === 0) return;
  const args = [...confinementArgs(), '-machine', arch.machines.microvm, '-accel', 'tcg', '-S', '-monitor', 'stdio', ...extra];
  const done = await ctx.effects.processes.run({ file: arch.qemu, args, input: 'quit\n', timeoutMs: 30_000 });
  if (done.exitCode === 0) return;
  const words = done.stderr.trim().split('\n').at(-1) ?? '';
  throw usageError('qemu.arg', `QEMU does not take --qemu-arg ${extra.join(' ')}: ${words || 'it does not come to an end'}`, {
    output: done.stderr,
    hint: `the guest is a microvm, whose devices are on no PCI bus: virtio-…-device, not virtio-…-pci; see ${arch.qemu} -machine microvm -device help`,
  });
}
