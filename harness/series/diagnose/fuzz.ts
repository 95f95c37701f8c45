import type { Explanation } from './situation.js';

/** It would apply with less context than it has. It is said, and never done: it is a guess about where lines belong. */
export const explainFuzz: Explanation = async ({ bench, before, refused }) => {
  for (const context of [2, 1]) {
    if (!(await bench.apply(before, [refused], [`-C${context}`]))) continue;
    return [
      {
        kind: 'fuzz',
        text: `it would apply if only ${context} line${context === 1 ? '' : 's'} of context around each change had to match (git apply -C${context}): the lines around it are others in this kernel`,
        hint: 'make the patch anew on this kernel; respin guesses no places',
      },
    ];
  }
  return [];
};
