import { usageError } from '../errors.js';

const UNITS: Readonly<Record<string, number>> = { M: 1, G: 1024 };
/** A kernel with its initramfs does not start in less. */
const LEAST_MIB = 64;
const MOST_MIB = 1024 * 1024;
const MOST_CPUS = 64;

/**
 * MiB of `512M`, `2G`, or `512`, which is MiB too.
 * @throws HarnessError `usage` `memory.invalid`
 */
export function parseMemory(text: string): number {
  const match = /^(\d{1,7})(?:([MG])(?:i?B)?)?$/i.exec(text.trim());
  const mib = match ? Number(match[1]) * (UNITS[(match[2] ?? 'M').toUpperCase()] ?? 0) : 0;
  if (mib >= LEAST_MIB && mib <= MOST_MIB) return mib;
  throw usageError('memory.invalid', `"${text.slice(0, 80)}" is no memory size for a guest: expected from ${LEAST_MIB}M to ${MOST_MIB / 1024}G`, {
    hint: 'write it like 512M or 2G',
  });
}

/**
 * A number of CPUs.
 * @throws HarnessError `usage` `cpus.invalid`
 */
export function parseCpus(text: string): number {
  const cpus = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  if (cpus >= 1 && cpus <= MOST_CPUS) return cpus;
  throw usageError('cpus.invalid', `"${text.slice(0, 80)}" is no number of CPUs for a guest: expected from 1 to ${MOST_CPUS}`, { hint: 'write it like 4' });
}
