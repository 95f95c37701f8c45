import type { Clock } from '../effects.js';

/** How long nothing must come before a stream whose writer is dead counts as read to its end. */
const QUIET_MS = 10;
/** A descendant of the writer could go on for ever. */
const MAX_ROUNDS = 200;

/**
 * Waits until what a program wrote before it ended has been read: its last bytes may still be in the socket when its end
 * is known.
 * @param read how much has been read so far
 */
export async function awaitQuiet(clock: Clock, read: () => number): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = read();
    await clock.sleep(QUIET_MS);
    if (read() === before) return;
  }
}
