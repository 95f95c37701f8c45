/** A machine type of QEMU that respin knows how to boot. */
export type MachineName = 'microvm' | 'q35';

/** What differs between architectures: one data file for each, and one line in `table.ts`. */
export interface Architecture {
  readonly name: string;
  /** `ARCH=` of the kernel's make. */
  readonly kernelArch: string;
  /** The Kconfig fragment that every kernel of this architecture is built with: a path below the package. */
  readonly configFile: string;
  readonly qemu: string;
  /** Debian's package with that QEMU. */
  readonly qemuPackage: string;
  /** Value of `-machine`, by machine type. */
  readonly machines: Readonly<Record<MachineName, string>>;
  /** Value of `-cpu`, by accelerator. */
  readonly cpu: Readonly<Record<'kvm' | 'tcg', string>>;
  /** A serial port as a QEMU device; its first two become ttyS0 and ttyS1. */
  readonly serialDevice: string;
  /** The kernel command line that every boot has, without what depends on the host. */
  readonly append: readonly string[];
}
