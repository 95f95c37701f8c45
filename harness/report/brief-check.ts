import type { CheckedKernel, CheckedPatch, CheckReport } from '../evidence/check-schema.js';
import { count } from '../spec/count.js';
import { formatMs } from '../terminal/format.js';
import { shortTable, verdictCase, type Brief, type Case } from './brief.js';
import { rejectionExcerpt } from './brief-parts.js';
import { checkHeadline, OUTCOMES } from './check-text.js';

function nameOf({ number, subject }: CheckedPatch): string {
  return `${number === 0 ? 'prerequisite' : `patch ${number}`} ${subject}`;
}

function patchCases(patch: CheckedPatch): readonly Case[] {
  const { outcome, behind, checkpatch } = patch;
  const applies = outcome === 'applies' || outcome === 'applies-again';
  const detail = {
    applies: '',
    'applies-again': 'it applies, and its reverse applies too',
    contained: 'the kernel has it already',
    rejected: patch.rejected?.rejections[0] === undefined ? '' : `${patch.rejected.rejections[0].file}: ${patch.rejected.rejections[0].problem}`,
    blocked: `it changes files of ${behind === 0 ? 'a prerequisite' : `patch ${behind ?? 0}`}, which does not apply`,
  }[outcome];
  const first: Case = { name: `${nameOf(patch)} applies`, outcome: applies ? 'pass' : 'fail', status: outcome, detail, lines: patch.rejected === undefined ? [] : rejectionExcerpt(patch.rejected).lines };
  if (checkpatch === undefined) return [first];
  const name = `${nameOf(patch)} checkpatch.pl`;
  if (checkpatch.kind === 'not-run') return [first, { name, outcome: 'untold', status: 'not run', detail: checkpatch.why, lines: [] }];
  const lines = checkpatch.messages.map(({ severity, type, file, line, text }) => `${file === undefined ? '' : `${file}:${line ?? ''}: `}${severity} ${type}: ${text}`);
  const counts = `${count(checkpatch.errors, 'error')}, ${count(checkpatch.warnings, 'warning')}, ${count(checkpatch.checks, 'check')}`;
  return [first, { name, outcome: checkpatch.errors > 0 ? 'fail' : 'pass', status: '', detail: counts, lines }];
}

function kernelFacts({ series, version, label, patches, stated }: CheckedKernel): Brief['facts'] {
  return [
    ['series', `${series.name}: ${series.title} (${count(patches.length, 'patch', 'patches')})`],
    ['kernel', `${version}, ${label}`],
    ...series.notes.map((note) => ['picked', note] as const),
    ...stated.filter(({ outcome }) => outcome !== 'matches').map(({ text }) => ['base', text] as const),
  ];
}

/** A check in brief. Pure. */
export function briefCheck(report: CheckReport): Brief {
  const { kernels, exitCode } = report;
  const tone = ({ 0: 'good', 1: 'bad', 3: 'unclear' } as const)[exitCode];
  const headline = checkHeadline(exitCode);
  const faults = kernels.flatMap(({ version, patches }) => patches.flatMap(patchCases).flatMap(({ name, outcome, detail }) => (outcome === 'fail' || outcome === 'untold' ? [`${version}: ${name.replace(/ applies$/, ' does not apply')}: ${detail}`] : [])));
  const sentence = exitCode === 0 ? 'every patch applies to every kernel, and checkpatch.pl has no error' : exitCode === 1 ? 'a patch does not apply, or checkpatch.pl has an error' : 'checkpatch.pl was not run';
  return {
    ...{ tone, headline, sentence, reasons: faults, notes: ['nothing was built'] },
    facts: [...kernels.flatMap(kernelFacts), ['time', formatMs(report.totalMs)]],
    groups: [...kernels.map(({ version, patches }) => ({ name: version, cases: patches.flatMap(patchCases) })), { name: 'respin', cases: [verdictCase({ tone, sentence, reasons: faults })] }],
    tables: kernels.map(({ version, patches }) =>
      shortTable(version, ['patch', 'applies', 'errors', 'warnings', 'subject'], patches.map(({ number, outcome, checkpatch, subject }) => [number === 0 ? '-' : String(number), OUTCOMES[outcome], checkpatch?.kind === 'ran' ? String(checkpatch.errors) : '-', checkpatch?.kind === 'ran' ? String(checkpatch.warnings) : '-', subject])),
    ),
    excerpts: kernels.flatMap(({ patches }) => patches.flatMap(({ rejected }) => (rejected === undefined ? [] : [rejectionExcerpt(rejected)]))),
    ...{ command: report.command, startedAt: report.startedAt, totalMs: report.totalMs },
  };
}
