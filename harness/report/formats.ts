import type { EvidenceKinds, KnownEvidence, SingleEvidence } from '../evidence/kinds.js';
import { renderBisectJson } from './bisect-json.js';
import { renderBisectText } from './bisect-text.js';
import { briefBisect } from './brief-bisect.js';
import { briefCheck } from './brief-check.js';
import { briefCompare } from './brief-compare.js';
import { briefMatrix } from './brief-matrix.js';
import { briefRun } from './brief-run.js';
import { briefStep } from './brief-step.js';
import { briefWalk } from './brief-walk.js';
import type { Brief } from './brief.js';
import { renderCheckJson } from './check-json.js';
import { renderCheckText } from './check-text.js';
import { renderCompareJson } from './compare-json.js';
import { renderCompareText } from './compare-text.js';
import type { ConsoleText } from './console-text.js';
import { renderHtml } from './html.js';
import { renderJson } from './json.js';
import { renderJunit } from './junit.js';
import { renderKcidb } from './kcidb.js';
import { renderKtap } from './ktap.js';
import { renderMail } from './mail.js';
import { renderMarkdown } from './markdown.js';
import { renderMatrixJson } from './matrix-json.js';
import { renderMatrixText } from './matrix-text.js';
import { renderStepJson } from './step-json.js';
import { renderStepText } from './step-text.js';
import { renderText } from './text.js';
import { renderWalkJson } from './walk-json.js';
import { renderWalkText } from './walk-text.js';

/** Everything that a report is made from; a report is a pure function of it. */
export interface ReportInput {
  readonly evidence: KnownEvidence;
  /** Where it lies; a check that was not kept lies nowhere. */
  readonly folder: string | undefined;
  /** Of the files that the evidence names; only `html` shows them. */
  readonly consoles: ReadonlyMap<string, ConsoleText>;
  /** Of a plan the evidence of its cells that came to a verdict; only `kcidb` is made of them. */
  readonly cells: readonly SingleEvidence[];
  /** `Name <address>` of who tested it, for `mail`. */
  readonly testedBy: string | undefined;
}

/** What a kind of evidence says for itself; the other formats are made of the brief. A new kind is one line in KINDS. */
interface KindReports<E> {
  readonly text: (evidence: E, folder: string) => string;
  readonly json: (evidence: E, folder: string) => string;
  readonly brief: (evidence: E) => Brief;
}

const KINDS: { readonly [K in keyof EvidenceKinds]: KindReports<EvidenceKinds[K]> } = {
  run: { text: renderText, json: renderJson, brief: briefRun },
  walk: { text: renderWalkText, json: renderWalkJson, brief: briefWalk },
  bisect: { text: renderBisectText, json: renderBisectJson, brief: briefBisect },
  step: { text: renderStepText, json: renderStepJson, brief: briefStep },
  compare: { text: renderCompareText, json: renderCompareJson, brief: briefCompare },
  check: { text: renderCheckText, json: renderCheckJson, brief: briefCheck },
  matrix: { text: renderMatrixText, json: renderMatrixJson, brief: briefMatrix },
};

/** What a kind says of this evidence. */
interface Bound {
  readonly text: () => string;
  readonly json: () => string;
  readonly brief: () => Brief;
}

function bound<E>(reports: KindReports<E>, evidence: E, folder: string): Bound {
  return { text: () => reports.text(evidence, folder), json: () => reports.json(evidence, folder), brief: () => reports.brief(evidence) };
}

function boundTo({ evidence, folder = '' }: Pick<ReportInput, 'evidence' | 'folder'>): Bound {
  switch (evidence.kind) {
    case 'run':
      return bound(KINDS.run, evidence, folder);
    case 'walk':
      return bound(KINDS.walk, evidence, folder);
    case 'bisect':
      return bound(KINDS.bisect, evidence, folder);
    case 'step':
      return bound(KINDS.step, evidence, folder);
    case 'compare':
      return bound(KINDS.compare, evidence, folder);
    case 'check':
      return bound(KINDS.check, evidence, folder);
    case 'matrix':
      return bound(KINDS.matrix, evidence, folder);
  }
}

/** Every format: a new one is one file and one line here. */
const FORMATS = {
  text: (_, { text }) => text(),
  json: (_, { json }) => json(),
  ktap: (_, { brief }) => renderKtap(brief()),
  junit: (_, { brief }) => renderJunit(brief()),
  markdown: (_, { brief }) => renderMarkdown(brief()),
  kcidb: ({ evidence, cells }) => renderKcidb(evidence.kind === 'matrix' ? cells : [evidence]),
  mail: ({ evidence, testedBy }, { brief }) => renderMail(evidence, brief(), testedBy),
  html: ({ evidence, consoles }, { brief }) => renderHtml(evidence, brief(), consoles),
} as const satisfies Readonly<Record<string, (input: ReportInput, of: Bound) => string>>;

export type ReportFormat = keyof typeof FORMATS;

export const REPORT_FORMATS = Object.keys(FORMATS) as readonly ReportFormat[];

/** The report of evidence in a format. Pure. */
export function renderReport(format: ReportFormat, input: ReportInput): string {
  return FORMATS[format](input, boundTo(input));
}

/** Evidence of any kind in brief. Pure. */
export function briefOf(evidence: KnownEvidence): Brief {
  return boundTo({ evidence, folder: undefined }).brief();
}
