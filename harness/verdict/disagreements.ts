import type { Finding, TestStatus } from '../model.js';

/** Reports of a clock that ran on while something did not: a guest that the host kept waiting makes them too. */
export const OF_A_CLOCK: ReadonlySet<string> = new Set(['hung-task', 'soft-lockup', 'hard-lockup', 'rcu-stall', 'workqueue-lockup']);

/** Whether a report may be the host's doing, that kept a guest waiting. */
export function isOfAClock({ class: name }: Pick<Finding, 'class'>): boolean {
  return OF_A_CLOCK.has(name);
}

/** `pass` or, of results that differ, `pass in 2, fail in 1 of 3 boots`. */
function tally(statuses: readonly (TestStatus | 'absent')[]): string {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return `${[...counts].map(([status, times]) => `${status} in ${times}`).join(', ')} of ${statuses.length} boots`;
}

/** One fault comes out now as a failure and now as a crash: never to work is a result, however it looks. */
function kindOf(status: TestStatus | 'absent'): string {
  return status === 'crash' || status === 'timeout' ? 'fail' : status;
}

/** What two boots can disagree in. */
export interface Seen {
  readonly transcript: { readonly end: { readonly kind: string } };
  readonly results: readonly { readonly name: string; readonly status: TestStatus }[];
  readonly findings: readonly Pick<Finding, 'class' | 'fingerprint' | 'title'>[];
}

/** Something that was not the same in all boots of one kernel. */
export interface Disagreement {
  readonly about: 'end' | 'report' | 'test';
  /** The name of the test, the fingerprint of the report; empty for how the boots ended. */
  readonly name: string;
  readonly text: string;
}

/** Where boots of the same bytes disagree; empty when they do not, or when there was only one. */
export function disagreements(boots: readonly Seen[]): readonly Disagreement[] {
  const [first, ...others] = boots;
  if (!first || others.length === 0) return [];
  const ends = boots.map(({ transcript }) => transcript.end.kind);
  const text = `${boots.length === 2 ? 'two' : boots.length} boots of one kernel ended differently: ${ends.join(', then ')}`;
  const end = new Set(ends).size === 1 ? [] : [{ about: 'end', name: '', text } as const];
  const statuses = boots.map(({ results }) => new Map(results.map(({ name, status }) => [name, status])));
  const names = new Set(boots.flatMap(({ results }) => results.map(({ name }) => name)));
  const clocks = new Set(boots.flatMap(({ findings }) => findings.filter(isOfAClock).map(({ fingerprint }) => fingerprint)));
  const reports = [...clocks].flatMap((fingerprint): readonly Disagreement[] => {
    const seen = boots.map(({ findings }) => findings.find((finding) => finding.fingerprint === fingerprint));
    const times = seen.filter((finding) => finding !== undefined).length;
    const title = seen.find((finding) => finding !== undefined)?.title ?? '';
    return times === boots.length ? [] : [{ about: 'report', name: fingerprint, text: `"${title}" came in ${times} of ${boots.length} boots of one kernel` }];
  });
  const tests = [...names].flatMap((name): readonly Disagreement[] => {
    const all = statuses.map((of) => of.get(name) ?? 'absent');
    if (new Set(all.map(kindOf)).size === 1) return [];
    return [{ about: 'test', name, text: boots.length === 2 ? `${name} was ${all.join(', then ')} on the same kernel` : `${name} is not stable: ${tally(all)} of the same kernel` }];
  });
  return [...end, ...reports, ...tests];
}

/** What boots of one kernel did not agree in, of one kind, by name. */
export function shakyNames(unstable: readonly Disagreement[], about: Disagreement['about']): ReadonlySet<string> {
  return new Set(unstable.filter((one) => one.about === about).map(({ name }) => name));
}
