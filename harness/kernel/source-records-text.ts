/**
 * Splits what a program printed as NUL-ended fields into records of `fields` fields each.
 * @throws RangeError when the fields do not come out even
 */
export function parseRecords(text: string, fields: number): readonly (readonly string[])[] {
  if (text === '') return [];
  const all = text.split('\0');
  // The last field ends with a NUL as well.
  if (all.pop() !== '' || all.length % fields !== 0) throw new RangeError(`not whole records of ${fields} fields`);
  return Array.from({ length: all.length / fields }, (_, index) => all.slice(index * fields, (index + 1) * fields));
}
