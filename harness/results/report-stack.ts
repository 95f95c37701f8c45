import { dispatchedWork, hangingFunction, isHelper } from './helper-functions.js';
import { parseFrame, sourceName } from './trace-frames.js';

/** A step through the lines of a report, from where the last one ended, that collects functions; it may find none. */
export type Step =
  /** The group `fn` of the pattern. */
  | 'message'
  /** To the instruction pointer. */
  | 'ip'
  /** To the next call trace, and its frames. */
  | 'stack'
  /** The frames from here to the next call trace. */
  | 'rest'
  /** To the entry of the timer interrupt in which a stall was seen: what is after it was interrupted. */
  | 'interrupt'
  /** `at: function` of a lock. */
  | 'lock'
  /** The function in the line after `is trying to release lock`. */
  | 'release'
  /** The stack in which a lock got the use that is now contradicted. */
  | 'became'
  /** The stack that allocated the page. */
  | 'allocated'
  /** The function that a work queue ran last. */
  | 'last-function';

/** Ways through a report, the best first. */
export type Route = readonly Step[];

/** How a function is chosen from those that a route collected: see helper-functions.ts. */
export type Choice = 'first' | 'any' | 'dispatched' | 'hanging';

const CALL_TRACE = /Call [Tt]race|^\s*Backtrace:|(?:^\s*|[^k] )backtrace(?: \(crc [0-9a-f]+\))?:/;
/** Each kind of stack, by the line above it. `stack backtrace:` of lockdep and `at:` of its locks are none. */
const STACKS: readonly RegExp[] = [CALL_TRACE, /Allocated(?: by task \d+.{0,60})?:$/, /Freed(?: by task \d+.{0,60})?:$/, /Uninit was (?:stored to memory|created) at/, /Local variable .{0,100} created at/, /Last potentially related work/];
/** Before a stack without a line above it: riscv's registers. */
const STACK_START = new RegExp([...STACKS.map(({ source }) => source), 'status: [0-9a-f]{16} badaddr:'].join('|'));

const FUNCTION = String.raw`([A-Za-z_][\w$]*)[.+]`;
const ADDRESS = String.raw`(?:\[?<?[0-9a-f]{8,16}>?\]? +){0,2}`;
/**
 * `RIP: 0010:[<…>] [<…>] f+0x`, `IP: f+0x`, `EIP is at f+0x`, `NIP [c0…] f+0x`, `PC is at f+0x`, `pc : f+0x`, `epc : … f+0x`,
 * `Krnl PSW : … (f+0x`. Without a function where the address is none of the kernel's.
 */
const INSTRUCTION_POINTER = new RegExp(
  String.raw`(?:^|[^A-Za-z])(?:R?IP:? +(?:[0-9a-f]{4}:)?|EIP: (?:[0-9a-f]{4}:)?|EIP is at |NIP:? +|PC is at |pc ?: +|epc ?: +|Krnl PSW : [0-9a-f]+ [0-9a-f]+ \(|IP is at )(?:${ADDRESS}(?:\[<[0-9a-f]+>\] *)*${FUNCTION}|0x[0-9a-f]+|[\[< ]*\(null\))`,
);
const INTERRUPT_ENTRY = /apic_timer_interrupt|Exception stack|el1h_64_irq/;
const LOCK_AT = new RegExp(String.raw`\bat: ${ADDRESS}(?:\[<[0-9a-f]+>\] *)?${FUNCTION}`);
const PLACE = new RegExp(String.raw`^\s*${ADDRESS}(?:\[<[0-9a-f]+>\] *)?${FUNCTION}`);
const RELEASES = /is trying to release lock/;
const BECAME = /which became .{0,60} at:/;
const ALLOCATED = /page last allocated/;
/** As older kernels tell it, and newer ones (kernel/workqueue.c). */
const LAST_FUNCTION = /(?:last function: |workfn=)([A-Za-z_]\w*)/;
/** A stack of something that is done on purpose amid the one that is read. */
const STRANGER = /^\s*(?:\[<?[0-9a-f]+>?\] ?)?should_fail(?:slab)?(?:_ex)?[.+]/;

/** What is to be known of a report to say where its fault is. */
export interface ReportLines {
  readonly lines: readonly string[];
  /** From the first line. */
  readonly messageFunction: string | undefined;
}

/** The functions that a way through a report gave. */
interface Collected {
  readonly names: readonly string[];
  /** Frames of another report are among them. */
  readonly isMixed: boolean;
}

/** Walks a route; undefined where a step finds nothing to go to. */
function walk(route: Route, report: ReportLines, withGuesses: boolean): Collected | undefined {
  const { lines } = report;
  const names: string[] = [];
  let at = 0;
  let isMixed = false;
  const find = (pattern: RegExp): RegExpExecArray | undefined => {
    for (; at < lines.length; at += 1) {
      const match = pattern.exec(lines[at] ?? '');
      if (match) {
        at += 1;
        return match;
      }
    }
    return undefined;
  };
  const takeFrames = (): void => {
    for (; at < lines.length; at += 1) {
      const line = lines[at] ?? '';
      if (STRANGER.test(line)) isMixed = true;
      if (STACK_START.test(line)) break;
      const frame = parseFrame(line);
      if (!frame || (frame.isGuess && !withGuesses)) continue;
      names.push(frame.name);
      if (frame.caller !== undefined) names.push(frame.caller);
    }
  };
  for (const step of route) {
    switch (step) {
      case 'message':
        if (report.messageFunction === undefined) return undefined;
        names.push(report.messageFunction);
        break;
      case 'ip': {
        const match = find(INSTRUCTION_POINTER);
        if (!match) return undefined;
        if (match[1] !== undefined) names.push(sourceName(match[1]));
        break;
      }
      case 'stack':
        if (!find(CALL_TRACE)) return undefined;
        takeFrames();
        break;
      case 'rest':
        takeFrames();
        break;
      case 'interrupt':
        if (!find(INTERRUPT_ENTRY)) return undefined;
        break;
      case 'lock':
      case 'last-function': {
        const match = find(step === 'lock' ? LOCK_AT : LAST_FUNCTION);
        if (!match) return undefined;
        names.push(sourceName(match[1] ?? ''));
        break;
      }
      case 'release': {
        if (!find(RELEASES)) return undefined;
        const match = find(PLACE);
        if (match) names.push(sourceName(match[1] ?? ''));
        break;
      }
      case 'became':
      case 'allocated':
        if (!find(step === 'became' ? BECAME : ALLOCATED)) return undefined;
        takeFrames();
        break;
    }
  }
  return { names, isMixed };
}

function choose(choice: Choice, names: readonly string[], alsoHelpers: RegExp | undefined): string | undefined {
  if (choice === 'any') return names[0];
  const candidates = names.filter((name) => !isHelper(name) && alsoHelpers?.test(name) !== true);
  switch (choice) {
    case 'dispatched':
      return dispatchedWork(candidates);
    case 'hanging':
      return hangingFunction(candidates);
    case 'first':
      return candidates[0];
  }
}

/** Where a fault is, and how sure that is. */
export interface Attribution {
  readonly function: string | undefined;
  /** It was taken from frames that the unwinder could not vouch for, by a way that is not the best, or amid another's frames. */
  readonly isUnsure: boolean;
}

/**
 * The function that a report blames: along the first of its routes that gives one.
 * @param alsoHelpers functions that are no culprits for this kind of report
 */
export function attribute(report: ReportLines, routes: readonly Route[], choice: Choice, alsoHelpers: RegExp | undefined): Attribution {
  if (routes.length === 0) return { function: undefined, isUnsure: false };
  let isMixed = false;
  for (const route of routes) {
    const collected = walk(route, report, false);
    const name = collected && choose(choice, collected.names, alsoHelpers);
    isMixed ||= collected?.isMixed === true;
    if (name !== undefined) return { function: name, isUnsure: isMixed };
  }
  if (report.messageFunction !== undefined && routes.some((route) => route.includes('message'))) return { function: report.messageFunction, isUnsure: true };
  for (const route of [...routes, ['stack'], ['rest']] satisfies readonly Route[]) {
    const collected = walk(route, report, true);
    // Any function will do where the kernel says which, not where it does not.
    const name = collected && ((choice === 'any' ? undefined : choose(choice, collected.names, alsoHelpers)) ?? choose('first', collected.names, alsoHelpers));
    if (name !== undefined) return { function: name, isUnsure: true };
  }
  return { function: undefined, isUnsure: true };
}

/** After so many lines without a frame a stack has none. */
const FRAMES_WITHIN = 15;

/** Whether the first stack of each kind that a report announces has a frame, and there is one at all. */
export function hasWholeStacks(lines: readonly string[]): boolean {
  const starts = STACKS.map((kind) => lines.findIndex((line) => kind.test(line))).filter((index) => index >= 0);
  const hasFrame = (start: number): boolean => {
    for (let at = start + 1, looked = 0; at < lines.length && looked < FRAMES_WITHIN; at += 1) {
      const line = lines[at] ?? '';
      const frame = parseFrame(line);
      if (frame?.isGuess === true) continue;
      if (frame || line.includes('stack is not available')) return true;
      if (STACK_START.test(line)) return false;
      looked += 1;
    }
    return false;
  };
  return starts.length > 0 && starts.every(hasFrame);
}
