import type { MatrixCell, MatrixEvidence } from '../evidence/matrix-schema.js';
import { count } from '../spec/count.js';
import { formatMs } from '../terminal/format.js';
import { shortTable, verdictCase, type Brief, type BriefTable, type Case, type Outcome } from './brief.js';

type Verdict = MatrixEvidence['verdict']['name'];
type Judged = Extract<MatrixCell['outcome'], { kind: 'judged' }>;

export const MATRIX_HEADLINES: Readonly<Record<Verdict, string>> = { good: 'GOOD', bad: 'BAD', untestable: 'UNTESTABLE', host: 'HOST', usage: 'REFUSED' };

export const MATRIX_SENTENCES: Readonly<Record<Verdict, string>> = {
  good: 'every cell is good',
  bad: 'the series is at fault in a cell',
  untestable: 'it cannot be told of every cell whether the series is good',
  host: 'a machine failed; that says nothing about the series',
  usage: 'a part of the request is wrong',
};

const TONES: Readonly<Record<Verdict, Brief['tone']>> = { good: 'good', bad: 'bad', untestable: 'unclear', host: 'unclear', usage: 'unclear' };
const OUTCOMES: Readonly<Record<Verdict, Outcome>> = { good: 'pass', bad: 'fail', untestable: 'untold', host: 'untold', usage: 'untold' };

/** What a cell came to: its verdict, or whose fault it is that there is none. */
export function cellVerdict({ outcome }: MatrixCell): Verdict {
  return outcome.kind === 'judged' ? outcome.name : outcome.fault;
}

/** `all`, or `3 to 6` of a shard. */
export function rangeText({ range }: MatrixCell): string {
  return range === undefined ? 'all' : `${range.from} to ${range.to}`;
}

/** The cells that came to a verdict. */
export function judgedIn({ cells }: MatrixEvidence): readonly Judged[] {
  return cells.flatMap(({ outcome }) => (outcome.kind === 'judged' ? [outcome] : []));
}

/** What to do of the cells that failed, each once. */
export function hintsIn({ cells }: MatrixEvidence): readonly string[] {
  return [...new Set(cells.flatMap(({ outcome }) => (outcome.kind === 'failed' && outcome.hint !== undefined ? [outcome.hint] : [])))];
}

/** The series of the cells, each once: they may differ from kernel to kernel. */
function seriesFacts(evidence: MatrixEvidence): Brief['facts'] {
  const texts = judgedIn(evidence).map(({ series: { name, title, patches } }) => `${name}${title === undefined ? '' : `: ${title}`}${patches === undefined ? '' : ` (${count(patches, 'patch', 'patches')})`}`);
  return [...new Set(texts)].map((text) => ['series', text] as const);
}

function facts(evidence: MatrixEvidence): Brief['facts'] {
  const { plan, shard, cells, totalMs } = evidence;
  const kernels = judgedIn(evidence).map(({ kernel }) => `${kernel.version}, ${kernel.label}`);
  return [
    ...seriesFacts(evidence),
    ...[...new Set(kernels)].map((text) => ['kernel', text] as const),
    ['profiles', [...new Set(cells.map(({ profile }) => profile))].join(', ')],
    ['plan', `${plan.digest.slice(0, 12)}: ${plan.judges} of ${count(plan.cells.length, 'cell')} in ${count(plan.shards.length, 'shard')}`],
    ...(shard === undefined ? [] : [['shard', shard] as const]),
    ['time', formatMs(totalMs)],
  ];
}

function caseOf(cell: MatrixCell): Case {
  const { outcome, profile, range, ms } = cell;
  const reasons = outcome.kind === 'judged' ? outcome.reasons.map(({ text }) => text) : [outcome.message, ...(outcome.hint === undefined ? [] : [outcome.hint])];
  const verdict = cellVerdict(cell);
  const name = `profile ${profile}${range === undefined ? '' : `, patches ${rangeText(cell)}`}`;
  return { name, outcome: OUTCOMES[verdict], status: verdict, detail: verdict === 'good' ? '' : (reasons[0] ?? MATRIX_SENTENCES[verdict]), lines: reasons.slice(1), ms };
}

/** Kernels down, profiles across: what each pair came to, one word for each of its ranges. */
function crossTable({ cells }: MatrixEvidence): BriefTable {
  const [kernels, profiles] = [[...new Set(cells.map(({ kernel }) => kernel))], [...new Set(cells.map(({ profile }) => profile))]];
  const word = (kernel: string, profile: string): string => cells.filter((cell) => cell.kernel === kernel && cell.profile === profile).map((cell) => MATRIX_HEADLINES[cellVerdict(cell)]).join(', ') || '-';
  return shortTable('kernel by profile', ['kernel', ...profiles], kernels.map((kernel) => [kernel, ...profiles.map((profile) => word(kernel, profile))]));
}

/** A plan that was carried out, or a shard of it, in brief: each cell is a case, in a group for each kernel. Pure. */
export function briefMatrix(evidence: MatrixEvidence): Brief {
  const { verdict, cells } = evidence;
  const tone = TONES[verdict.name];
  const sentence = MATRIX_SENTENCES[verdict.name];
  const reasons = verdict.reasons.map(({ text }) => text);
  const kernels = [...new Set(cells.map(({ kernel }) => kernel))];
  return {
    ...{ tone, headline: MATRIX_HEADLINES[verdict.name], sentence, reasons, facts: facts(evidence), notes: hintsIn(evidence).map((hint) => `what may help: ${hint}`) },
    groups: [
      ...kernels.map((kernel) => ({ name: `kernel ${kernel}`, cases: cells.filter((cell) => cell.kernel === kernel).map(caseOf) })),
      { name: 'respin', cases: [verdictCase({ tone, sentence, reasons })] },
    ],
    tables: [
      crossTable(evidence),
      shortTable('cell by cell', ['kernel', 'profile', 'patches', 'verdict', 'time'], cells.map((cell) => [cell.kernel, cell.profile, rangeText(cell), MATRIX_HEADLINES[cellVerdict(cell)], formatMs(cell.ms)])),
    ],
    excerpts: [],
    ...{ command: evidence.command, startedAt: evidence.startedAt, totalMs: evidence.totalMs },
  };
}
