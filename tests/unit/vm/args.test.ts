import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { x8664 } from '../../../harness/arch/x86-64.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { confinementArgs, kernelCommandLine, qemuArgs, type MachineRequest } from '../../../harness/vm/args.js';

const request: MachineRequest = {
  arch: x8664,
  machine: 'microvm',
  accelerator: 'tcg',
  kernel: '/cache/a,b c/vmlinux',
  initrd: '/cache/i.cpio',
  cpus: 2,
  memoryMiB: 384,
  append: ['respin.kmemleak'],
  tscKhz: 2_600_000.4,
};

/** The value that follows an option, all of them where it is there more than once. */
function values(args: readonly string[], option: string): readonly (string | undefined)[] {
  return args.flatMap((word, index) => (word === option ? [args[index + 1]] : []));
}

describe('qemuArgs', () => {
  const args = qemuArgs(request);

  it('confines QEMU', () => {
    for (const option of ['-nodefaults', '-no-user-config', '-no-reboot']) expect(args).toContain(option);
    expect(values(args, '-nic')).toEqual(['none']);
    expect(values(args, '-display')).toEqual(['none']);
    expect(values(args, '-sandbox')).toEqual(['on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny']);
  });

  it('bounds memory and CPUs', () => {
    expect(values(args, '-m')).toEqual(['384M']);
    expect(values(args, '-smp')).toEqual(['2']);
  });

  it('puts the kernel console on descriptor 5 and the results on 6, in this order', () => {
    expect(values(args, '-chardev')).toEqual(['socket,id=serial0,fd=5', 'socket,id=serial1,fd=6']);
    expect(values(args, '-device')).toEqual(['isa-serial,chardev=serial0', 'isa-serial,chardev=serial1']);
  });

  it('passes paths as they are', () => {
    expect(values(args, '-kernel')).toEqual([request.kernel]);
    expect(values(args, '-initrd')).toEqual([request.initrd]);
  });

  it('takes machine and CPU from the architecture', () => {
    expect(values(args, '-machine')).toEqual([x8664.machines.microvm]);
    expect(values(args, '-cpu')).toEqual(['max']);
    expect(values(qemuArgs({ ...request, machine: 'q35', accelerator: 'kvm' }), '-machine')).toEqual([x8664.machines.q35]);
    expect(values(qemuArgs({ ...request, accelerator: 'kvm' }), '-cpu')).toEqual(['host']);
  });
});

describe('kernelCommandLine', () => {
  it('ends with the words of the request, after those of architecture and clock', () => {
    const words = kernelCommandLine(request).split(' ');
    expect(words.slice(0, x8664.append.length)).toEqual(x8664.append);
    expect(words.slice(x8664.append.length)).toEqual(['tsc_early_khz=2600000', 'tsc=reliable', 'respin.kmemleak']);
  });

  it('leaves the clock to the kernel when its frequency is not known', () => {
    expect(kernelCommandLine({ ...request, tscKhz: undefined })).not.toContain('tsc');
  });
});

it.skipIf(!existsSync('/usr/bin/qemu-system-x86_64'))('a triple fault is the end of QEMU (skipped where this host has no QEMU)', async () => {
  const root = mkdtempSync(join(tmpdir(), 'respin-rom-'));
  onTestFinished(() => {
    rmSync(root, { recursive: true });
  });
  // Where an x86 CPU starts: `lidt %cs:0` loads an empty table of interrupts, and `int3` finds no handler for anything.
  const rom = Buffer.alloc(65536);
  rom.write('2e0f011e0000cc', 65536 - 16, 'hex');
  writeFileSync(join(root, 'rom'), rom);
  const machine = ['-machine', x8664.machines.microvm, '-accel', 'tcg', '-cpu', 'max', '-m', '16M', '-bios', join(root, 'rom')];
  const done = await realEffects().processes.run({ file: '/usr/bin/qemu-system-x86_64', args: [...confinementArgs(), ...machine], timeoutMs: 10_000 });
  expect(done).toMatchObject({ timedOut: false, exitCode: 0, stderr: '' });
});
