import type { Architecture, MachineName } from '../arch/architecture.js';

export type Accelerator = 'kvm' | 'tcg';

/** A machine to boot. All of it is in QEMU's argv; nothing else decides how a guest runs. */
export interface MachineRequest {
  readonly arch: Architecture;
  readonly machine: MachineName;
  readonly accelerator: Accelerator;
  /** Path of vmlinux on the host. */
  readonly kernel: string;
  /** Path of the initramfs on the host. */
  readonly initrd: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Words for the kernel command line, after those of the architecture. */
  readonly append: readonly string[];
  /** Arguments of the user's, after all others. */
  readonly extra?: readonly string[] | undefined;
  /** How fast the guest's TSC counts on this host; undefined leaves it to the kernel to find out. */
  readonly tscKhz: number | undefined;
}

/** The inherited descriptors that carry ttyS0 and ttyS1; `Processes.start` gives its channels from 5 up. */
const SERIAL_DESCRIPTORS: readonly number[] = [5, 6];

/**
 * What every QEMU of respin has: nothing of its defaults or of the user's configuration, no display, no network, and
 * seccomp filters. Threads are still allowed under `spawn=deny` (QEMU's -sandbox filters fork, vfork and execve);
 * `-no-reboot` makes a restart of the guest the end of QEMU.
 */
export function confinementArgs(): readonly string[] {
  return [
    '-nodefaults',
    '-no-user-config',
    ...['-display', 'none'],
    ...['-nic', 'none'],
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    '-no-reboot',
  ];
}

/**
 * Serial ports on inherited sockets. QEMU fills the legacy ports in the order of the devices, so the first is ttyS0.
 */
export function serialArgs(device: string, count: number): readonly string[] {
  return SERIAL_DESCRIPTORS.slice(0, count).flatMap((descriptor, index) => [
    ...['-chardev', `socket,id=serial${String(index)},fd=${String(descriptor)}`],
    ...['-device', `${device},chardev=serial${String(index)}`],
  ]);
}

/**
 * TCG's TSC is the host's. The kernel calibrates it against the PIT by brackets of microseconds that emulation on a busy
 * host cannot keep: it failed in 33 of 42 boots here, and then the guest's clock is the 4 ms tick. Told the frequency, it
 * has a clock of nanoseconds, and trusts it on several CPUs.
 */
function clockWords(tscKhz: number | undefined): readonly string[] {
  return tscKhz === undefined ? [] : [`tsc_early_khz=${String(Math.round(tscKhz))}`, 'tsc=reliable'];
}

/** The kernel command line of a request. */
export function kernelCommandLine(request: MachineRequest): string {
  return [...request.arch.append, ...clockWords(request.tscKhz), ...request.append].join(' ');
}

function machineArgs(request: MachineRequest, serials: readonly string[]): readonly string[] {
  const { arch } = request;
  return [
    ...confinementArgs(),
    ...['-machine', arch.machines[request.machine]],
    ...['-accel', request.accelerator],
    ...['-cpu', arch.cpu[request.accelerator]],
    ...['-smp', String(request.cpus)],
    ...['-m', `${String(request.memoryMiB)}M`],
    ...serials,
    ...['-kernel', request.kernel],
    ...['-initrd', request.initrd],
    ...['-append', kernelCommandLine(request)],
    ...(request.extra ?? []),
  ];
}

/** QEMU's arguments for a guest with the kernel's console and the result stream on descriptors 5 and 6. */
export function qemuArgs(request: MachineRequest): readonly string[] {
  return machineArgs(request, serialArgs(request.arch.serialDevice, 2));
}

/** QEMU's arguments for a person: the kernel's console on the terminal, where Ctrl-A X ends QEMU, and no result stream. */
export function interactiveArgs(request: MachineRequest): readonly string[] {
  const { serialDevice } = request.arch;
  return machineArgs(request, [
    ...['-chardev', 'stdio,id=serial0,mux=on,signal=off', '-mon', 'chardev=serial0'],
    ...['-device', `${serialDevice},chardev=serial0`],
    ...['-chardev', 'null,id=serial1', '-device', `${serialDevice},chardev=serial1`],
  ]);
}
