import type { Evidence, EvidenceBoot, EvidenceSide } from '../evidence/schema.js';
import { count } from '../spec/count.js';
import { shorten, visible } from '../terminal/escape.js';
import { formatTable } from '../terminal/format.js';
import { diagnosticKey } from '../verdict/diagnostic-key.js';
import { autoLines, coverageLines, diagnosticLines, findingLines, headingLines, HEADLINES, joinSections, rejectionLines, timesSeen, timeTable } from './text-parts.js';

const CELL_WIDTH = 60;

function testTable(evidence: Evidence): readonly string[] {
  const { tests } = evidence.verdict;
  if (tests.length === 0) return [];
  const shown = tests.filter((test) => !isSkippedOnBoth(test));
  const rows = shown.map((test) => [
    shorten(visible(test.name), CELL_WIDTH),
    `${test.base ?? '-'}${timesSeen(evidence, evidence.base.boots, test.name)}`,
    `${test.tip ?? '-'}${timesSeen(evidence, evidence.tip.boots, test.name)}`,
    test.change,
    test.tip === 'pass' ? '' : shorten(visible(test.reason), CELL_WIDTH),
  ]);
  const skipped = tests.length - shown.length;
  return [
    ...(rows.length === 0 ? [] : formatTable([['TEST', 'BASE', 'TIP', 'CHANGE', ''], ...rows])),
    ...(skipped === 0 ? [] : [`${count(skipped, 'more test')} skipped on both: ${firstReason(tests.filter(isSkippedOnBoth))}`]),
  ];
}

/** It says nothing about the series, and there may be hundreds. */
function isSkippedOnBoth({ base, tip, promised }: Evidence['verdict']['tests'][number]): boolean {
  return base === 'skip' && tip === 'skip' && promised === undefined;
}

function firstReason([first]: Evidence['verdict']['tests']): string {
  return shorten(visible(first?.reason ?? ''), CELL_WIDTH);
}

/** The warnings of the tip that the base has as well say nothing about the series. */
function newDiagnostics(evidence: Evidence): EvidenceSide {
  const known = new Set(evidence.base.build?.diagnostics.map(diagnosticKey));
  const { build } = evidence.tip;
  if (!build) return evidence.tip;
  return { ...evidence.tip, build: { ...build, diagnostics: build.diagnostics.filter((diagnostic) => !known.has(diagnosticKey(diagnostic))) } };
}

function reuseLine(evidence: Evidence): readonly string[] {
  const sides: readonly (readonly [string, EvidenceBoot | undefined])[] = [
    ['base', evidence.base.boots[0]],
    ['tip', evidence.tip.boots[0]],
  ];
  return sides.flatMap(([name, boot]) =>
    boot?.reused === true ? [`the result of the ${name} is that of ${visible(boot.at)}: kernel, configuration, toolchain, suite and QEMU are the same (--fresh runs it again)`] : [],
  );
}

/**
 * A run for a terminal: tests, findings, times, verdict, evidence.
 * @param folder where the evidence lies
 */
export function renderText(evidence: Evidence, folder: string): string {
  const { verdict } = evidence;
  const sections: readonly (readonly string[])[] = [
    [...headingLines(evidence), ...autoLines(evidence.tip)],
    testTable(evidence),
    [...rejectionLines(evidence.tip), ...diagnosticLines('base', { ...evidence.base, boots: [] }), ...diagnosticLines('tip', newDiagnostics(evidence))],
    [
      ...findingLines('new on the tip', verdict.newFindings),
      ...findingLines('on both', verdict.knownFindings),
      ...findingLines('gone from the base', verdict.goneFindings),
    ],
    coverageLines(evidence.tip),
    timeTable(evidence),
    reuseLine(evidence),
    [
      `${HEADLINES[verdict.name]}${verdict.name === 'good' ? ': everything that was promised held, nothing new broke' : ''}`,
      ...verdict.reasons.map(({ text }) => `  ${visible(text)}`),
      ...verdict.notes.map((note) => `note: ${visible(note)}`),
      `evidence: ${visible(folder)}`,
    ],
  ];
  return joinSections(sections);
}
