import type { SingleEvidence } from '../evidence/kinds.js';
import type { Brief, Case, Outcome } from './brief.js';
import { briefOf } from './formats.js';
import { visible } from '../terminal/escape.js';
import { patchName } from '../verdict/decide.js';

/** One result as `b4.review-perpatch-check-cmd` and `b4.review-series-check-cmd` take it (docs/maintainer/review.rst of b4). */
export interface B4Result {
  readonly tool: 'respin';
  readonly status: 'pass' | 'warn' | 'fail';
  readonly summary: string;
  readonly details: string;
}

const SHOWN_LINES = 200;

const STATUS: Readonly<Record<Brief['tone'], B4Result['status']>> = { good: 'pass', bad: 'fail', unclear: 'warn' };

function result(status: B4Result['status'], summary: string, details: readonly string[]): B4Result {
  return { tool: 'respin', status, summary: visible(summary), details: details.slice(0, SHOWN_LINES).map(visible).join('\n') };
}

/** What evidence says of the series as a whole. Pure. */
export function b4Series(evidence: SingleEvidence): B4Result {
  const { tone, headline, sentence, reasons, notes, facts } = briefOf(evidence);
  return result(STATUS[tone], `${headline}: ${sentence}`, [...reasons, ...notes, ...facts.map(([label, text]) => `${label}: ${text}`)]);
}

function worst(cases: readonly Case[]): B4Result['status'] {
  const has = (outcome: Outcome): boolean => cases.some((one) => one.outcome === outcome);
  return has('fail') ? 'fail' : has('untold') ? 'warn' : 'pass';
}

function caseLines(cases: readonly Case[]): readonly string[] {
  return cases.filter(({ outcome }) => outcome === 'fail' || outcome === 'untold').flatMap(({ name, detail, lines }) => [`${name}${detail === '' ? '' : `: ${detail}`}`, ...lines.slice(0, 20).map((line) => `  | ${line}`)]);
}

/**
 * What evidence says of one patch. Only a walk tests a patch by itself; a run says it of its series, and is no fault of a
 * patch that it does not name. Pure.
 * @param number of the patch in the series, from 1
 */
export function b4Patch(evidence: SingleEvidence, number: number): B4Result {
  const brief = briefOf(evidence);
  if (evidence.kind === 'check') {
    const named = brief.groups.flatMap(({ name, cases }) => cases.filter((one) => one.name.startsWith(`patch ${number} `)).map((one) => ({ ...one, name: `${name}: ${one.name}` })));
    const status = worst(named);
    return result(named.length === 0 ? 'warn' : status, status === 'pass' ? 'it applies, and checkpatch.pl has no error' : (caseLines(named)[0] ?? 'not checked'), caseLines(named));
  }
  const patch = evidence.series.patches.find((one) => one.number === number);
  const name = patchName({ patch: number, subject: patch?.subject ?? '' });
  const reasons = brief.reasons.filter((reason) => reason.includes(name));
  if (evidence.kind === 'walk') {
    const index = evidence.points.findIndex((point) => point.patch === number);
    const point = evidence.points[index];
    const cases = brief.groups[index]?.cases ?? [];
    if (!point) return result('warn', 'the walk did not come to this patch', [`${brief.headline}: ${brief.sentence}`]);
    const cells = evidence.verdict.rows.map((row) => row.cells[index]);
    const brings = evidence.verdict.brings.find((bring) => bring.patch === number)?.tests.length ?? 0;
    const said = `${cells.filter((cell) => cell === 'pass').length} of ${cells.length} tests pass${brings === 0 ? '' : `, ${brings} from here on`}`;
    // A reason that names this patch is its fault only where the verdict is bad.
    const status = reasons.length > 0 ? STATUS[brief.tone === 'good' ? 'unclear' : brief.tone] : worst(cases);
    return result(status, status === 'pass' ? `builds, boots; ${said}` : (reasons[0] ?? caseLines(cases)[0] ?? said), [...reasons, ...caseLines(cases)]);
  }
  if (reasons.length > 0 && brief.tone === 'bad') return result('fail', reasons[0] ?? '', reasons);
  return result(brief.tone === 'good' ? 'pass' : 'warn', `not tested by itself; the series is ${brief.headline}`, [brief.sentence, ...brief.reasons]);
}

/**
 * A result as `b4.prep-perpatch-check-cmd` and `b4.am-perpatch-check-cmd` take it: nothing for what is fine, else lines as
 * checkpatch.pl prints them, which b4 takes for a failure where they have `ERROR:` and else for a warning.
 */
export function b4Lines({ status, summary, details }: B4Result): string {
  if (status === 'pass') return '';
  const word = status === 'fail' ? 'ERROR' : 'WARNING';
  const more = details.split('\n').filter((line) => line !== '' && line !== summary).map((line) => `respin: NOTE: ${line.replaceAll('ERROR:', 'ERROR :')}`);
  return `${[`respin: ${word}: ${summary}`, ...more].join('\n')}\n`;
}
