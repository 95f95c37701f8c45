import type { SeriesStated } from '../model.js';

const MOST_IDS = 1000;

/** What git format-patch --base wrote into these texts: the cover letter's, and those of the patches. */
export function statedIn(texts: readonly string[]): SeriesStated {
  const bases = texts.flatMap((text) => /^base-commit: ([0-9a-f]{7,64})\s*$/m.exec(text)?.[1] ?? []);
  const ids = texts.flatMap((text) => [...text.matchAll(/^prerequisite-patch-id: ([0-9a-f]{40,64})\s*$/gm)].map(([, id = '']) => id));
  return { baseCommit: bases[0], prerequisitePatchIds: [...new Set(ids)].slice(0, MOST_IDS) };
}
