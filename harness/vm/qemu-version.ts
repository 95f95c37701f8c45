import type { Architecture } from '../arch/architecture.js';
import { hostError } from '../errors.js';

/**
 * The first that knows all that QEMU is told: `hpet=off` of q35 is of 6.0, `acpi=off` of microvm of 5.2, microvm itself of 4.2
 * (QEMU's change logs). Tests run with 7.2.
 */
export const LEAST_QEMU = '6.0';

function parts(version: string): readonly number[] {
  return version.split('.').map(Number);
}

/**
 * @param words the first line of `qemu --version`; one that names no version is left to be tried
 * @throws HarnessError `host` `qemu.too-old`
 */
export function refuseOldQemu(words: string | undefined, arch: Pick<Architecture, 'qemu' | 'qemuPackage'>): void {
  const version = /\bversion (\d+\.\d+(?:\.\d+)*)/.exec(words ?? '')?.[1];
  if (version === undefined) return;
  const [[major = 0, minor = 0], [leastMajor = 0, leastMinor = 0]] = [parts(version), parts(LEAST_QEMU)];
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw hostError('qemu.too-old', `${arch.qemu} is version ${version}, and respin needs ${LEAST_QEMU} or later`, {
    hint: `apt-get install ${arch.qemuPackage} from a newer release of the distribution, or put a newer ${arch.qemu} first in PATH`,
  });
}
