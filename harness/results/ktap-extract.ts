/** A version line with whatever the kernel's log puts in front of it. */
const START = /K?TAP version \d{1,9}\s*$/;
/** What a kernel prints when its tests are over (KTAP_END in tools/testing/kunit/kunit_parser.py). */
const END = /^\s*(?:List of all partitions:|Kernel panic - not syncing: VFS:|reboot: System halted)/;

/**
 * The KTAP in a kernel's log, as tools/testing/kunit/kunit_parser.py finds it: from the first version line to the end of
 * the log, every line without as many characters as that line has in front of its `KTAP`. Undefined without a version line.
 */
export function extractKtap(lines: readonly string[]): readonly string[] | undefined {
  const start = lines.findIndex((line) => START.test(line));
  const first = lines[start];
  if (first === undefined) return undefined;
  const tap = first.indexOf('TAP version');
  const cut = first[tap - 1] === 'K' ? tap - 1 : tap;
  const rest = lines.slice(start);
  // Behind its prefix: searched from the end, a long line would be looked at once for each blank in it.
  const end = rest.findIndex((line) => END.test(line) || END.test(line.slice(cut)));
  return (end < 0 ? rest : rest.slice(0, end)).map((line) => line.slice(cut));
}
