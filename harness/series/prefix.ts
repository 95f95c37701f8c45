import type { Patch, Series } from '../model.js';

/** What is applied to the tree for a series, in order. */
export function stackOf(series: Pick<Series, 'prerequisites' | 'patches'>): readonly Patch[] {
  return [...series.prerequisites, ...series.patches];
}

/** The series as far as its patch `count`; 0 is its base, with the prerequisites. */
export function prefixOf(series: Series, count: number): Series {
  return { ...series, patches: series.patches.slice(0, count) };
}
