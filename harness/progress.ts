/** The stages of a run, in order. */
export type Stage = 'source' | 'tree' | 'series' | 'config' | 'build' | 'guest' | 'boot' | 'verdict' | 'evidence';

/** What a bisection knows of a point: that it is before the change, behind it, neither yet, or that it cannot be told. */
export type RangeCell = 'old' | 'new' | 'open' | 'skip';

/** What a stage tells while it works. The command line is the only one that prints it. */
export type ProgressEvent =
  | { readonly type: 'stage'; readonly stage: Stage; readonly state: 'begin'; readonly what: string }
  | {
      readonly type: 'stage';
      readonly stage: Stage;
      readonly state: 'end';
      readonly what: string;
      readonly ms: number;
      /** How it came out, in a few words: `reused`, `737 objects`, `failed`. */
      readonly outcome: string;
    }
  | { readonly type: 'download'; readonly what: string; readonly bytes: number; readonly total: number | undefined }
  | { readonly type: 'build'; readonly done: number; readonly expected: number | undefined }
  | { readonly type: 'test'; readonly program: string }
  | { readonly type: 'waiting'; readonly what: string }
  /** How far a bisection is: what is known of each point, the oldest first. */
  | {
      readonly type: 'bisect';
      readonly cells: readonly RangeCell[];
      /** Changes among which the one is. */
      readonly left: number;
      /** At most so many more. */
      readonly steps: number;
      readonly msPerStep: number | undefined;
    }
  /** The same of options: which of those that differ are still suspected. */
  | {
      readonly type: 'options';
      readonly cells: readonly RangeCell[];
      readonly left: number;
      /** About so many more, when one option makes the difference. */
      readonly steps: number;
      readonly msPerStep: number | undefined;
    }
  /** Something the user should know and that is no error: the sandbox is off, a mirror did not answer. */
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly text: string };

export type Progress = (event: ProgressEvent) => void;

const CELLS = { old: '.', new: '#', open: '?', skip: 's' } as const;

/**
 * The range of a bisection as a picture: `.` before the change, `#` behind it, `?` not known yet, `s` skipped.
 * @param width the most characters; of more points some are shown, the ends always
 */
export function drawRange(cells: readonly RangeCell[], width: number): string {
  const shown = Math.min(cells.length, width);
  return Array.from({ length: shown }, (_, index) => CELLS[cells[shown === 1 ? 0 : Math.round((index * (cells.length - 1)) / (shown - 1))] ?? 'open']).join('');
}
