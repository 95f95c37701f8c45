/** The numbers of a kernel version; a release candidate sorts before its release. */
interface Numbers {
  readonly numbers: readonly [major: number, minor: number, sub: number];
  readonly candidate: number;
}

function numbersOf(version: string): Numbers | undefined {
  const match = /^v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?(?:-rc(\d{1,4}))?$/.exec(version);
  if (!match) return undefined;
  return {
    numbers: [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)],
    candidate: match[4] === undefined ? Number.POSITIVE_INFINITY : Number(match[4]),
  };
}

/** Negative when `a` is older than `b`, 0 when they are the same release, positive when newer. What is no version is oldest. */
export function compareVersions(a: string, b: string): number {
  const left = numbersOf(a);
  const right = numbersOf(b);
  if (!left || !right) return Number(left !== undefined) - Number(right !== undefined);
  for (const [index, number] of left.numbers.entries()) {
    const difference = number - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.candidate === right.candidate ? 0 : left.candidate - right.candidate;
}

/** The line a version belongs to: `6.12` for `6.12.117` and `6.12.0-rc3`; undefined for what is no version. */
export function lineOf(version: string): string | undefined {
  const parsed = numbersOf(version);
  return parsed && `${parsed.numbers[0]}.${parsed.numbers[1]}`;
}

/**
 * The version that a kernel's top-level Makefile states, as `make kernelversion` prints it, but of EXTRAVERSION only a
 * release candidate's `-rcN`: the rest is the user's own. Undefined when it is no kernel's Makefile.
 */
export function makefileVersion(makefile: string): string | undefined {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}[ \\t]*:?=[ \\t]*([^\\s#]*)`, 'm').exec(makefile)?.[1];
  const [version, patchlevel, sublevel] = [value('VERSION'), value('PATCHLEVEL'), value('SUBLEVEL') || '0'];
  const candidate = /^-rc\d+/.exec(value('EXTRAVERSION') ?? '')?.[0] ?? '';
  const text = `${version ?? ''}.${patchlevel ?? ''}.${sublevel}${candidate}`;
  return numbersOf(text) && text;
}
