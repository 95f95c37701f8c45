import type { DeclaredFindings, Finding } from '../model.js';

/** What a driver warns of in words of its own, and what the runtime of a program says: no reports of the kernel about itself. */
const NO_REPORTS: ReadonlySet<string> = new Set(['message', 'program']);

function fits(declared: string, { title, fingerprint }: Finding): boolean {
  return fingerprint === declared || title.includes(declared);
}

/** Whether a finding counts against a kernel: no suite provokes it on purpose, and the kernel says it of itself. */
export function isHeld(finding: Finding, declared: DeclaredFindings): boolean {
  return !NO_REPORTS.has(finding.class) && !Object.keys(declared).some((text) => fits(text, finding));
}

/**
 * What there is to say of findings that do not count, and of declared ones that did not come, in words.
 * @param fresh on the tip and not on the base
 * @param all of the tip
 */
export function findingNotes(declared: DeclaredFindings, fresh: readonly Finding[], all: readonly Finding[]): readonly string[] {
  return [
    ...fresh.filter((finding) => NO_REPORTS.has(finding.class)).map(({ title }) => `not held against the kernel, as no report of its own: ${title}`),
    ...Object.entries(declared).flatMap(([text, reason]) =>
      all.some((finding) => fits(text, finding)) ? [] : [`the kernel is expected to report "${text}" and does not (${reason})`],
    ),
  ];
}
