import type { Evidence, EvidenceSide } from '../../evidence/schema.js';
import type { RerunItem } from '../../model.js';

const NONE = 'none';

function item(what: string, then: string | undefined, now: string | undefined, decides = true): RerunItem {
  return { what, then: then ?? NONE, now: now ?? NONE, same: then === now, decides, details: [] };
}

/** Test by test what its boots said: one word, or several of a test that is not stable. */
function resultsOf({ boots }: EvidenceSide): ReadonlyMap<string, string> {
  const statuses = new Map<string, Set<string>>();
  for (const { name, status } of boots.flatMap(({ results }) => results)) statuses.set(name, (statuses.get(name) ?? new Set()).add(status));
  return new Map([...statuses].map(([name, seen]) => [name, [...seen].sort().join(' or ')]));
}

function summary(results: ReadonlyMap<string, string>): string {
  if (results.size === 0) return NONE;
  return `${[...results.values()].filter((status) => status === 'pass').length} of ${results.size} pass`;
}

function resultsItem(side: string, then: EvidenceSide, now: EvidenceSide): RerunItem {
  const [before, after] = [resultsOf(then), resultsOf(now)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const details = names.filter((name) => before.get(name) !== after.get(name)).map((name) => `${name} was ${before.get(name) ?? 'not there'} and is ${after.get(name) ?? 'not there'}`);
  return { what: `${side} results`, then: summary(before), now: summary(after), same: details.length === 0, decides: true, details };
}

function reportsItem(side: string, then: EvidenceSide, now: EvidenceSide): RerunItem {
  const reports = ({ boots }: EvidenceSide): ReadonlyMap<string, string> => new Map(boots.flatMap(({ findings }) => findings.map(({ fingerprint, title }) => [fingerprint, title] as const)));
  const [before, after] = [reports(then), reports(now)];
  const details = [
    ...[...before].filter(([fingerprint]) => !after.has(fingerprint)).map(([, title]) => `not reported any more: ${title}`),
    ...[...after].filter(([fingerprint]) => !before.has(fingerprint)).map(([, title]) => `reported anew: ${title}`),
  ];
  return { what: `${side} reports`, then: String(before.size), now: String(after.size), same: details.length === 0, decides: true, details };
}

function endsOf({ boots }: EvidenceSide): string | undefined {
  return boots.length === 0 ? undefined : [...new Set(boots.map(({ end }) => end.kind))].sort().join(' or ');
}

function sideItems(side: string, then: EvidenceSide, now: EvidenceSide): readonly RerunItem[] {
  return [
    item(`${side} configuration`, then.config?.digest, now.config?.digest),
    item(`${side} vmlinux`, then.build?.vmlinux, now.build?.vmlinux),
    item(`${side} initramfs`, then.initramfs, now.initramfs),
    item(`${side} boot`, endsOf(then), endsOf(now)),
    resultsItem(side, then, now),
    reportsItem(side, then, now),
  ];
}

/** Item by item, whether a run came out again as its evidence says. */
export function compareRuns(then: Evidence, now: Evidence): readonly RerunItem[] {
  return [
    item('source', then.kernel.digest, now.kernel.digest),
    item('compiler', then.host.compiler, now.host.compiler, false),
    item('linker', then.host.linker, now.host.linker, false),
    item('make', then.host.make, now.host.make, false),
    item('QEMU', then.host.qemu, now.host.qemu, false),
    item('accelerator', then.host.accelerator.name, now.host.accelerator.name, false),
    ...sideItems('base', then.base, now.base),
    ...sideItems('tip', then.tip, now.tip),
    item('verdict', then.verdict.name, now.verdict.name),
  ];
}
