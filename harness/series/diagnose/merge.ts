import { mergeSeries } from '../three-way.js';
import type { Explanation } from './situation.js';

/** What `--3way` would do. It is said, and done only when asked for. */
export const explainMerge: Explanation = async ({ ctx, source, stack, index, refused }) => {
  if (source.content.kind !== 'git') return [];
  const patches = stack.slice(0, index + 1).map(({ patch }) => patch);
  const { merged } = await mergeSeries(ctx, source, {
    ...{ name: '', title: '', origin: '', digest: '', prerequisites: [], patches, promises: {}, suites: [] },
    ...{ stated: { baseCommit: undefined, prerequisitePatchIds: [] }, notes: [], trailers: [], letters: [] },
  });
  if (!merged.some(({ patch }) => patch === refused.patch.number)) return [];
  return [
    {
      kind: 'three-way',
      text: 'a three-way merge takes it: the repository has the files that it was made on',
      hint: 'add --3way to test what the merge makes of it, or make the series anew on this kernel',
    },
  ];
};
