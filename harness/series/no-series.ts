import type { Series } from '../model.js';
import { sealed } from './read-series.js';

/** A series without patches, for a request about the kernel itself. */
export function noSeries(kernel: string): Series {
  return sealed({
    ...{ name: 'no series', title: `the kernel ${kernel} itself`, origin: 'none', prerequisites: [], patches: [], promises: {}, suites: [] },
    ...{ stated: { baseCommit: undefined, prerequisitePatchIds: [] }, notes: [], trailers: [], letters: [] },
  });
}
