import type { Finding } from '../model.js';
import { sourceName } from './trace-frames.js';

/** A console log with what is known of it, as google/syzkaller keeps them (pkg/report/testdata/linux/report). */
export interface CorpusLog {
  /** Empty for a log without a fault. */
  readonly title: string;
  /** The class by syzkaller's names (pkg/report/crash/types.go); undefined where the log does not say. */
  readonly type: string | undefined;
  readonly isCorrupt: boolean;
  readonly log: string;
}

/** How one log came out; undefined is: not asked of this log. */
export interface LogScore {
  readonly noticed: boolean | undefined;
  readonly silent: boolean | undefined;
  readonly classRight: boolean | undefined;
  readonly functionRight: boolean | undefined;
  /** The mark `corrupt` is what the header says. */
  readonly corruptRight: boolean | undefined;
}

/** Reads header lines (`TITLE:`, `TYPE:`, …), an empty line, the log, and leaves out a section `REPORT:`. */
export function readCorpusLog(text: string): CorpusLog {
  const end = /\r?\n\r?\n/.exec(text);
  const header = end ? text.slice(0, end.index) : text;
  const log = end ? text.slice(end.index + end[0].length) : '';
  const field = (name: string): string | undefined => new RegExp(`^${name}: *(.*?)\\r?$`, 'm').exec(header)?.[1];
  const report = /^REPORT:\r?$/m.exec(log);
  return { title: field('TITLE') ?? '', type: field('TYPE') || undefined, isCorrupt: field('CORRUPTED') === 'Y', log: report ? log.slice(0, report.index) : log };
}

/**
 * The function that a title names: after the last ` in `, without what follows it. A title ends with `in corrupted` where the
 * log does not tell: then undefined.
 */
export function titleFunction(title: string): string | undefined {
  if (/\bunmount(?: of|$)/.test(title)) return undefined;
  const pair = / in ([\w.]+ \/ [\w.]+)$/.exec(title)?.[1];
  if (pair !== undefined) return pair;
  const name = /.* in (<.*|[\w.]+)/.exec(title)?.[1];
  return name === 'corrupted' ? undefined : name;
}

/** The part of a name that all spellings share: system calls have a dozen prefixes. */
function bareName(name: string): string {
  return name.split(' / ').map((one) => sourceName(one).replace(/^sys_/, '')).join(' / ');
}

/** Our classes by syzkaller's names, where they do not depend on the title. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  'kcsan': ['KCSAN-DATARACE', 'KCSAN-ASSERT'],
  'ubsan': ['UBSAN', 'MEMORY_SAFETY_UBSAN'],
  'lockdep': ['LOCKDEP'],
  'atomic-sleep': ['ATOMIC_SLEEP'],
  'hung-task': ['HANG'],
  'soft-lockup': ['HANG'],
  'hard-lockup': ['HANG'],
  'rcu-stall': ['HANG'],
  'leak': ['LEAK'],
  'list': ['MEMORY_SAFETY_BUG'],
  'usercopy': ['BUG', 'WARNING'],
  'message': ['WARNING'],
  'program': ['DoS', 'SYZ_FAILURE'],
  'firmware': ['DoS'],
  'device-leak': ['DoS'],
  'rust': ['DoS'],
  'slab': ['DoS'],
  'vfs': ['DoS'],
  'stack': ['DoS', 'WARNING'],
  'null-deref': ['NULL-POINTER-DEREFERENCE'],
  'page-fault': ['MEMORY_SAFETY_BUG'],
  'gpf': ['DoS'],
  'double-fault': ['DoS'],
  'trap': ['DoS'],
  'bug': ['BUG'],
  'refcount': ['REFCOUNT_WARNING'],
  'odebug': ['WARNING'],
  'warning': ['WARNING'],
  'panic': ['DoS'],
  'oops': ['DoS'],
  'reboot': ['REBOOT'],
};

/** What syzkaller would call the class of a finding; empty where it has no word for it. */
export function corpusTypes(finding: Finding): readonly string[] {
  const { class: kind, title } = finding;
  if (kind === 'kasan' || kind === 'kfence' || kind === 'kmsan') {
    const name = kind.toUpperCase();
    if (/invalid-free|invalid free|double-free/.test(title)) return [`${name}-INVALID-FREE`];
    if (title.includes('infoleak') && !title.includes('after-free')) return [`${name}-INFO-LEAK`];
    if (title.includes('uninit-value')) return [`${name}-UNINIT-VALUE`];
    if (title.includes('memory corruption')) return [`${name}-MEMORY-CORRUPTION`];
    const access = /\bwrite\b/i.test(title) ? 'WRITE' : 'READ';
    if (title.includes('null-ptr-deref')) return [`${name}-NULL-POINTER-DEREFERENCE-${access}`];
    return [/use-after-free|after-free/.test(title) ? `${name}-USE-AFTER-FREE-${access}` : `${name}-${access}`];
  }
  return TYPES[kind] ?? [];
}

/** Compares the first finding of a log with what is known of the log: syzkaller names the first report. */
export function scoreLog(log: CorpusLog, findings: readonly Finding[]): LogScore {
  const [first] = findings;
  const isFaulty = log.title !== '';
  const expected = titleFunction(log.title);
  return {
    noticed: isFaulty ? first !== undefined : undefined,
    silent: isFaulty ? undefined : first === undefined,
    classRight: isFaulty && log.type !== undefined ? first !== undefined && corpusTypes(first).includes(log.type) : undefined,
    functionRight: expected === undefined ? undefined : first?.function !== undefined && bareName(first.function) === bareName(expected),
    corruptRight: isFaulty ? first !== undefined && (first.corrupt === true) === log.isCorrupt : undefined,
  };
}
