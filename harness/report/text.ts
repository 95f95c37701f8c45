import type { Evidence, EvidenceBoot, EvidenceSide } from '../evidence/schema.js';
import { count } from '../spec/count.js';
import { shorten, visible } from '../terminal/escape.js';
import { formatMs, formatTable } from '../terminal/format.js';

const SHOWN_DIAGNOSTICS = 10;
const SHOWN_HUNK_LINES = 12;
const SHOWN_FINDING_LINES = 12;
const CELL_WIDTH = 60;

function testTable(evidence: Evidence): readonly string[] {
  const { tests } = evidence.verdict;
  if (tests.length === 0) return [];
  const rows = tests.map((test) => [
    shorten(visible(test.name), CELL_WIDTH),
    test.base ?? '-',
    test.tip ?? '-',
    test.change,
    test.tip === 'pass' ? '' : shorten(visible(test.reason), CELL_WIDTH),
  ]);
  return formatTable([['TEST', 'BASE', 'TIP', 'CHANGE', ''], ...rows]);
}

function findingLines(heading: string, findings: Evidence['verdict']['newFindings']): readonly string[] {
  return findings.flatMap((finding) => [
    `${heading}: ${visible(finding.title)}`,
    ...finding.lines.slice(0, SHOWN_FINDING_LINES).map((line) => `    | ${visible(line)}`),
    ...(finding.lines.length > SHOWN_FINDING_LINES ? [`    | … ${count(finding.lines.length - SHOWN_FINDING_LINES, 'more line')} in the console`] : []),
  ]);
}

function rejectionLines(side: EvidenceSide): readonly string[] {
  const { rejected } = side;
  if (!rejected) return [];
  return rejected.rejections.flatMap((rejection) => [
    `patch ${rejected.patch} "${visible(rejected.subject)}" does not apply to ${visible(rejection.file)}: ${visible(rejection.problem)}`,
    ...(rejection.hunk === undefined ? [] : [`    ${visible(rejection.hunk)}`]),
    ...(rejection.expected.length === 0 ? [] : ['    the patch expects:']),
    ...rejection.expected.slice(0, SHOWN_HUNK_LINES).map((line) => `    | ${visible(line)}`),
    ...(rejection.expected.length === 0 ? [] : [`    the tree has${rejection.line === undefined ? '' : `, from line ${rejection.line}`}:`]),
    ...rejection.found.slice(0, SHOWN_HUNK_LINES).map((line) => `    | ${visible(line)}`),
  ]);
}

function diagnosticLines(name: string, side: EvidenceSide): readonly string[] {
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

/** The warnings of the tip that the base has as well say nothing about the series. */
function newDiagnostics(evidence: Evidence): EvidenceSide {
  const known = new Set(evidence.base.build?.diagnostics.map(({ file, message }) => `${file}\0${message}`));
  const { build } = evidence.tip;
  if (!build) return evidence.tip;
  return { ...evidence.tip, build: { ...build, diagnostics: build.diagnostics.filter(({ file, message }) => !known.has(`${file}\0${message}`)) } };
}

function reuseLine(evidence: Evidence): readonly string[] {
  const sides: readonly (readonly [string, EvidenceBoot | undefined])[] = [
    ['base', evidence.base.boots[0]],
    ['tip', evidence.tip.boots[0]],
  ];
  return sides.flatMap(([name, boot]) =>
    boot?.reused === true ? [`the result of the ${name} is that of ${boot.at}: kernel, configuration, toolchain, suite and QEMU are the same (--fresh runs it again)`] : [],
  );
}

function timeTable(evidence: Evidence): readonly string[] {
  const rows = evidence.timings.map(({ stage, what, ms, outcome }) => [stage, visible(what), formatMs(ms), visible(outcome)]);
  return formatTable([['STAGE', 'WHAT', 'TIME', 'OUTCOME'], ...rows, ['total', '', formatMs(evidence.totalMs), '']]);
}

const HEADLINES = { good: 'GOOD', bad: 'BAD', untestable: 'UNTESTABLE' } as const;

/**
 * A run for a terminal: tests, findings, times, verdict, evidence.
 * @param folder where the evidence lies
 */
export function renderText(evidence: Evidence, folder: string): string {
  const { verdict } = evidence;
  const sections: readonly (readonly string[])[] = [
    [
      `series   ${visible(evidence.series.name)}: ${visible(evidence.series.title)} (${count(evidence.series.patches.length, 'patch', 'patches')})`,
      `kernel   ${visible(evidence.kernel.version)}, ${visible(evidence.kernel.label)}`,
      `suite    ${evidence.suite.name}, profile ${evidence.profile.name}, ${evidence.host.accelerator.name}`,
    ],
    testTable(evidence),
    [...rejectionLines(evidence.tip), ...diagnosticLines('base', { ...evidence.base, boots: [] }), ...diagnosticLines('tip', newDiagnostics(evidence))],
    [
      ...findingLines('new on the tip', verdict.newFindings),
      ...findingLines('on both', verdict.knownFindings),
      ...findingLines('gone from the base', verdict.goneFindings),
    ],
    timeTable(evidence),
    reuseLine(evidence),
    [
      `${HEADLINES[verdict.name]}${verdict.name === 'good' ? ': everything that was promised held, nothing new broke' : ''}`,
      ...verdict.reasons.map(({ text }) => `  ${visible(text)}`),
      `evidence: ${visible(folder)}`,
    ],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}
