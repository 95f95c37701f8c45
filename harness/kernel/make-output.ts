/** What belongs to no object. */
export const OF_NO_OBJECT = '';

/** What a build printed, sorted by the object that it was printed for. */
export interface MakeOutput {
  readonly add: (line: string) => void;
  /** Objects compiled from C or assembler so far. */
  readonly objects: () => number;
  readonly byObject: () => ReadonlyMap<string, readonly string[]>;
  /** The last lines, oldest first. */
  readonly tail: () => readonly string[];
}

const STEP = /^ {2}([A-Z][A-Z0-9_]*)\s+(?:\[M\]\s+)?(\S+)/;
const COMPILES = new Set(['CC', 'AS']);
/** What a make says for itself, which with several jobs comes between the objects of others. */
const OF_MAKE = /^make(?:\[\d+\])?: /;
const TAIL_LINES = 60;
const OBJECT_LINES = 2000;

/**
 * Reads kbuild's short output (scripts/Kbuild.include, `cmd`), line by line. With `make --output-sync` what an object
 * prints follows its own line.
 */
export function readMakeOutput(): MakeOutput {
  const byObject = new Map<string, string[]>();
  const tail: string[] = [];
  let compiled = 0;
  let current = OF_NO_OBJECT;
  return {
    add: (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      const step = STEP.exec(line);
      if (step?.[1] !== undefined && step[2] !== undefined) {
        const compiles = COMPILES.has(step[1]);
        if (compiles) compiled += 1;
        current = compiles ? step[2] : OF_NO_OBJECT;
        if (compiles) byObject.set(current, []);
        return;
      }
      const object = OF_MAKE.test(line) ? OF_NO_OBJECT : current;
      const lines = byObject.get(object) ?? [];
      if (lines.length < OBJECT_LINES) lines.push(line);
      byObject.set(object, lines);
    },
    objects: () => compiled,
    byObject: () => byObject,
    tail: () => [...tail],
  };
}
