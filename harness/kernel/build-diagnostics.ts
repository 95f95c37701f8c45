import type { AddedLines, Diagnostic } from '../model.js';
import { parseDiagnostics } from './diagnostics.js';
import { OF_NO_OBJECT } from './make-output.js';
import type { SlotDiagnostics } from './slot.js';

export interface BuildDiagnostics {
  /** Of the tree as it is now: this build's, and the warnings of objects that it did not compile again. */
  readonly all: readonly Diagnostic[];
  /** By object, what the next build does not repeat when it does not compile that object again. */
  readonly kept: SlotDiagnostics;
}

function isWarning({ severity }: Diagnostic): boolean {
  return severity === 'warning';
}

/**
 * What a build complained about, with what earlier ones in its folder said of the objects that it left as they were. An
 * error is none of those: its object was not made, so that this build made it, or needs it no more. And where an object
 * has an error, make's own that the build failed adds nothing.
 * @param before `kept` of the build before
 * @param byObject what each object printed now
 * @param roots as `parseDiagnostics` takes them
 */
export function diagnosticsOfBuild(
  before: SlotDiagnostics,
  byObject: ReadonlyMap<string, readonly string[]>,
  roots: readonly string[],
  addedLines: readonly AddedLines[],
): BuildDiagnostics {
  const now = new Map([...byObject].map(([object, lines]) => [object, parseDiagnostics(lines, roots, addedLines)]));
  const ofObjects = new Map<string, readonly Diagnostic[]>(Object.entries(before).map(([object, found]) => [object, found.filter(isWarning)]));
  for (const [object, found] of now) ofObjects.set(object, found);
  const others = ofObjects.get(OF_NO_OBJECT) ?? [];
  ofObjects.delete(OF_NO_OBJECT);
  const objects = [...ofObjects.values()].flat();
  const isTold = !objects.every(isWarning);
  const kept = [...ofObjects].map(([object, found]) => [object, found.filter(isWarning)] as const);
  return {
    all: [...objects, ...others.filter(({ message }) => !(isTold && message.startsWith('make: ')))],
    kept: Object.fromEntries(kept.filter(([, found]) => found.length > 0)),
  };
}
