import type { AnyEvidence } from '../evidence/kinds.js';
import type { Evidence, EvidenceSide } from '../evidence/schema.js';
import { count } from '../spec/count.js';
import { formatMs } from '../terminal/format.js';
import { patchName } from '../verdict/decide.js';
import { diagnosticKey } from '../verdict/diagnostic-key.js';
import type { Brief, Case, Excerpt } from './brief.js';
import { placedLines } from './finding-lines.js';

const SHOWN_DIAGNOSTICS = 20;

type Finding = Evidence['verdict']['newFindings'][number];
type Diagnostic = NonNullable<EvidenceSide['build']>['diagnostics'][number];

/** What was judged, on what, by what; and what the reader must know of the base. */
export function factsOf(evidence: AnyEvidence): Brief['facts'] {
  const { series, kernel, suite, profile, host, options } = evidence;
  const { prerequisites, patches, notes, stated, merged } = series;
  const on = prerequisites.length === 0 ? '' : `, on ${count(prerequisites.length, 'prerequisite')}`;
  const more = [...(options?.config ?? []).map(({ name }) => name), ...(options?.qemuArgs ?? []).map((arg) => `--qemu-arg ${arg}`), ...((options?.repeat ?? 1) > 1 ? [`--repeat ${options?.repeat ?? 1}`] : [])];
  return [
    ['series', `${series.name}: ${series.title} (${count(patches.length, 'patch', 'patches')}${on})`],
    ...notes.map((note) => ['picked', note] as const),
    ['kernel', `${kernel.version}, ${kernel.label}`],
    ['suite', `${suite.name}, profile ${profile.name}, ${host.accelerator.name}`],
    ['compiler', host.compiler],
    ...(more.length === 0 ? [] : [['with', more.join(', ')] as const]),
    ...stated.filter(({ outcome }) => outcome !== 'matches').map(({ text, hint }) => ['base', hint === '' ? text : `${text} (${hint})`] as const),
    ...merged.map(({ patch, subject, files }) => ['MERGED', `patch ${patch} "${subject}" does not apply; tested is a three-way merge into ${files.join(', ')}`] as const),
    ['time', formatMs(evidence.totalMs)],
  ];
}

/** How applying, building and booting one kernel came out; `untold` is what a fault of it is where the series is not to blame. */
export function kernelCases(name: string, side: EvidenceSide, fault: 'fail' | 'untold'): readonly Case[] {
  const { rejected, config, build, boots } = side;
  const bad = (what: string, detail: string, lines: readonly string[], ms?: number): Case => ({ name: `${name} ${what}`, outcome: fault, status: 'failed', detail, lines, ms });
  const good = (what: string, detail: string, ms: number): Case => ({ name: `${name} ${what}`, outcome: 'pass', status: '', detail, lines: [], ms });
  return [
    ...(rejected === undefined ? [] : [bad('applies', rejectionText(rejected), rejectionExcerpt(rejected).lines)]),
    ...(config?.failure === undefined ? [] : [bad('is configured', config.failure, config.misses.map(({ option, wanted, got }) => `${option}=${wanted} came out as ${got}`))]),
    ...(build === undefined ? [] : build.ok ? [good('builds', build.reused ? 'as it was built before' : count(build.objects, 'object'), build.ms)] : [bad('builds', `${build.what} does not build`, buildLines(side), build.ms)]),
    ...boots.map((boot, index) => {
      const what = `boots${boots.length === 1 ? '' : ` (${index + 1} of ${boots.length})`}`;
      // A broken result stream proves nothing against anybody.
      return boot.end.kind === 'complete' ? good(what, '', boot.totalMs) : { ...bad(what, boot.end.description, [], boot.totalMs), outcome: boot.end.kind === 'corrupt' ? 'untold' : fault };
    }),
  ];
}

function rejectionText(rejected: NonNullable<EvidenceSide['rejected']>): string {
  const [first] = rejected.rejections;
  return `${patchName(rejected)} does not apply${first === undefined ? '' : ` to ${first.file}: ${first.problem}`}`;
}

/** A patch that does not apply: where, what it expects, what is there, and why. */
export function rejectionExcerpt(rejected: NonNullable<EvidenceSide['rejected']>): Excerpt {
  const hunks = rejected.rejections.flatMap(({ file, hunk, problem, expected, found, line }) => [
    `${file}: ${problem}`,
    ...(hunk === undefined ? [] : [hunk]),
    ...(expected.length === 0 ? [] : ['the patch expects:', ...expected.map((text) => `  ${text}`), `the tree has${line === undefined ? '' : `, from line ${line}`}:`, ...found.map((text) => `  ${text}`)]),
  ]);
  const causes = (rejected.causes ?? []).flatMap(({ text, hint }, index) => [`${index === 0 ? 'likeliest cause' : 'also'}: ${text}`, ...(hint === '' ? [] : [`  ${hint}`])]);
  return { title: `${patchName(rejected)} does not apply`, lines: [...hunks, ...causes] };
}

export function diagnosticText({ file, line, column, severity, message, patch }: Diagnostic): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return `${place}: ${severity}: ${message}${patch === undefined ? '' : ` (a line of patch ${patch})`}`;
}

function buildLines({ build }: EvidenceSide): readonly string[] {
  const errors = (build?.diagnostics ?? []).filter(({ severity }) => severity === 'error').slice(0, SHOWN_DIAGNOSTICS).map(diagnosticText);
  return errors.length > 0 ? errors : (build?.tail ?? []);
}

/** What the compiler said of one kernel and not of the one before it; nothing where there is nothing. */
export function diagnosticExcerpt(name: string, side: EvidenceSide, known: ReadonlySet<string>): readonly Excerpt[] {
  const fresh = (side.build?.diagnostics ?? []).filter((diagnostic) => !known.has(diagnosticKey(diagnostic)));
  const tail = side.build?.ok === false && fresh.length === 0 ? side.build.tail : [];
  const lines = [...fresh.slice(0, SHOWN_DIAGNOSTICS).map(diagnosticText), ...(fresh.length > SHOWN_DIAGNOSTICS ? [`… ${fresh.length - SHOWN_DIAGNOSTICS} more in build.log`] : []), ...tail];
  return lines.length === 0 ? [] : [{ title: `the compiler on ${name}`, lines }];
}

export function findingExcerpt(heading: string, finding: Finding): Excerpt {
  return { title: `${heading}: ${finding.title}`, lines: placedLines(finding) };
}

export function findingCase(name: string, finding: Finding, outcome: Case['outcome']): Case {
  const { title } = finding;
  return { name: `${name}: ${title}`, outcome, status: 'kernel report', detail: title, lines: placedLines(finding) };
}

/** Code that is touched and no part of the kernel: nothing that was run says anything of it. */
export function unbuiltNotes({ coverage }: EvidenceSide): readonly string[] {
  const all = coverage?.unbuilt ?? [];
  if (all.length === 0) return [];
  const shown = all.slice(0, 5).map(({ path, needs }) => `${path} (${needs})`);
  return [`NOT TESTED: ${count(all.length, 'file')} that the series touches ${all.length === 1 ? 'was' : 'were'} not built: ${shown.join('; ')}${all.length > shown.length ? '; …' : ''}`];
}
