import { jsonDocument } from '../json-document.js';
import type { RerunItem } from '../model.js';
import { count } from '../spec/count.js';
import { visible } from '../terminal/escape.js';
import { formatTable } from '../terminal/format.js';
import { joinSections } from './text-parts.js';

/** A repetition of a run. */
export interface RerunReport {
  readonly exitCode: 0 | 1;
  readonly items: readonly RerunItem[];
  /** What was repeated. */
  readonly of: string;
  /** How many objects were compiled for it. */
  readonly objects: { readonly base: number | undefined; readonly tip: number | undefined };
  /** Where the evidence of the repetition lies. */
  readonly folder: string;
}

const SHOWN_DETAILS = 20;
const CELL_WIDTH = 48;

/** Digests are told apart by their beginnings. */
function cell(text: string): string {
  const shown = /^[0-9a-f]{40,64}$/.test(text) ? text.slice(0, 16) : visible(text);
  return shown.length <= CELL_WIDTH ? shown : `${shown.slice(0, CELL_WIDTH - 1)}…`;
}

function outcome({ same, decides }: RerunItem): string {
  if (same) return 'same';
  return decides ? 'DIFFERENT' : 'another';
}

/** A build folder that is up to date compiles nothing: that proves less than one that was empty. */
function builtLine({ base, tip }: RerunReport['objects']): string {
  const said = (name: string, number: number | undefined): string => `${name} ${number === undefined ? 'not built' : count(number, 'object')}`;
  return `compiled: ${said('base', base)}, ${said('tip', tip)}; --from-nothing compiles all`;
}

/** A repetition for a terminal: item by item, then the answer. */
export function renderRerunText({ exitCode, items, of, objects, folder }: RerunReport): string {
  const rows = items.map((item) => [item.what, cell(item.then), cell(item.now), outcome(item)]);
  const details = items.flatMap(({ what, details: all }) => [
    ...all.slice(0, SHOWN_DETAILS).map((text) => `${what}: ${visible(text)}`),
    ...(all.length > SHOWN_DETAILS ? [`${what}: … ${all.length - SHOWN_DETAILS} more`] : []),
  ]);
  const tools = items.some(({ same, decides }) => !same && !decides);
  const verdict = exitCode === 0 ? 'SAME: source, kernels, guests and results came out as they did' : `DIFFERENT: not everything came out as it did${tools ? '; the tools of this machine are not those of then' : ''}`;
  return joinSections([formatTable([['WHAT', 'THEN', 'NOW', ''], ...rows]), details, [builtLine(objects), verdict, `repeated: ${visible(of)}`, `evidence: ${visible(folder)}`]]);
}

/** The one document that `respin rerun --json` prints. */
export function renderRerunJson({ exitCode, items, of, objects, folder }: RerunReport): string {
  return jsonDocument({ verdict: exitCode === 0 ? 'same' : 'different', exitCode, items, objects: { base: objects.base ?? null, tip: objects.tip ?? null }, repeated: of, evidence: folder });
}
