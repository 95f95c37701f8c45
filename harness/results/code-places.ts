import { parseFrame } from './trace-frames.js';

/** A place in the code of the kernel as a report tells it: `semundo_show+0x40/0x1b0`. Numbers are bytes. */
export interface CodePlace {
  /** As it is linked, with what the compiler appended. */
  readonly symbol: string;
  /** Of a byte of the instruction that is meant. */
  readonly offset: number;
  /** To the next symbol, as kallsyms tells it. */
  readonly size: number;
}

/** A code place, and the line of the report that names it (index from 0). */
export interface PlacedLine {
  readonly index: number;
  readonly place: CodePlace;
}

// From the beginning of a word alone: a line of one long word must not be tried at each of its letters.
const PLACE = /(?<![\w$.])([A-Za-z_$][\w$.]{0,200})\+0x([0-9a-f]{1,8})\/0x([0-9a-f]{1,8})/;

/**
 * The code places that the lines of a report name, without those that the unwinder does not vouch for. The instruction pointer is
 * the instruction that failed; every other one is where a call returns to, and the call is the instruction before.
 */
export function codePlaces(lines: readonly string[]): readonly PlacedLine[] {
  return lines.flatMap((line, index): readonly PlacedLine[] => {
    const [, symbol, offset = '', size = ''] = PLACE.exec(line) ?? [];
    const isExact = line.startsWith('RIP: ');
    if (symbol === undefined || (!isExact && parseFrame(line)?.isGuess !== false)) return [];
    const at = parseInt(offset, 16) - (isExact ? 0 : 1);
    return at < 0 || at >= parseInt(size, 16) ? [] : [{ index, place: { symbol, offset: at, size: parseInt(size, 16) } }];
  });
}
