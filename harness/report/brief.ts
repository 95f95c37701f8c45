/** How something that was judged came out, whatever it was. */
export type Outcome =
  | 'pass'
  /** The series is at fault. */
  | 'fail'
  /** It fails, and does so without the series as well, or is known to. */
  | 'known'
  | 'skip'
  /** It cannot be told: not run, not stable, the base is of no use, the host failed. */
  | 'untold';

/** One thing that was judged: a test, a build, a boot, a kernel report, the verdict. Text is as evidence has it: hostile. */
export interface Case {
  readonly name: string;
  readonly outcome: Outcome;
  /** In a word: `timeout`, `fixed`; empty where the outcome says it all. */
  readonly status: string;
  /** Why, in one line; empty when there is nothing to say. */
  readonly detail: string;
  /** What it printed, or the kernel reported. */
  readonly lines: readonly string[];
  readonly ms?: number | undefined;
}

export interface CaseGroup {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** A few rows for a reader who has little room: a mail, a step summary. */
export interface BriefTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Of what was left out. */
  readonly note: string | undefined;
}

export interface Excerpt {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What every format but text and JSON is made of: the same of a run, a walk, a bisection, a check. Text in it is not escaped. */
export interface Brief {
  readonly tone: 'good' | 'bad' | 'unclear';
  /** In capitals: `GOOD`. */
  readonly headline: string;
  readonly sentence: string;
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
  /** What was judged, on what, by what. */
  readonly facts: readonly (readonly [string, string])[];
  /** Together they pass only when the verdict is good. */
  readonly groups: readonly CaseGroup[];
  readonly tables: readonly BriefTable[];
  readonly excerpts: readonly Excerpt[];
  /** What was typed. */
  readonly command: readonly string[];
  readonly startedAt: string;
  readonly totalMs: number;
}

/** Rows that are shown where there is little room. */
export const SHOWN_ROWS = 40;

/** A table of at most SHOWN_ROWS rows, which says what it left out. */
export function shortTable(title: string, head: readonly string[], rows: readonly (readonly string[])[]): BriefTable {
  const left = rows.length - SHOWN_ROWS;
  return { title, head, rows: rows.slice(0, SHOWN_ROWS), note: left > 0 ? `and ${left} more, in evidence.json` : undefined };
}

const OF_TONE: Readonly<Record<Brief['tone'], Outcome>> = { good: 'pass', bad: 'fail', unclear: 'untold' };

/** The case that makes a report fail whenever the verdict is not good, whatever else is in it. */
export function verdictCase({ tone, sentence, reasons }: Pick<Brief, 'tone' | 'sentence' | 'reasons'>): Case {
  return { name: 'verdict', outcome: OF_TONE[tone], status: '', detail: reasons[0] ?? sentence, lines: reasons.slice(1) };
}
