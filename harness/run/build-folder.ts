import type { Series } from '../model.js';
import { stackOf } from '../series/prefix.js';
import { keyOf } from '../store/digest.js';
import type { SideRequest } from './side.js';

export const isBase = ({ patches }: Series): boolean => patches.length === 0;
/** Whether nobody's code but the kernel's is built. */
export const isPristine = (series: Series): boolean => stackOf(series).length === 0;

function baseSlot({ prerequisites }: Series): string {
  return prerequisites.length === 0 ? 'base' : `base-${keyOf(prerequisites.map(({ digest }) => digest)).slice(0, 16)}`;
}

/**
 * Versions of one series share a build folder, as do the patches along it; another series' build never sees what this
 * one's left. A new one starts as a copy of its base's.
 */
export function slotOf({ series, varying }: Pick<SideRequest, 'series' | 'varying'>): { readonly name: string; readonly seed: string | undefined } {
  if (varying !== undefined) return { name: `mixed-${keyOf(isPristine(series) ? '' : series.origin).slice(0, 16)}`, seed: 'base' };
  if (isPristine(series)) return { name: 'base', seed: undefined };
  const base = baseSlot(series);
  return isBase(series) ? { name: base, seed: 'base' } : { name: `tip-${keyOf(series.origin).slice(0, 16)}`, seed: base };
}

/**
 * Whose code runs in a build, as a name: what such a build makes is used by builds of the same name alone (decision 17).
 * Undefined for the kernel as it is, whose things all may use.
 */
export function authorOf(request: Pick<SideRequest, 'series' | 'varying'>): string | undefined {
  return isPristine(request.series) ? undefined : slotOf(request).name;
}
