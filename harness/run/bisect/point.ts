/** One kernel that a bisection may look at. */
export interface Point {
  /** `base`, `patch 3`, a commit's id: no two points of a bisection have the same. */
  readonly id: string;
  readonly subject: string;
}
