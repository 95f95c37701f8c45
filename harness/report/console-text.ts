/** A console as far as a report shows it: whole, or its beginning and its end. Text is raw. */
export interface ConsoleText {
  readonly head: readonly string[];
  /** Lines and bytes between the two that were left out; none of a console that is whole. */
  readonly left: { readonly lines: number; readonly bytes: number };
  readonly tail: readonly string[];
  /** It is not the file that the evidence was made with. */
  readonly isOther: boolean;
}
