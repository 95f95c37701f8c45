import type { Context } from '../../context.js';
import type { KernelSource, KernelTree, RejectionCause, SeriesStated } from '../../model.js';
import type { Bench, Contents, ReadPatch } from './bench.js';

/** A patch that does not apply, with everything around it. */
export interface Situation {
  readonly ctx: Context;
  readonly bench: Bench;
  readonly tree: KernelTree;
  readonly source: KernelSource;
  /** Everything that is applied, in order. */
  readonly stack: readonly ReadPatch[];
  /** Which of `stack` is refused, from 0. */
  readonly index: number;
  readonly refused: ReadPatch;
  /** The files that the stack names: in the tree, and as the patches before left them. */
  readonly base: Contents;
  readonly before: Contents;
  readonly stated: SeriesStated;
  /** An empty folder. */
  readonly scratch: string;
}

/** Tries one explanation; empty when it is none. */
export type Explanation = (situation: Situation) => Promise<readonly RejectionCause[]>;

/** `patch 3`, `a prerequisite` */
export function nameOf({ patch }: ReadPatch): string {
  return patch.number === 0 ? `the prerequisite "${patch.subject}"` : `patch ${patch.number}`;
}
