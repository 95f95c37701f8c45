import type { Evidence, EvidenceRejected, EvidenceSide } from '../evidence/schema.js';
import type { AnyEvidence } from '../evidence/kinds.js';
import { count } from '../spec/count.js';
import { visible } from '../terminal/escape.js';
import { formatMs, formatTable } from '../terminal/format.js';
import { patchName } from '../verdict/decide.js';
import { placedLines } from './finding-lines.js';

const SHOWN_DIAGNOSTICS = 10;
const SHOWN_HUNK_LINES = 12;
const SHOWN_FINDING_LINES = 12;
const SHOWN_UNBUILT = 20;

export const HEADLINES = { good: 'GOOD', bad: 'BAD', untestable: 'UNTESTABLE' } as const;

function prerequisiteText({ series: { prerequisites } }: AnyEvidence): string {
  return prerequisites.length === 0 ? '' : `, on ${count(prerequisites.length, 'prerequisite')}`;
}

/** What was judged, on what, by what. */
export function headingLines(evidence: AnyEvidence): readonly string[] {
  return [
    `series   ${visible(evidence.series.name)}: ${visible(evidence.series.title)} (${count(evidence.series.patches.length, 'patch', 'patches')}${prerequisiteText(evidence)})`,
    ...evidence.series.notes.map((note) => `         ${visible(note)}`),
    `kernel   ${visible(evidence.kernel.version)}, ${visible(evidence.kernel.label)}`,
    `suite    ${visible(`${evidence.suite.name}, profile ${evidence.profile.name}, ${evidence.host.accelerator.name}`)}`,
    ...optionLines(evidence),
    ...baseLines(evidence.series),
  ];
}

/** What the reader must know of the base: that it is another than stated, and what was merged. */
function baseLines({ stated, merged }: AnyEvidence['series']): readonly string[] {
  return [
    ...stated.filter(({ outcome }) => outcome !== 'matches').map(({ text, hint }) => `base     ${visible(text)}${hint === '' ? '' : ` (${visible(hint)})`}`),
    ...merged.map(({ patch, subject, files }) => `MERGED   patch ${patch} "${visible(subject)}" does not apply; tested is a three-way merge into ${visible(files.join(', '))}`),
  ];
}

/** What makes this run another than one of the profile as it is. */
function optionLines({ options }: AnyEvidence): readonly string[] {
  if (!options) return [];
  const { config, qemuArgs, repeat } = options;
  const words = [...config.map(({ name }) => name), ...qemuArgs.map((arg) => `--qemu-arg ${arg}`), ...(repeat > 1 ? [`--repeat ${repeat}`] : [])];
  return words.length === 0 ? [] : [`with     ${visible(words.join(', '))}`];
}

/**
 * In how many boots of one kernel a test came out as the first said: `2 of 3`. Empty where they agree, unless it was asked for
 * several.
 */
export function timesSeen({ options }: AnyEvidence, boots: EvidenceSide['boots'], name: string): string {
  const statuses = boots.map(({ results }) => results.find((result) => result.name === name)?.status);
  const agree = statuses.filter((status) => status === statuses[0]).length;
  const isTold = agree < statuses.length || (options?.repeat ?? 1) > 1;
  return isTold && statuses.some((status) => status !== undefined) ? ` ${agree} of ${statuses.length}` : '';
}

/** The beginning of a report, and of what follows the lines that a patch of the series added. */
function shownLines(finding: Evidence['verdict']['newFindings'][number]): readonly string[] {
  const added = new Set((finding.places ?? []).filter(({ patch }) => patch !== undefined).map(({ index }) => index));
  return placedLines(finding).filter((_, index) => index < SHOWN_FINDING_LINES || added.has(index));
}

export function findingLines(heading: string, findings: Evidence['verdict']['newFindings']): readonly string[] {
  return findings.flatMap((finding) => [
    `${heading}: ${visible(finding.title)}${finding.corrupt === true ? ' (the report is not whole)' : ''}`,
    ...shownLines(finding).map((line) => `    | ${visible(line)}`),
    ...(finding.lines.length > shownLines(finding).length ? [`    | … ${count(finding.lines.length - shownLines(finding).length, 'more line')} in the console`] : []),
  ]);
}

export function rejectionLines({ rejected }: Pick<EvidenceSide, 'rejected'>): readonly string[] {
  return rejected === undefined ? [] : [...hunkLines(rejected), ...causeLines(rejected)];
}

/** Why, with what to do; nothing when nothing was tried. */
function causeLines({ causes }: EvidenceRejected): readonly string[] {
  if (causes === undefined) return [];
  if (causes.length === 0) return ['cause: none that was tried explains it (there already, white space, another order, a moved file, another kernel, less context)'];
  return causes.flatMap(({ text, hint }, index) => [`${index === 0 ? 'likeliest cause' : 'also'}: ${visible(text)}`, ...(hint === '' ? [] : [`    ${visible(hint)}`])]);
}

function hunkLines(rejected: EvidenceRejected): readonly string[] {
  return rejected.rejections.flatMap((rejection) => [
    `${visible(patchName(rejected))} does not apply to ${visible(rejection.file)}: ${visible(rejection.problem)}`,
    ...(rejection.hunk === undefined ? [] : [`    ${visible(rejection.hunk)}`]),
    ...(rejection.expected.length === 0 ? [] : ['    the patch expects:']),
    ...rejection.expected.slice(0, SHOWN_HUNK_LINES).map((line) => `    | ${visible(line)}`),
    ...(rejection.expected.length === 0 ? [] : [`    the tree has${rejection.line === undefined ? '' : `, from line ${rejection.line}`}:`]),
    ...rejection.found.slice(0, SHOWN_HUNK_LINES).map((line) => `    | ${visible(line)}`),
  ]);
}

/** What --config auto did. */
export function autoLines({ config }: Pick<EvidenceSide, 'config'>): readonly string[] {
  const auto = config?.auto;
  if (!auto) return [];
  const added = Object.entries(auto.settings).map(([name, value]) => `${name}=${value}`);
  return [
    `config   auto added ${added.length === 0 ? 'nothing' : visible(added.join(' '))}`,
    ...auto.failed.map(({ path, why }) => `config   auto cannot bring ${visible(path)} into this kernel: ${visible(why)}`),
  ];
}

/** Code that is touched and no part of the kernel: nothing that was run says anything of it. */
export function coverageLines({ coverage }: Pick<EvidenceSide, 'coverage'>): readonly string[] {
  const all = coverage?.unbuilt ?? [];
  if (all.length === 0) return [];
  const built = coverage?.compiled.length ?? 0;
  const shown = all.slice(0, SHOWN_UNBUILT).map(({ path, needs }) => `  ${visible(path)} is touched and was not built: ${visible(needs)}`);
  const more = all.length > shown.length ? [`  … ${count(all.length - shown.length, 'more file')} in evidence.json`] : [];
  return [`NOT TESTED: ${all.length} of ${count(built + all.length, 'file')} of code that the series touches ${all.length === 1 ? 'is' : 'are'} not in this kernel (--config auto adds what is needed)`, ...shown, ...more];
}

export function diagnosticLines(name: string, side: EvidenceSide): readonly string[] {
  const diagnostics = side.build?.diagnostics ?? [];
  const shown = diagnostics.slice(0, SHOWN_DIAGNOSTICS).map((diagnostic) => {
    const place = [diagnostic.file, diagnostic.line, diagnostic.column].filter((part) => part !== undefined).join(':');
    const patch = diagnostic.patch === undefined ? '' : ` (a line of patch ${diagnostic.patch})`;
    return `${name}: ${visible(place)}: ${diagnostic.severity}: ${visible(diagnostic.message)}${patch}`;
  });
  const more = diagnostics.length - shown.length;
  const tail = side.build?.ok === false && diagnostics.length === 0 ? side.build.tail.slice(-SHOWN_DIAGNOSTICS).map((line) => `    | ${visible(line)}`) : [];
  return [...shown, ...(more > 0 ? [`${name}: … ${more} more in build.log`] : []), ...tail];
}

export function timeTable(evidence: AnyEvidence): readonly string[] {
  const rows = evidence.timings.map(({ stage, what, ms, outcome }) => [visible(stage), visible(what), formatMs(ms), visible(outcome)]);
  return formatTable([['STAGE', 'WHAT', 'TIME', 'OUTCOME'], ...rows, ['total', '', formatMs(evidence.totalMs), '']]);
}

/** Sections with an empty line between; those without lines are left out. */
export function joinSections(sections: readonly (readonly string[])[]): string {
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}
