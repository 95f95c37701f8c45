import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeAtomically, type StoreContext } from '../store/atomic.js';
import { keyOf } from '../store/digest.js';

/** From the start of QEMU to the runner on the machine that the limits were made for, in ms for a guest of slowness 1. */
const REFERENCE_MS = 1000;
/** A host of which nothing is known yet. */
const UNKNOWN = 1.6;
const MOST = 8;
/** So many boots back: a host that was busy once is not slow for ever. */
const KEPT = 8;

const speedSchema = z.object({ bootMs: z.array(z.number()) });

/** What makes one guest start slower than another on the same host. */
export interface Machine {
  readonly qemu: string;
  readonly accelerator: string;
  readonly profile: string;
  readonly slowness: number;
}

function pathOf(ctx: StoreContext, machine: Machine): string {
  return join(ctx.cache.boots, `speed-${keyOf(machine)}.json`);
}

/**
 * How much slower this host is than the one that the limits were made for, from 1 to 8: by the slowest of the last boots
 * of such a machine that came to their end.
 */
export async function hostSlowness(ctx: StoreContext, machine: Machine): Promise<number> {
  const known = await readJson(ctx, pathOf(ctx, machine), speedSchema);
  if (!known || known.bootMs.length === 0) return UNKNOWN;
  return Math.min(MOST, Math.max(1, ...known.bootMs.map((ms) => ms / (REFERENCE_MS * machine.slowness))));
}

/**
 * Remembers how long a guest took to its runner.
 * @param bootMs without what the host kept from the guest: the limits do not count that either
 */
export async function rememberBoot(ctx: StoreContext, machine: Machine, bootMs: number): Promise<void> {
  const known = await readJson(ctx, pathOf(ctx, machine), speedSchema);
  await writeAtomically(ctx, pathOf(ctx, machine), JSON.stringify({ bootMs: [...(known?.bootMs ?? []), Math.round(bootMs)].slice(-KEPT) }));
}
