import { usageError } from '../errors.js';

/**
 * Parameters that respin itself sets, or that would take the guest's first program or its consoles away
 * (Documentation/admin-guide/kernel-parameters.txt).
 */
const RESERVED: ReadonlySet<string> = new Set([
  ...['console', 'earlycon', 'earlyprintk', 'keep_bootcon', 'init', 'rdinit', 'root', 'initrd', 'noinitrd', 'retain_initrd'],
  ...['panic', 'reboot', 'quiet', 'loglevel', 'ignore_loglevel', 'printk.devkmsg', 'tsc', 'tsc_early_khz', 'acpi', '--'],
]);
/** Of COMMAND_LINE_SIZE (2048 on x86), what is left beside respin's own words. */
const MOST_CHARACTERS = 1500;

/**
 * The words of an addition to the kernel command line. A part in double quotes is one word with them, as the kernel has it.
 * @throws HarnessError `usage` `append.reserved` for a parameter that is respin's own, `append.invalid`
 */
export function parseCommandLine(text: string): readonly string[] {
  const quotes = text.split('"').length - 1;
  if (text.length > MOST_CHARACTERS || quotes % 2 !== 0 || !/^[\x20-\x7e\t]*$/.test(text)) {
    throw usageError('append.invalid', `"${text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?')}" cannot be added to the kernel command line`, {
      hint: `expected up to ${MOST_CHARACTERS} printable ASCII characters with paired quotes, such as "slub_debug=FZP nokaslr"`,
    });
  }
  const words = text.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  for (const word of words) {
    const [name = ''] = word.replaceAll('"', '').split('=');
    const canonical = name.replaceAll('-', '_');
    if (!RESERVED.has(name) && !RESERVED.has(canonical) && !/^respin(?:[._]|$)/.test(canonical)) continue;
    throw usageError('append.reserved', `"${word}" cannot be added to the kernel command line: respin sets ${name} itself`, {
      hint: name === 'loglevel' || name === 'quiet' ? 'the console must show every report of the kernel' : 'results come from the guest that respin boots; leave this one out',
    });
  }
  return words;
}
