import type { RejectionCause } from '../../model.js';
import { shareFile, type Contents } from './bench.js';
import { nameOf, type Explanation, type Situation } from './situation.js';

/** So many patches of a long series are tried at most. */
const MOST_TRIES = 20;

/** It needs a patch that comes later: the order is wrong. */
async function behindLater({ bench, before, stack, index, refused }: Situation): Promise<RejectionCause | undefined> {
  const later = stack.slice(index + 1).filter((one) => shareFile(one, refused));
  for (const one of later.slice(0, MOST_TRIES)) {
    if (!(await bench.apply(before, [one, refused]))) continue;
    return {
      kind: 'order',
      text: `it applies behind ${nameOf(one)} ("${one.patch.subject}"): the order is wrong`,
      hint: `put ${nameOf(one)} before it, or take the numbers of the mails ([PATCH n/m]) as they are`,
    };
  }
  return undefined;
}

/** Two patches of the series were made without each other: it applies to the base, and no more behind one of them. */
async function withoutEarlier({ bench, base, stack, index, refused }: Situation): Promise<RejectionCause | undefined> {
  const earlier = stack.slice(0, index).filter((one) => shareFile(one, refused));
  if (earlier.length === 0 || !(await bench.apply(base, [refused]))) return undefined;
  let contents: Contents = base;
  for (const one of stack.slice(0, index)) {
    const next = await bench.apply(contents, [one]);
    if (!next) return undefined;
    contents = next;
    if (!shareFile(one, refused) || (await bench.apply(contents, [refused]))) continue;
    return {
      kind: 'order',
      text: `it applies to the base, and no more behind ${nameOf(one)} ("${one.patch.subject}"): the two change the same lines and were not made one on the other`,
      hint: `make ${nameOf(refused)} anew on top of ${nameOf(one)}`,
    };
  }
  return undefined;
}

/** A file that it needs is there in the base, and an earlier patch takes it away. */
function takenAway({ base, before, stack, index, refused }: Situation): RejectionCause | undefined {
  const lost = refused.files.find(({ from }) => from !== undefined && base.has(from) && !before.has(from))?.from;
  const taker = lost === undefined ? undefined : stack.slice(0, index).findLast(({ files }) => files.some(({ from, to }) => from === lost && to !== lost));
  if (!taker || lost === undefined) return undefined;
  return {
    kind: 'order',
    text: `${nameOf(taker)} ("${taker.patch.subject}") deletes or renames ${lost} before it`,
    hint: `make ${nameOf(refused)} anew on top of ${nameOf(taker)}`,
  };
}

/** The patches of the series do not go with each other in this order. */
export const explainOrder: Explanation = async (situation) => {
  const cause = takenAway(situation) ?? (await behindLater(situation)) ?? (await withoutEarlier(situation));
  return cause === undefined ? [] : [cause];
};
