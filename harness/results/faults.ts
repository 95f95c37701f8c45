import type { Finding } from '../model.js';
import { cleanLine, type ConsoleLine } from './console-lines.js';
import { faultPatterns, STARTS, type FaultPattern, type Place } from './fault-patterns.js';
import { dispatchedWork, isCarrier, parseFrame, sourceName } from './trace-frames.js';

/** A report is no longer than this; kernels print a page or two. */
const MAX_LINES = 250;
/** How many lines of a report a finding keeps. */
const KEPT_LINES = 120;
const MAX_FINDINGS = 200;
/** A panic or an oops in so many lines after a report began is a part of it. */
const FOLLOW_UP_LINES = 150;

/** Ends that other reports bring about: where there was one, they say nothing new. */
const CONSEQUENCE = /not syncing: (?:Fatal (?:hardware )?exception|(?:kernel: )?panic_on_(?:warn|oops)|.*panic_on_warn set|hung_task: blocked|softlockup: hung|Attempted to kill|kasan\.fault|KASAN: panic|RCU Stall|Hard LOCKUP)/;
const REPORT_END = /^---\[ end (?:trace|Kernel panic)|^Rebooting in \d+ seconds|^Dumping ftrace buffer/;
const KERNEL_START = /^Linux version \d+\.\d+/;
/** What comes before a kernel: where there were words of one already, it is the next. */
const FIRMWARE_START = /^SeaBIOS \(version|^early console in extract_kernel/;

const INSTRUCTION_POINTER =
  /^(?:RIP: [0-9a-f]{4}:|RIP:? +|EIP: (?:[0-9a-f]{4}:)?|EIP is at |IP: |PC is at |pc : |NIP |epc : )(?:\[<[0-9a-f]+>\] *)*(?:\[<[0-9a-f]+>\] *)?([A-Za-z_][\w.$]*)\+0x/;
const TRACE_START = /^\s*(?:Call [Tt]race:|Backtrace:|backtrace(?: \(.*\))?:|stack backtrace:|Stack:|kmemleak: +backtrace)/;
const LOCK_AT = /, at: (?:\[<[0-9a-f]+>\] *)?([A-Za-z_][\w.$]*)\+0x/;
/** In a report of lockdep, what comes before it are stacks of the past. */
const LOCKDEP_STACK = 'stack backtrace:';
/** Another stack, of something in the past: not where the fault is. */
const OTHER_STACK = /^\s*(?:Allocated by|Freed by|Last potentially related|Second to last|The buggy address|Uninit was|Showing all locks|which lock already depends|the existing dependency chain|other info that might help)/;

interface OpenReport {
  readonly pattern: FaultPattern;
  readonly match: RegExpExecArray;
  readonly first: number;
  readonly caller: string | undefined;
  readonly lines: ConsoleLine[];
  isEnded: boolean;
}

interface Trace {
  readonly frames: readonly string[];
}

/** The stacks of a report, in order; frames without address between two other lines belong to none. */
function tracesOf(all: readonly ConsoleLine[]): readonly Trace[] {
  const lines = all.slice(all.findIndex(({ text }) => text.startsWith(LOCKDEP_STACK)) + 1);
  const traces: { sure: string[]; guessed: string[] }[] = [];
  let open: { sure: string[]; guessed: string[] } | undefined;
  let isOther = false;
  for (const { text } of lines) {
    if (OTHER_STACK.test(text)) isOther = true;
    if (TRACE_START.test(text)) {
      open = { sure: [], guessed: [] };
      traces.push(open);
      isOther = false;
      continue;
    }
    const frame = isOther ? undefined : parseFrame(text.replace(/^kmemleak:/, ''));
    if (!frame) continue;
    if (!open) {
      open = { sure: [], guessed: [] };
      traces.push(open);
    }
    (frame.isGuess ? open.guessed : open.sure).push(frame.name);
  }
  return traces.map(({ sure, guessed }) => ({ frames: sure.length > 0 ? sure : guessed }));
}

function firstCulprit(names: readonly string[]): string | undefined {
  return names.find((name) => !isCarrier(name));
}

function findInLines(lines: readonly ConsoleLine[], pattern: RegExp): string | undefined {
  for (const { text } of lines) {
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) return sourceName(name);
  }
  return undefined;
}

function functionAt(place: Place, report: OpenReport, traces: () => readonly Trace[]): string | undefined {
  switch (place) {
    case 'message': {
      const name = report.match.groups?.['fn'];
      return name === undefined ? undefined : name.split(' / ').map(sourceName).join(' / ');
    }
    case 'ip':
      return findInLines(report.lines, INSTRUCTION_POINTER);
    case 'lock':
      return findInLines(report.lines, LOCK_AT);
    case 'work':
      return traces()
        .map(({ frames }) => dispatchedWork(frames))
        .find((name) => name !== undefined);
    case 'trace': {
      for (const { frames } of traces()) {
        const name = firstCulprit(frames);
        if (name !== undefined) return name;
      }
      return undefined;
    }
  }
}

function attribute(report: OpenReport): string | undefined {
  let known: readonly Trace[] | undefined;
  const traces = (): readonly Trace[] => (known ??= tracesOf(report.lines));
  for (const place of report.pattern.places) {
    const name = functionAt(place, report, traces);
    if (name !== undefined && !isCarrier(name)) return name;
  }
  return undefined;
}

function accessOf(lines: readonly ConsoleLine[]): string {
  for (const { text } of lines) {
    const match = /^(Read|Write) (?:of size|at addr)/.exec(text);
    if (match?.[1]) return match[1];
  }
  return '';
}

function titleOf(report: OpenReport, name: string | undefined): string {
  const title = report.pattern.title
    .replace(/\$(\d)/g, (_, group: string) => report.match[Number(group)] ?? '')
    .replace('%access', () => accessOf(report.lines))
    .trim();
  return name === undefined ? title : `${title} in ${name}`;
}

/** What is the same for the same fault: no addresses, numbers, or names of processes with numbers in them. */
function normalise(text: string): string {
  return text
    .replace(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b/gi, 'ADDR')
    .replace(/\d+/g, 'N')
    .slice(0, 200);
}

function close(report: OpenReport): Finding {
  const name = attribute(report);
  const title = titleOf(report, name);
  const { class: kind } = report.pattern;
  return {
    class: kind,
    title,
    function: name,
    fingerprint: name === undefined ? `${kind}: ${normalise(title)}` : `${kind}: ${normalise(report.pattern.title)} in ${name}`,
    lines: report.lines.slice(0, KEPT_LINES).map(({ text }) => text),
    line: report.first,
  };
}

function matchStart(text: string): { readonly pattern: FaultPattern; readonly match: RegExpExecArray } | undefined {
  for (const candidate of faultPatterns) {
    const match = candidate.start.exec(text);
    if (match) return { pattern: candidate, match };
  }
  return undefined;
}

/**
 * What the kernel said on its console about faults of its own, each kind once, in order.
 *
 * Takes any text: no time stamps, callers (`[ T12]`), controls, cut lines, lines of two CPUs mixed by the line. Linear in
 * the length of the text.
 * @param console the raw text of ttyS0
 */
export function findFaults(console: string): readonly Finding[] {
  const findings = new Map<string, Finding>();
  let open: OpenReport | undefined;
  let hasReport = false;
  let hasKernelSpoken = false;

  const add = (finding: Finding): void => {
    if (!findings.has(finding.fingerprint) && findings.size < MAX_FINDINGS) findings.set(finding.fingerprint, finding);
  };
  const closeOpen = (): void => {
    if (open) add(close(open));
    open = undefined;
  };
  const isPartOf = (report: OpenReport, start: FaultPattern, text: string): boolean =>
    (start.isFollowUp === true && report.lines.length < FOLLOW_UP_LINES && !(report.isEnded && start.class !== 'panic')) ||
    (report.pattern.class === 'list' && (start.class === 'bug' || start.class === 'list') && report.lines.length < 5) ||
    (report.pattern.class === 'usercopy' && start.class === 'bug' && report.lines.length < 10) ||
    CONSEQUENCE.test(text);

  let number = 0;
  for (let from = 0; from < console.length; ) {
    const newline = console.indexOf('\n', from);
    const end = newline < 0 ? console.length : newline;
    const line = cleanLine(console.slice(from, Math.min(end, from + 4096)));
    from = end + 1;
    number += 1;

    if (KERNEL_START.test(line.text) || (hasKernelSpoken && FIRMWARE_START.test(line.text))) {
      if (hasKernelSpoken) {
        closeOpen();
        add({ class: 'reboot', title: 'unexpected reboot', function: undefined, fingerprint: 'reboot', lines: [line.text], line: number });
      }
    }
    hasKernelSpoken ||= line.isPrintk;
    const start = STARTS.test(line.text) ? matchStart(line.text) : undefined;
    if (start && !(open && isPartOf(open, start.pattern, line.text)) && !(hasReport && CONSEQUENCE.test(line.text))) {
      closeOpen();
      hasReport = true;
      open = { ...start, first: number, caller: line.caller, lines: [line], isEnded: false };
      continue;
    }
    if (!open) continue;
    if (line.caller === undefined || open.caller === undefined || line.caller === open.caller) open.lines.push(line);
    if (REPORT_END.test(line.text)) open.isEnded = true;
    if (open.lines.length >= MAX_LINES) closeOpen();
  }
  closeOpen();
  return [...findings.values()].sort((left, right) => left.line - right.line);
}
