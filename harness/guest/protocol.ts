import { crc32 } from 'node:zlib';
import type { ProgramRun } from '../model.js';

/**
 * The result stream: what rootfs/guest/runner.c writes on ttyS1. One frame is one line:
 *
 *     respin1 NONCE SEQ TYPE LENGTH PAYLOAD CRC
 *
 * NONCE is of this boot, given to the runner on ttyS1 after it wrote `respin1 ready` (perhaps several times); SEQ counts
 * from 0 without a gap; LENGTH is that of PAYLOAD in bytes; CRC is the CRC-32 (ITU-T V.42, as in gzip) of everything
 * before the blank in front of it, in eight hexadecimal digits. All bytes are printable ASCII.
 *
 * | type    | payload | |
 * |---------|---------|-|
 * | `hello` | `RELEASE CPUS` | first: kernel release, CPUs on line |
 * | `begin` | `NAME LIMIT` | a program starts; its time limit in ms |
 * | `out`   | escaped bytes | its output; `\n`, `\\` and `\xHH` stand for newline, backslash and other bytes |
 * | `tick`  | `UPTIME` | nothing new, but the runner is alive |
 * | `end`   | `KIND VALUE MS FLAG…` | KIND `exit`, `signal`, `timeout`; FLAG `truncated`, `unkillable` |
 * | `last`  | `COUNT` | how many programs there were |
 */
export const READY_LINE = 'respin1 ready';

/** The runner's frames stay below this: 4 bytes for each of 1024, and the fields around them. */
const MAX_LINE_BYTES = 8192;
const TOO_LONG = `a line of more than ${String(MAX_LINE_BYTES)} bytes`;

export interface ResultState {
  /** What the guest says it is; undefined until its first frame. */
  readonly guest: { readonly release: string; readonly cpus: number } | undefined;
  /** Those that began, in order; one that has not ended is `cut`. */
  readonly programs: readonly ProgramRun[];
  /** The last frame came, everything before it was in order, and nothing came after it. */
  readonly complete: boolean;
  /** The first rule that was broken; nothing after it counts. */
  readonly corrupt: string | undefined;
}

/** What a piece of the stream brought. */
export type ResultEvent =
  /** The runner asks for the nonce. */
  | { readonly type: 'ready' }
  | { readonly type: 'hello' }
  | { readonly type: 'begin'; readonly program: string }
  | { readonly type: 'last' }
  | { readonly type: 'corrupt' };

export interface ResultStream {
  /** Takes the next bytes of ttyS1, cut anywhere. */
  readonly feed: (bytes: Uint8Array) => readonly ResultEvent[];
  readonly state: () => ResultState;
}

interface Frame {
  readonly sequence: number;
  readonly type: string;
  readonly payload: string;
}

/** Thrown inside this file alone: a rule of the stream is broken. */
class Broken extends Error {}

/** Printable form of hostile text, cut short, for a message. */
function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

const FRAME = /^respin1 (\S+) (0|[1-9]\d{0,9}) ([a-z]+) (0|[1-9]\d{0,4}) (.*) ([0-9a-f]{8})$/s;

function parseFrame(line: string, nonce: string): Frame {
  const match = FRAME.exec(line);
  const [, lineNonce = '', sequence = '', type = '', length = '', payload = '', crc = ''] = match ?? [];
  if (!match) throw new Broken(`not a frame: ${shown(line)}`);
  if (lineNonce !== nonce) throw new Broken(`a frame with another nonce: ${shown(line)}`);
  if (payload.length !== Number(length)) {
    throw new Broken(`frame ${sequence} says ${length} bytes and has ${String(payload.length)}`);
  }
  const covered = line.slice(0, line.length - crc.length - 1);
  if (crc32(Buffer.from(covered, 'latin1')) !== Number.parseInt(crc, 16)) {
    throw new Broken(`frame ${sequence} has a wrong CRC`);
  }
  return { sequence: Number(sequence), type, payload };
}

/** @throws Broken for an escape that the runner does not write */
function unescapeBytes(payload: string): Buffer {
  const text = payload.replace(/\\(?:(n)|(\\)|x([0-9a-f]{2})|)/g, (whole, newline, backslash, hex: string | undefined) => {
    if (newline !== undefined) return '\n';
    if (backslash !== undefined) return '\\';
    if (hex === undefined) throw new Broken(`an unknown escape in ${shown(whole)}`);
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  return Buffer.from(text, 'latin1');
}

function linesOf(chunks: readonly Buffer[]): readonly string[] {
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

interface OpenProgram {
  readonly name: string;
  readonly chunks: Buffer[];
}

function numberField(payload: string, field: string | undefined): number {
  if (field === undefined || !/^\d{1,15}$/.test(field)) throw new Broken(`a number was expected in ${shown(payload)}`);
  return Number(field);
}

function parseEnd(payload: string): Pick<ProgramRun, 'end' | 'truncated' | 'unkillable' | 'ms'> {
  const [kind, value, ms, ...flags] = payload.split(' ');
  const number = numberField(payload, value);
  const rest = {
    truncated: flags.includes('truncated'),
    unkillable: flags.includes('unkillable'),
    ms: numberField(payload, ms),
  };
  switch (kind) {
    case 'exit':
      return { end: { kind, code: number }, ...rest };
    case 'signal':
      return { end: { kind, signal: number }, ...rest };
    case 'timeout':
      return { end: { kind }, ...rest };
    default:
      throw new Broken(`an unknown end of a program: ${shown(payload)}`);
  }
}

/**
 * Decodes the result stream of one boot. A result counts only in whole frames with the nonce of this boot; whatever
 * breaks a rule makes the stream corrupt for good, and leaves what was decoded before it.
 * @param hasPrograms whether the guest was given any program; one that ran none of them is not believed
 */
export function createResultStream(nonce: string, hasPrograms = true): ResultStream {
  let buffered: Buffer = Buffer.alloc(0);
  let sequence = 0;
  let guest: ResultState['guest'];
  let open: OpenProgram | undefined;
  const ended: ProgramRun[] = [];
  let last = false;
  let corrupt: string | undefined;
  let events: ResultEvent[] = [];

  const handlers: Readonly<Record<string, (payload: string) => void>> = {
    hello: (payload) => {
      const [release = '', cpus] = payload.split(' ');
      if (guest) throw new Broken('a second hello');
      guest = { release, cpus: numberField(payload, cpus) };
      events.push({ type: 'hello' });
    },
    begin: (payload) => {
      const [name = '', limit] = payload.split(' ');
      numberField(payload, limit);
      if (open) throw new Broken(`${shown(name)} begins while ${shown(open.name)} has not ended`);
      if (ended.some((program) => program.name === name)) throw new Broken(`${shown(name)} begins twice`);
      open = { name, chunks: [] };
      events.push({ type: 'begin', program: name });
    },
    out: (payload) => {
      if (!open) throw new Broken('output while no program runs');
      open.chunks.push(unescapeBytes(payload));
    },
    tick: () => undefined,
    end: (payload) => {
      if (!open) throw new Broken('an end while no program runs');
      ended.push({ name: open.name, output: linesOf(open.chunks), ...parseEnd(payload) });
      open = undefined;
    },
    last: (payload) => {
      const count = numberField(payload, payload);
      if (open) throw new Broken(`the last frame came while ${shown(open.name)} had not ended`);
      if (count !== ended.length) {
        throw new Broken(`the last frame says ${String(count)} programs, and there were ${String(ended.length)}`);
      }
      if (count === 0 && hasPrograms) throw new Broken('no program was run');
      last = true;
      events.push({ type: 'last' });
    },
  };

  const takeLine = (line: string): void => {
    if (!guest && line === READY_LINE) {
      events.push({ type: 'ready' });
      return;
    }
    if (last) throw new Broken(`more after the last frame: ${shown(line)}`);
    const frame = parseFrame(line, nonce);
    if (frame.sequence !== sequence) {
      throw new Broken(`frame ${String(frame.sequence)} came where ${String(sequence)} was due`);
    }
    if (!guest && frame.type !== 'hello') throw new Broken(`the first frame is ${frame.type}, not hello`);
    const handle = Object.hasOwn(handlers, frame.type) ? handlers[frame.type] : undefined;
    if (!handle) throw new Broken(`an unknown frame: ${shown(frame.type)}`);
    handle(frame.payload);
    sequence += 1;
  };

  const takeAll = (): void => {
    let from = 0;
    for (let at = buffered.indexOf(10); at >= 0; at = buffered.indexOf(10, from)) {
      if (at - from > MAX_LINE_BYTES) throw new Broken(TOO_LONG);
      takeLine(buffered.toString('latin1', from, at));
      from = at + 1;
    }
    buffered = buffered.subarray(from);
    if (buffered.length > MAX_LINE_BYTES) throw new Broken(TOO_LONG);
  };

  return {
    feed: (bytes) => {
      if (corrupt !== undefined) return [];
      buffered = buffered.length === 0 ? Buffer.from(bytes) : Buffer.concat([buffered, bytes]);
      try {
        takeAll();
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        corrupt = error.message;
        buffered = Buffer.alloc(0);
        events.push({ type: 'corrupt' });
      }
      const news = events;
      events = [];
      return news;
    },
    state: () => {
      const cut: readonly ProgramRun[] = open
        ? [{ name: open.name, end: { kind: 'cut' }, output: linesOf(open.chunks), truncated: false, unkillable: false, ms: 0 }]
        : [];
      return {
        guest,
        programs: [...ended, ...cut],
        complete: last && corrupt === undefined && buffered.length === 0,
        corrupt,
      };
    },
  };
}
