import type { ResultState } from '../guest/protocol.js';
import type { BootEnd } from '../model.js';

/** Why the host ended a boot that did not end by itself. */
export type Stop =
  | { readonly why: 'silence'; readonly afterMs: number }
  | { readonly why: 'boot-limit'; readonly afterMs: number }
  | { readonly why: 'whole-limit'; readonly afterMs: number }
  | { readonly why: 'flood'; readonly bytes: number }
  /** Nothing more was to come: the last frame, a panic or a broken stream had been seen. */
  | { readonly why: 'done' };

/** What was seen of a boot when it was over. */
export interface BootSeen {
  readonly results: ResultState;
  /** The line of the console that tells of a panic. */
  readonly panic: string | undefined;
  /** Undefined when QEMU ended by itself. */
  readonly stop: Stop | undefined;
  /** How QEMU failed, for people; undefined when it ended well, as it does when the guest resets. */
  readonly failure: string | undefined;
}

/**
 * How a boot ended. A complete result stream outranks all but a flood: what the kernel does after the last test, such as
 * a panic on its way down, is on the console and becomes a finding. A panic outranks a broken stream and every limit,
 * for it is their reason.
 */
export function decideEnd(seen: BootSeen): BootEnd {
  const { results, panic, stop, failure } = seen;
  const phase = results.guest ? 'tests' : 'boot';
  if (stop?.why === 'flood') return { kind: 'flood', bytes: stop.bytes };
  if (results.complete) return { kind: 'complete' };
  if (panic !== undefined) return { kind: 'panic', detail: panic };
  if (results.corrupt !== undefined) return { kind: 'corrupt', detail: results.corrupt };
  switch (stop?.why) {
    case 'silence':
      return { kind: 'silent', afterMs: stop.afterMs, phase };
    case 'boot-limit':
    case 'whole-limit':
      return { kind: 'overtime', afterMs: stop.afterMs, phase };
    default:
      return failure === undefined ? { kind: 'reset', phase } : { kind: 'stopped', detail: failure };
  }
}
