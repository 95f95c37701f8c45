import { usageError } from '../errors.js';

/** `CONFIG_FOO=y`, `CONFIG_FOO=n`, `CONFIG_FOO="text"`: what is no path. */
export function isInlineConfig(text: string): boolean {
  return /^CONFIG_\w+=/.test(text);
}

const LINE = /^(?:CONFIG_[A-Z0-9_a-z]+=(?:[ymn]|-?\d{1,20}|0x[0-9a-fA-F]{1,16}|"[^"\n]*")|# CONFIG_\w+ is not set|#.*|)$/;

/** What respin's guest cannot do without; anything else of a configuration is the user's. */
const NEEDED: readonly string[] = [
  ...['64BIT', 'PVH', 'HYPERVISOR_GUEST', 'PRINTK', 'TTY', 'SERIAL_8250', 'SERIAL_8250_CONSOLE', 'BLK_DEV_INITRD', 'BINFMT_ELF', 'PROC_FS', 'TMPFS', 'DEVTMPFS'],
].map((name) => `CONFIG_${name}`);

/**
 * A fragment of a configuration, checked line by line. `=n` becomes the form that Kconfig writes; a module is built in,
 * because respin builds none.
 * @param name for messages
 * @throws HarnessError `usage` `config.fragment` with the line
 */
export function checkFragment(name: string, text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  const checked = lines.map((line, index) => {
    if (!LINE.test(line)) {
      throw usageError('config.fragment', `${name}: line ${index + 1}, "${line.slice(0, 80).replace(/[^\x20-\x7e]/g, '?')}", is no line of a configuration`, {
        hint: 'write CONFIG_FOO=y, CONFIG_FOO=n, CONFIG_FOO="text", CONFIG_FOO=8 or # CONFIG_FOO is not set',
      });
    }
    const off = /^(CONFIG_\w+)=n$/.exec(line)?.[1] ?? /^# (CONFIG_\w+) is not set$/.exec(line)?.[1];
    if (off !== undefined && NEEDED.includes(off)) {
      throw usageError('config.needed', `${name}: ${off} cannot be switched off: respin's guest needs it to boot and to report`, { hint: `without it no test can run; leave ${off} out` });
    }
    return off === undefined ? line.replace(/=m$/, '=y') : `# ${off} is not set`;
  });
  return checked.join('\n');
}
