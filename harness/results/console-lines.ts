/** A line of the kernel's console without what printk and terminals put around it. */
export interface ConsoleLine {
  readonly text: string;
  /** The task or CPU that printed it (`T123`, `C0`; CONFIG_PRINTK_CALLER); undefined where the kernel does not say. */
  readonly caller: string | undefined;
  /** It has printk's time stamp. */
  readonly isPrintk: boolean;
}

/** Nothing the kernel prints about itself is longer; what follows is not looked at. */
const MAX_LINE = 2000;

// The control sequences of ECMA-48 (CSI, and the two-byte escapes), and the other control characters but the tab.
const CONTROLS = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|[\x00-\x08\x0b-\x1f\x7f]/g;
const HAS_CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/;
/** `<6>`, `[   12.345678]`, `[ T123]`: each may be missing. */
const PREFIX = /^(?:<\d{1,3}>)?(?:\[ *\d+\.\d+\](?: ?\[ *([TC]\d+)\])? ?)?/;
/** What may come before: a prompt that printk writes after, and what printk says of lines that it lost. */
const BEFORE = /^(?:\*\* \d+ printk messages dropped \*\* ?)?(?:[^\[]{0,80} login: )?(?=(?:<\d{1,3}>)?\[ *\d+\.\d+\])/;

/** Of late kmemleak puts its name before each line of a report (pr_fmt of mm/kmemleak.c); the lines of its summary it always did. */
const KMEMLEAK = /^kmemleak: (?=unreferenced object | )/;

/** One line without controls and prefix. */
export function cleanLine(raw: string): ConsoleLine {
  const cut = raw.length > MAX_LINE ? raw.slice(0, MAX_LINE) : raw;
  const clean = HAS_CONTROL.test(cut) ? cut.replace(CONTROLS, '') : cut;
  const plain = clean.startsWith('[') || clean.startsWith('<') ? clean : clean.replace(BEFORE, '');
  const prefix = PREFIX.exec(plain);
  const length = prefix?.[0].length ?? 0;
  return { text: plain.slice(length).replace(KMEMLEAK, ''), caller: prefix?.[1], isPrintk: length > 0 };
}
