const MARK = 'Kernel panic - not syncing';
/** A panic's own line is shorter; what follows is something else. */
const MAX_LINE = 300;

/** Watches a console that comes in pieces for the kernel's last words. */
export interface PanicWatch {
  /** @param piece the next bytes of the console as latin-1 text */
  readonly feed: (piece: string) => void;
  /** The line that tells of the panic, once it was seen. */
  readonly line: () => string | undefined;
}

export function createPanicWatch(): PanicWatch {
  let tail = '';
  let found: string | undefined;
  return {
    feed: (piece) => {
      if (found !== undefined && (found.includes('\n') || found.length >= MAX_LINE)) return;
      const text = (found ?? tail) + piece;
      const at = found === undefined ? text.indexOf(MARK) : 0;
      if (at >= 0) found = text.slice(at, at + MAX_LINE);
      else tail = text.slice(-MARK.length);
    },
    line: () => found?.split(/[\r\n]/, 1)[0],
  };
}
