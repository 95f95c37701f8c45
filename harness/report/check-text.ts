import type { CheckedKernel, CheckedPatch, CheckReport } from '../evidence/check-schema.js';
import { count } from '../spec/count.js';
import { shorten, visible } from '../terminal/escape.js';
import { formatMs, formatTable } from '../terminal/format.js';
import { joinSections, rejectionLines } from './text-parts.js';

const SUBJECT_WIDTH = 60;
/** Of each severity and patch. */
const SHOWN_MESSAGES = 12;

export const OUTCOMES: Readonly<Record<CheckedPatch['outcome'], string>> = {
  applies: 'applies',
  'applies-again': 'applies, again?',
  contained: 'there already',
  rejected: 'DOES NOT APPLY',
  blocked: 'DOES NOT APPLY',
};

const HEADLINES = { 0: 'CLEAN', 1: 'NOT CLEAN', 3: 'NOT KNOWN' } as const;

/** In capitals: whether the series is clean. */
export function checkHeadline(exitCode: CheckReport['exitCode']): string {
  return HEADLINES[exitCode];
}

function nameOf({ number }: CheckedPatch): string {
  return number === 0 ? 'prerequisite' : `patch ${number}`;
}

function patchTable({ patches }: CheckedKernel): readonly string[] {
  const rows = patches.map((patch) => {
    const { checkpatch } = patch;
    const counts = checkpatch?.kind === 'ran' ? [checkpatch.errors, checkpatch.warnings, checkpatch.checks].map(String) : ['-', '-', '-'];
    return [patch.number === 0 ? '-' : String(patch.number), OUTCOMES[patch.outcome], ...counts, shorten(visible(patch.subject), SUBJECT_WIDTH)];
  });
  return formatTable([['PATCH', 'APPLIES', 'ERRORS', 'WARNINGS', 'CHECKS', 'SUBJECT'], ...rows]);
}

function applyLines({ patches, version }: CheckedKernel): readonly string[] {
  return patches.flatMap((patch) => {
    switch (patch.outcome) {
      case 'applies':
        return [];
      case 'applies-again':
        return [`${nameOf(patch)} applies, and its reverse applies too: see that ${visible(version)} does not have it already`];
      case 'contained':
        return [`${nameOf(patch)} is in ${visible(version)} already: it can be taken back out`];
      case 'rejected':
        return rejectionLines(patch);
      case 'blocked':
        return [`${nameOf(patch)} does not apply either: it changes files of ${patch.behind === 0 ? 'a prerequisite' : `patch ${patch.behind ?? 0}`}, which does not apply`];
    }
  });
}

function checkpatchLines({ patches }: CheckedKernel): readonly string[] {
  const notRun = new Set(patches.flatMap(({ checkpatch }) => (checkpatch?.kind === 'not-run' ? [`checkpatch.pl was not run: ${visible(checkpatch.why)}`] : [])));
  const said = patches.flatMap((patch) => {
    const messages = patch.checkpatch?.kind === 'ran' ? patch.checkpatch.messages : [];
    return (['ERROR', 'WARNING', 'CHECK'] as const).flatMap((severity) => {
      const all = messages.filter((message) => message.severity === severity);
      const shown = all.slice(0, SHOWN_MESSAGES).map(({ file, line, type, text }) => {
        const place = file === undefined ? '' : ` ${visible(file)}${line === undefined ? '' : `:${line}`}:`;
        return `${nameOf(patch)}:${place} ${severity} ${type}: ${visible(text)}`;
      });
      return all.length > shown.length ? [...shown, `${nameOf(patch)}: … ${count(all.length - shown.length, `more ${severity}`, `more of ${severity}`)}`] : shown;
    });
  });
  return [...notRun, ...said];
}

function fileLines({ files }: CheckedKernel): readonly string[] {
  const rows = files.map(({ path, needs, kind }) => [visible(path), kind === 'source' ? `needs ${visible(needs)}` : visible(needs)]);
  const options = new Map(files.flatMap((file) => file.options.map(({ name, dependsOn }) => [name, dependsOn] as const)));
  const depends = [...options].filter(([, dependsOn]) => dependsOn !== '').map(([name, dependsOn]) => [visible(name), visible(dependsOn)]);
  return [...formatTable([['FILE', 'TO BE COMPILED'], ...rows]), ...(depends.length === 0 ? [] : ['', ...formatTable([['OPTION', 'DEPENDS ON'], ...depends])])];
}

function maintainerLines({ maintainers }: CheckedKernel): readonly string[] {
  if (maintainers.kind === 'not-run') return [`get_maintainer.pl: ${visible(maintainers.why)}`];
  return ['to:', ...maintainers.maintainers.map(({ who, role }) => `  ${visible(who)} (${visible(role)})`)];
}

function summaryLine({ patches, version }: CheckedKernel): string {
  const applied = patches.filter(({ outcome }) => outcome.startsWith('applies')).length;
  const errors = patches.reduce((sum, { checkpatch }) => sum + (checkpatch?.kind === 'ran' ? checkpatch.errors : 0), 0);
  return `${visible(version)}: ${applied} of ${count(patches.length, 'patch applies', 'patches apply')}, ${patches.some(({ checkpatch }) => checkpatch?.kind === 'not-run') ? 'checkpatch.pl was not run' : `checkpatch.pl has ${errors === 0 ? 'no error' : count(errors, 'ERROR')}`}`;
}

/** A check for a terminal, kernel by kernel. */
export function renderCheckText({ kernels, exitCode, totalMs }: CheckReport): string {
  return joinSections([
    ...kernels.flatMap((kernel) => [
      [
        `series   ${visible(kernel.series.name)}: ${visible(kernel.series.title)} (${count(kernel.patches.length, 'patch', 'patches')})`,
        `kernel   ${visible(kernel.version)}, ${visible(kernel.label)}`,
        ...kernel.series.notes.map((note) => `picked   ${visible(note)}`),
        ...kernel.stated.map(({ text, hint }) => `base     ${visible(text)}${hint === '' ? '' : ` (${visible(hint)})`}`),
      ],
      patchTable(kernel),
      applyLines(kernel),
      checkpatchLines(kernel),
      fileLines(kernel),
      maintainerLines(kernel),
    ]),
    [...kernels.map(summaryLine), `${checkHeadline(exitCode)}${exitCode === 3 ? ': checkpatch.pl was not run' : ''} in ${formatMs(totalMs)}; nothing was built`],
  ]);
}
