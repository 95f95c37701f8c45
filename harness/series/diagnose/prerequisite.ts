import { missingPrerequisites } from '../check-stated.js';
import type { Explanation } from './situation.js';

/** The series says that it needs a patch, and the tree does not have it. */
export const explainPrerequisite: Explanation = async ({ ctx, source, stack, index, stated, scratch }) => {
  const missing = await missingPrerequisites(ctx, source, stated, stack.slice(0, index + 1).map(({ patch }) => patch), scratch);
  if (missing.kind !== 'missing') return [];
  const many = missing.ids.length > 1;
  return [
    {
      kind: 'prerequisite',
      text: `the series states that it needs ${many ? `${missing.ids.length} patches` : 'a patch'} that ${missing.where} does not have: prerequisite-patch-id ${missing.ids.join(', ')}`,
      hint: `put ${many ? 'those patches' : 'that patch'} before it: respin takes several series, in the order of application`,
    },
  ];
};
