/** The stages of a run, in order. */
export type Stage = 'source' | 'tree' | 'series' | 'config' | 'build' | 'guest' | 'boot' | 'verdict' | 'evidence';

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
  /** Something the user should know and that is no error: the sandbox is off, a mirror did not answer. */
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly text: string };

export type Progress = (event: ProgressEvent) => void;
