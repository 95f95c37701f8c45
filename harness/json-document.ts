/** A JSON document as respin writes and prints it: for programs, and for a person who looks at it; it ends with a line break. */
export function jsonDocument(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
