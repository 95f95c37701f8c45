/** An address in brackets, of one form or another, perhaps two of them (powerpc). */
const ADDRESS = String.raw`(?:\[<?(?:0x)?[0-9a-f]+>?\] ?){0,2}`;
/** `name+0x1f/0x280`, behind blanks (behind a tab are the stacks of SLUB's objects), perhaps behind an address, a number (`7:`), a blank and a question mark; s390 has it in parentheses. */
const FRAME = new RegExp(String.raw`^ *\(?${ADDRESS} *(?:\d+:)?(\? +)?([A-Za-z_$][\w$]*(?:\.[\w$.]+)?)\+0x[0-9a-f]+\/0x[0-9a-f]+\)?(.*)`);
/** 32-bit ARM: `[<c010>] (name) from [<c020>] (caller+0x1/0x2)`, ` name from caller+0x1/0x2`. */
const ARM_FRAME = new RegExp(String.raw`^\s*${ADDRESS}\(?([A-Za-z_$][\w$]*)(?:\.[\w$.]+)?\)? from ${ADDRESS}\(?([A-Za-z_$][\w$]*)`);
/** A frame of Rust code: `<crate::Type as Trait>::method+0x1/0x2`. */
const RUST_FRAME = /^\s*(<[^+]{1,150}>::[^+\s]{1,150}|[A-Za-z_]\w*(?:::[^+\s]{1,200}))\+0x[0-9a-f]+\/0x[0-9a-f]+/;
const MAYBE_FRAME = /\+0x| from /;

/** A function in a call trace. */
export interface TraceFrame {
  readonly name: string;
  /** The unwinder could not vouch for it (`?`). */
  readonly isGuess: boolean;
  /** Who called it, where the line says so (32-bit ARM). */
  readonly caller?: string | undefined;
}

/** What the wrappers of a system call put in front of its name, by architecture and age. */
const SYSCALL = /^(?:__(?:x64|ia32|x32|arm64|riscv|s390x?|powerpc|loongarch|mips)_(?:compat_)?sys_|__(?:se|do|ia32)_(?:compat_)?sys_|SyS_|SYSC_|C_SYSC_|compat_SYSC_|compat_SyS_|ksys_|_{2,4}sys_)(?=[a-z])/;

/**
 * A function's name as it is in the sources, the same on every architecture: without what the compiler appended
 * (`.isra.0`, `.constprop.5`, `.part.1`, `.cold`, `.llvm.123`), and a system call as `sys_NAME`.
 */
export function sourceName(symbol: string): string {
  return symbol.replace(/^([\w$]+)\..*$/, '$1').replace(SYSCALL, 'sys_');
}

/**
 * The frame that a line of a call trace holds; undefined for another line. A function that was inlined is none: whether it
 * is told depends on who symbolised the log.
 */
export function parseFrame(text: string): TraceFrame | undefined {
  if (!MAYBE_FRAME.test(text)) return undefined;
  const match = FRAME.exec(text);
  if (match?.[2] !== undefined) {
    const isGuess = (match[1] !== undefined && !text.includes('<EOI>')) || match[3]?.endsWith('(unreliable)') === true;
    return { name: sourceName(match[2]), isGuess };
  }
  const other = ARM_FRAME.exec(text) ?? RUST_FRAME.exec(text);
  if (other?.[1] === undefined) return undefined;
  return { name: sourceName(other[1]), isGuess: false, caller: other[2] === undefined ? undefined : sourceName(other[2]) };
}
