/** Whose fault an error is. A fault of the kernel or of the series is never an error: it is a value. */
export type ErrorKind = 'usage' | 'host';

export interface ErrorDetails {
  /** What to do next, as a sentence or a command to type. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** The last output of the program that failed, raw. */
  readonly output?: string | undefined;
}

/**
 * The one error that respin throws: a request that is wrong (`usage`, exit 2), or a host or a harness that failed
 * (`host`, exit 3). Neither says anything about the series.
 */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly output: string | undefined;

  /**
   * @param code a stable identifier such as `kernel.unknown`
   * @param message what was wrong, where, and what was expected
   */
  constructor(kind: ErrorKind, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.code = code;
    this.hint = details.hint;
    this.output = details.output;
  }
}

/** The request is wrong; nothing was run. Exit code 2. */
export function usageError(code: string, message: string, details?: ErrorDetails): HarnessError {
  return new HarnessError('usage', code, message, details);
}

/** The host or the harness failed; nothing is said about the series. Exit code 3. */
export function hostError(code: string, message: string, details?: ErrorDetails): HarnessError {
  return new HarnessError('host', code, message, details);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The errno name (`ENOENT`, `ENOSPC`, …) of anything that was thrown, if it has one. */
export function errnoOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
