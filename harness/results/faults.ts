import type { Finding } from '../model.js';
import { cleanLine, type ConsoleLine } from './console-lines.js';
import { faultPatterns, HARMLESS, STARTS, type FaultPattern } from './fault-patterns.js';
import { attribute, hasWholeStacks } from './report-stack.js';
import { sourceName } from './trace-frames.js';

/** A report is no longer than this: the longest are of a stack that overflowed. */
const MAX_LINES = 2000;
/** How many lines of a report a finding keeps. */
const KEPT_LINES = 120;
const MAX_FINDINGS = 200;
/** So many tasks and CPUs can be amid a report at one time. */
const MAX_OPEN = 16;
/** A panic or an oops in so many lines after a report began is a part of it. */
const FOLLOW_UP_LINES = 250;
/** Where so many lines have neither a frame nor a stack, the report is over. */
const SILENT_LINES = 250;
/** A WARN or BUG so many lines after what announces it belongs to it. */
const ANNOUNCED_WITHIN = 10;
/** A report of so many lines has its own stack: what a panic prints after it is another. */
const OWN_LINES = 22;

/** Ends that other reports bring about: where there was one, they say nothing new. */
const CONSEQUENCE = /not syncing: (?:Fatal (?:hardware )?exception|(?:kernel: )?panic_on_(?:warn|oops)|.*panic_on_warn set|hung_task: blocked|softlockup: hung|Attempted to kill|kasan\.fault|KASAN: panic|kmsan\.panic|RCU Stall|Hard LOCKUP)/;
const PANIC = 'Kernel panic - not syncing';
const REPORT_END = /^---\[ end (?:trace|Kernel panic)|^Rebooting in \d+ seconds/;
/** Says only that lockdep stops; comes with most reports of others. */
const NO_LINE_OF_ITS_OWN = 'Disabling lock debugging due to kernel taint';
/** Stacks that are printed on purpose: in a log without callers, what follows is theirs. */
const OTHER_STACK = /FAULT_INJECTION: forcing a failure|vmalloc: allocation failure|FAULT_FLAG_ALLOW_RETRY missing/;
/** From here on CPUs print stacks for the report. */
const OTHER_CPUS = 'Sending NMI from CPU';
const STACK = /Call [Tt]race:|Backtrace:/;
const TIME_STAMP = /\[ *\d+\.\d{6}\]/;
/** What comes before a kernel: where there were words of one already, it is the next. */
const NEXT_START = /^(?:Linux version \d+\.\d+|SeaBIOS \(version|early console in extract_kernel|Booting the kernel)/;
/** Words of the firmware and of the decompressor, which come before any kernel, and empty lines. */
const FIRMWARE = /^\s*$|^(?:SeaBIOS|iPXE|Booting|Loading|early console|Decompressing|Parsing ELF|Performing relocations|Physical KASLR|KASLR|No EFI|input_|output|kernel_total_size|trampoline|booted via)/;
/** The last words of a program that died by itself, on the console instead of its output: of Go's runtime, and of syzkaller's. */
const PROGRAM_DIED = /^(?:fatal error: |panic: |runtime: |SYZFAIL: |SYZFATAL: )/;
/** A line without any of these is nothing to look at where no report is open; controls may be amid the words. */
const WORTH = new RegExp(`[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]|Linux version|SeaBIOS|early console|Booting the kernel|fatal error: |panic: |runtime: |SYZFA|${STARTS.source}`, 'g');
interface OpenReport {
  readonly pattern: FaultPattern;
  readonly match: RegExpExecArray;
  readonly first: number;
  /** Who prints it; `undefined` where the kernel does not say. */
  readonly caller: string | undefined;
  readonly lines: ConsoleLine[];
  /** A report of the same task in which this one began, before it came to its stack: what follows is both's. */
  readonly outer: OpenReport | undefined;
  /** Lines since it began, of whoever prints it. */
  seen: number;
  /** The last of them with a frame or the beginning of a stack. */
  told: number;
  isEnded: boolean;
  hasStack: boolean;
  /** Without callers, another stack begins that is not to be told from its own. */
  isCut: boolean;
  hasOtherCpus: boolean;
}

function accessOf(lines: readonly string[]): string {
  for (const text of lines) {
    const match = /\b(Read|Write) (?:of size|at addr)/.exec(text);
    if (match?.[1]) return match[1];
  }
  return '';
}

/** The title without the function. */
function kindOf(report: OpenReport, lines: readonly string[]): string {
  return report.pattern.title
    .replace(/\$(\d)/g, (_, group: string) => report.match[Number(group)] ?? '')
    .replace('%access', () => accessOf(lines))
    .trim();
}

/** What is the same for the same fault: no addresses, numbers, or names of processes with numbers in them. */
function normalise(text: string): string {
  return text
    .replace(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b/gi, 'ADDR')
    .replace(/\d+/g, 'N')
    .slice(0, 200);
}

function close(report: OpenReport): Finding {
  const { pattern, match } = report;
  const lines = report.lines.map(({ text }) => text);
  const stated = match.groups?.['fn'];
  const messageFunction = stated?.split(' / ').map(sourceName).join(' / ');
  const { function: name, isUnsure } = attribute({ lines, messageFunction }, pattern.routes, pattern.choice, pattern.alsoHelpers);
  const kind = kindOf(report, lines);
  const title = name === undefined ? kind : `${kind} in ${name}`;
  // One fault shows as several kinds of bad access, from boot to boot; a title that is all kind is several faults.
  const stable = name === undefined || pattern.title.startsWith('$') ? kind : pattern.title;
  const corrupt =
    (isUnsure && (name !== undefined || pattern.hasStack)) ||
    pattern.isEffect ||
    TIME_STAMP.test(title) ||
    (pattern.hasStack && !hasWholeStacks(lines)) ||
    (pattern.needs !== undefined && !lines.some((line) => pattern.needs?.test(line)));
  return {
    ...{ class: pattern.class, title, function: name, lines: lines.slice(0, KEPT_LINES), line: report.first },
    fingerprint: `${pattern.class}: ${normalise(stable)}${name === undefined ? '' : ` in ${name}`}`,
    ...(corrupt ? { corrupt } : {}),
  };
}

function matchStart(text: string): { readonly pattern: FaultPattern; readonly match: RegExpExecArray } | undefined {
  if (!STARTS.test(text) || HARMLESS.test(text)) return undefined;
  for (const candidate of faultPatterns) {
    const match = candidate.start.exec(text);
    if (match) return { pattern: candidate, match };
  }
  return undefined;
}

/** Whether a start is only a line of a report that is open. */
function isPartOf(report: OpenReport, start: FaultPattern, text: string): boolean {
  return (
    (start.isFollowUp && report.seen < FOLLOW_UP_LINES && !(report.isEnded && start.class !== 'panic')) ||
    (report.pattern.isAnnouncement && report.seen < ANNOUNCED_WITHIN && /^(?:WARNING|[Kk]ernel BUG)|unreferenced object/.test(text))
  );
}

/** Takes the next line of whoever prints a report. */
function take(report: OpenReport, line: ConsoleLine): void {
  const { text } = line;
  if (report.outer) take(report.outer, line);
  report.seen += 1;
  report.hasStack ||= STACK.test(text);
  if (text.includes('+0x') || STACK.test(text)) report.told = report.seen;
  if (text.includes(OTHER_CPUS)) report.hasOtherCpus = true;
  if (line.caller === undefined && OTHER_STACK.test(text)) report.isCut = true;
  if (text.includes(PANIC) && report.lines.length > OWN_LINES) report.isEnded = true;
  if (!report.isCut && !report.isEnded && !text.includes(NO_LINE_OF_ITS_OWN)) report.lines.push(line);
  if (REPORT_END.test(text)) report.isEnded = true;
}

function isOver(report: OpenReport): boolean {
  return report.lines.length >= MAX_LINES || report.seen - report.told >= SILENT_LINES;
}

/** The first line from there on that is to be looked at. */
function nextWorth(console: string, from: number): number {
  WORTH.lastIndex = from;
  const match = WORTH.exec(console);
  return match ? console.lastIndexOf('\n', match.index - 1) + 1 : console.length;
}

function newlines(console: string, from: number, to: number): number {
  let count = 0;
  for (let at = console.indexOf('\n', from); at >= 0 && at < to; at = console.indexOf('\n', at + 1)) count += 1;
  return count;
}

/**
 * What the kernel said on its console about faults of its own, each kind once, in order.
 *
 * Takes any text: no time stamps, callers (`[ T12]`), controls, cut lines, lines of several CPUs mixed by the line. Where the
 * kernel tells who prints, reports that are printed at once are told apart. Linear in the length of the text.
 * @param console the raw text of ttyS0
 */
export function findFaults(console: string): readonly Finding[] {
  const findings = new Map<string, Finding>();
  const open = new Map<string | undefined, OpenReport>();
  let hasReport = false;
  let hasKernelSpoken = false;

  const add = (finding: Finding): void => {
    const before = findings.get(finding.fingerprint);
    if (before === undefined ? findings.size < MAX_FINDINGS : finding.line < before.line) findings.set(finding.fingerprint, finding);
  };
  const closeOpen = (caller: string | undefined): void => {
    const report = open.get(caller);
    if (report?.outer && findings.size < MAX_FINDINGS) add(close(report.outer));
    if (report && findings.size < MAX_FINDINGS) add(close(report));
    open.delete(caller);
  };
  const closeAll = (): void => {
    for (const caller of [...open.keys()]) closeOpen(caller);
  };
  const message = (kind: string, title: string, line: ConsoleLine): void => {
    add({ class: kind, title, function: undefined, fingerprint: `${kind}: ${normalise(title)}`, lines: [line.text], line: number });
  };

  let number = 0;
  for (let from = 0; from < console.length; ) {
    if (open.size === 0 && hasKernelSpoken) {
      const next = nextWorth(console, from);
      number += newlines(console, from, next);
      from = next;
    }
    const newline = console.indexOf('\n', from);
    const end = newline < 0 ? console.length : newline;
    const line = cleanLine(console.slice(from, Math.min(end, from + 4096)));
    from = end + 1;
    number += 1;

    if (hasKernelSpoken && NEXT_START.test(line.text)) {
      closeAll();
      message('reboot', 'unexpected reboot', line);
    }
    hasKernelSpoken ||= !FIRMWARE.test(line.text);
    if (!line.isPrintk && PROGRAM_DIED.test(line.text)) {
      message('program', `a program died: ${line.text.slice(0, 100)}`, line);
    }
    const caller = line.isPrintk ? (line.caller ?? '') : undefined;
    const start = matchStart(line.text);
    const report = open.get(caller);
    if (start && !(report && isPartOf(report, start.pattern, line.text)) && !(hasReport && CONSEQUENCE.test(line.text))) {
      const outer = report?.caller !== undefined && report.caller !== '' && report.pattern.hasStack && !report.hasStack && !report.outer ? report : undefined;
      if (outer) take(outer, line);
      else closeOpen(caller);
      const [oldest] = open.keys();
      if (open.size >= MAX_OPEN) closeOpen(oldest);
      hasReport = true;
      open.set(caller, { ...start, first: number, caller, lines: [line], outer, seen: 1, told: 1, hasStack: false, isEnded: false, isCut: false, hasOtherCpus: false });
      continue;
    }
    if (report) {
      take(report, line);
      if (isOver(report)) closeOpen(caller);
    }
    if (caller?.startsWith('C') !== true || open.size === 0) continue;
    for (const other of open.values()) if (other !== report && other.hasOtherCpus) take(other, line);
  }
  closeAll();
  return [...findings.values()].sort((left, right) => left.line - right.line);
}
