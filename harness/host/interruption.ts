/** Thrown where work stops because the user interrupted it. It is neither a fault nor a verdict. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The value to throw when `Effects.interrupted` has aborted. */
export function interruption(): Interrupted {
  return new Interrupted('interrupted');
}
