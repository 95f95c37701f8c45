import { usageError } from '../errors.js';
import type { MachineWish, Profile } from '../model.js';
import { smp } from '../profiles/smp.js';

/** CONFIG_NR_CPUS of the smp profile. */
const BUILT_FOR_CPUS = 8;

/**
 * A profile with the machine that a suite and the command line ask for. The command line decides; a suite asks for as much
 * as it needs and gets no less than the profile has. A kernel for several CPUs is configured for them.
 */
export function tuneProfile(profile: Profile, ofSuite: MachineWish, ofUser: MachineWish, qemuArgs: readonly string[]): Profile {
  const cpus = ofUser.cpus ?? Math.max(profile.cpus, ofSuite.cpus ?? 0);
  const isSmp = /^CONFIG_SMP=y$/m.test(profile.config);
  const config = [
    profile.config,
    ...(cpus > 1 && !isSmp ? [smp.config] : []),
    ...(cpus > BUILT_FOR_CPUS ? [`CONFIG_NR_CPUS=${cpus}\n`] : []),
  ];
  return {
    ...profile,
    ...{ cpus, qemuArgs, config: config.join('') },
    memoryMiB: ofUser.memoryMiB ?? Math.max(profile.memoryMiB, ofSuite.memoryMiB ?? 0),
    append: [...profile.append, ...ofSuite.append, ...ofUser.append],
    // Emulated CPUs share those of the host.
    slowness: cpus > profile.cpus ? Math.max(profile.slowness, (smp.slowness * cpus) / smp.cpus) : profile.slowness,
  };
}

/** What respin itself tells QEMU, and what would take the guest out of its hands; with what to say instead. */
const RESERVED: Readonly<Record<string, string>> = {
  kernel: 'the kernel is what is tested: --kernel',
  initrd: 'the guest is made from the suite: --test, --suite',
  append: 'use --append',
  m: 'use --memory',
  smp: 'use --smp',
  accel: 'use --accel',
  'enable-kvm': 'use --accel kvm',
  machine: 'respin boots microvm',
  M: 'respin boots microvm',
  cpu: 'tests must see the same CPU on every host',
  serial: 'both serial ports are respin\'s',
  nographic: 'both serial ports are respin\'s',
  sandbox: 'QEMU stays confined',
  display: 'there is no display',
  daemonize: 'QEMU must end with respin',
  S: 'the guest must start',
  s: 'nothing listens on the network',
  gdb: 'nothing listens on the network',
  monitor: 'respin shell has a monitor',
  qmp: 'nothing listens on the network',
  'no-shutdown': 'QEMU must end with the guest',
  'no-reboot': 'respin has it already',
  action: 'QEMU must end with the guest',
  snapshot: 'respin gives QEMU no disk',
  runas: 'QEMU stays confined',
  readconfig: 'name its options one by one',
  writeconfig: 'nothing is written',
  incoming: 'the guest must start',
  loadvm: 'the guest must start',
  pidfile: 'nothing is written',
};

/**
 * Checks what the user adds to QEMU's arguments.
 * @throws HarnessError `usage` `qemu.reserved`, `qemu.arg`
 */
export function checkQemuArgs(args: readonly string[]): readonly string[] {
  for (const arg of args) {
    if (arg === '' || arg.length > 1000 || /\p{Cc}/u.test(arg)) {
      throw usageError('qemu.arg', `--qemu-arg "${arg.slice(0, 80).replace(/\p{Cc}/gu, '?')}" is no argument for QEMU`, { hint: 'give each word by itself: --qemu-arg=-device --qemu-arg=virtio-rng-device' });
    }
    const option = /^--?([\w-]+)/.exec(arg)?.[1];
    const why = option !== undefined && Object.hasOwn(RESERVED, option) ? RESERVED[option] : undefined;
    if (why !== undefined) throw usageError('qemu.reserved', `--qemu-arg ${arg} cannot be given: ${why}`, { hint: 'devices and their backends can: --qemu-arg=-device --qemu-arg=virtio-rng-device' });
  }
  return args;
}
