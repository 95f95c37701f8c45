import type { Architecture } from './architecture.js';

/**
 * x86-64 in QEMU.
 *
 * `rtc=on`: without a clock to ask, the kernel waits a second for one at boot. The PIT stays on: TCG has no TSC deadline
 * timer, and without PIT the kernel has nothing to calibrate its local APIC timer by. `acpi=off`: the base fragment has no
 * ACPI, and an MP table tells the kernel all there is.
 *
 * `-cpu max` is every feature that TCG has, so it is the same on every host that runs the same QEMU.
 *
 * The kernel command line (Documentation/admin-guide/kernel-parameters.txt):
 * - `console=ttyS0`, `earlycon=…`: what dies before the driver of the console is there still says so
 * - `panic=-1 reboot=t`: after a panic restart at once, by a triple fault, which QEMU takes as its end (`-no-reboot`)
 * - `loglevel=8`: all that may hold a splat, whatever the configured default
 * - `printk.devkmsg=on`: what tests write to /dev/kmsg is not dropped for being much
 * - `random.trust_cpu=1`: nothing waits for entropy
 * - `no_timer_check`: on a busy host an emulated timer may seem dead, and the kernel would panic about that
 *
 * There is no `oops=panic`: an oops ends the task that made it, the other tests still run, and the oops is a finding.
 */
export const x8664: Architecture = {
  name: 'x86-64',
  kernelArch: 'x86',
  configFile: 'harness/arch/x86-64.config',
  qemu: 'qemu-system-x86_64',
  qemuPackage: 'qemu-system-x86',
  machines: {
    microvm: 'microvm,acpi=off,isa-serial=off,rtc=on,pit=on,pic=on',
    q35: 'q35,acpi=off,hpet=off,usb=off,vmport=off,graphics=off',
  },
  cpu: { tcg: 'max', kvm: 'host' },
  serialDevice: 'isa-serial',
  append: [
    'console=ttyS0,115200',
    'earlycon=uart8250,io,0x3f8,115200',
    'panic=-1',
    'reboot=t',
    'loglevel=8',
    'printk.devkmsg=on',
    'random.trust_cpu=1',
    'no_timer_check',
  ],
};
