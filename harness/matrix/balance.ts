/** What is to be done somewhere, and how long it is expected to take. */
export interface Load {
  readonly id: string;
  readonly ms: number;
}

/** What one machine is given. */
export interface Share {
  readonly ids: readonly string[];
  readonly ms: number;
}

/**
 * Gives loads to so many machines, the longest first and each to the one that has least so far (LPT; it takes at most 4/3
 * of the shortest time there is: Graham, 1969). The same loads give the same shares, in whatever order they come. No share is empty.
 * @param machines at least 1; with fewer loads there are fewer shares
 */
export function balance(loads: readonly Load[], machines: number): readonly Share[] {
  const sorted = [...loads].sort((a, b) => b.ms - a.ms || (a.id < b.id ? -1 : 1));
  const shares = Array.from({ length: Math.min(machines, loads.length) }, (): { ids: string[]; ms: number } => ({ ids: [], ms: 0 }));
  for (const { id, ms } of sorted) {
    let least = shares[0];
    for (const share of shares) if (least && (share.ms < least.ms || (share.ms === least.ms && share.ids.length < least.ids.length))) least = share;
    least?.ids.push(id);
    if (least) least.ms += ms;
  }
  return shares;
}
