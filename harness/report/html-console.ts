import type { KnownEvidence } from '../evidence/kinds.js';
import { count } from '../spec/count.js';
import { formatBytes } from '../terminal/format.js';
import type { ConsoleText } from './console-text.js';
import { html } from './html-escape.js';
import { sidesOf } from './sides.js';

/** Characters and lines of all consoles together: a page stays below 5 MB and opens at once. */
const MOST_CHARACTERS = 1_500_000;
const MOST_LINES = 15_000;
const LINE_WIDTH = 1000;
/** Lines around a finding that are shown of a console that is cut. */
const AROUND = 60;

interface Wanted {
  readonly name: string;
  readonly path: string;
  /** Lines at which findings begin, from 1. */
  readonly marks: readonly number[];
  readonly text: ConsoleText;
}

/** The consoles of a page, and where in them a line can be jumped to. */
export interface Consoles {
  readonly html: string;
  /** The anchor of a line of a file; undefined for one that is not shown. */
  readonly anchor: (path: string, line: number) => string | undefined;
}

/** Those with a finding or an end that was none first, then the ends of the range, then the others. */
function wantedOf(evidence: KnownEvidence, consoles: ReadonlyMap<string, ConsoleText>): readonly Wanted[] {
  const sides = sidesOf(evidence);
  const all = sides.flatMap(({ name, side }, index) =>
    side.boots.flatMap((boot, number) => {
      const text = consoles.get(boot.console);
      const isEnd = index === 0 || index === sides.length - 1;
      const rank = boot.findings.length > 0 || boot.end.kind !== 'complete' ? 0 : isEnd ? 1 : 2;
      return text === undefined ? [] : [{ rank, name: `${name}${number === 0 ? '' : `, boot ${number + 1}`}`, path: boot.console, marks: boot.findings.map(({ line }) => line), text }];
    }),
  );
  return all.sort((a, b) => a.rank - b.rank);
}

/** The lines of a console by their numbers, with the gap that was left out when it was read. */
function numbered({ head, left, tail }: ConsoleText): readonly (readonly [number, string])[] {
  const after = head.length + left.lines;
  return [...head.map((line, index) => [index + 1, line] as const), ...tail.map((line, index) => [after + index + 1, line] as const)];
}

function chosen({ text, marks }: Wanted, room: { readonly lines: number; readonly characters: number }): readonly (readonly [number, string])[] {
  const all = numbered(text);
  const size = (lines: readonly (readonly [number, string])[]): number => lines.reduce((sum, [, line]) => sum + Math.min(line.length, LINE_WIDTH) + 40, 0);
  if (all.length <= room.lines && size(all) <= room.characters) return all;
  const near = (number: number): boolean => marks.some((mark) => Math.abs(number - mark) <= AROUND);
  const fromEnds = (share: number): readonly (readonly [number, string])[] => all.filter(([number], index) => index < share || index >= all.length - share || near(number));
  let share = Math.floor(room.lines / 2);
  let lines = fromEnds(share);
  while (share > 0 && (size(lines) > room.characters || lines.length > room.lines)) {
    share = Math.floor(share / 2);
    lines = fromEnds(share);
  }
  return lines.length > room.lines || size(lines) > room.characters ? lines.slice(0, Math.min(room.lines, Math.floor(room.characters / (LINE_WIDTH + 40)))) : lines;
}

function lineHtml(id: number, number: number, line: string): string {
  const cut = line.length - LINE_WIDTH;
  return `<span id="c${id}L${number}" data-n="${number}">${html(line, LINE_WIDTH)}${cut > 0 ? ` <i>(${cut} more characters)</i>` : ''}</span>`;
}

/** Every console that there is room for, with a number and an anchor for each line; what is left out is said. */
export function htmlConsoles(evidence: KnownEvidence, consoles: ReadonlyMap<string, ConsoleText>): Consoles {
  let room = { lines: MOST_LINES, characters: MOST_CHARACTERS };
  const anchors = new Map<string, string>();
  const wanted = wantedOf(evidence, consoles);
  const without: string[] = [];
  const parts = wanted.map((one, id) => {
    // The first may take half of what is left, so that there is room for its counterpart.
    const share = id === wanted.length - 1 ? room : { lines: Math.ceil(room.lines / 2), characters: Math.ceil(room.characters / 2) };
    const lines = share.lines < 50 || share.characters < 4000 ? [] : chosen(one, share);
    if (lines.length === 0) {
      without.push(one.path);
      return '';
    }
    const total = one.text.head.length + one.text.left.lines + one.text.tail.length;
    const out: string[] = [];
    let last = 0;
    for (const [number, line] of lines) {
      if (number > last + 1) out.push(`<b>… ${count(number - last - 1, 'line')} left out: see ${html(one.path, 300)}</b>`);
      last = number;
      anchors.set(`${one.path}\0${number}`, `c${id}L${number}`);
      out.push(lineHtml(id, number, line));
    }
    if (last < total) out.push(`<b>… ${count(total - last, 'line')} left out: see ${html(one.path, 300)}</b>`);
    // Each is a block of its own, and so a line of what is copied.
    const inner = out.join('');
    room = { lines: room.lines - lines.length, characters: room.characters - inner.length };
    const cut = lines.length < total ? `, ${lines.length} of them here` : '';
    const other = one.text.isOther ? '<p class="warn">This file is not the one that the evidence was made with.</p>' : '';
    const bytes = one.text.left.bytes > 0 ? `, more than ${formatBytes(one.text.left.bytes)}` : '';
    return `<details class="console"><summary>${html(one.name, 100)}: ${html(one.path, 300)} (${count(total, 'line')}${bytes}${cut})</summary>${other}<pre tabindex="0" role="region" aria-label="console ${html(one.name, 100)}">${inner}</pre></details>`;
  });
  const missing = sidesOf(evidence).flatMap(({ side }) => side.boots.flatMap(({ console }) => (consoles.has(console) ? [] : [console])));
  const told = [
    without.length === 0 ? '' : `<p>Not shown, for want of room: ${html(without.slice(0, 20).join(', '))}${without.length > 20 ? ` and ${without.length - 20} more` : ''}.</p>`,
    missing.length === 0 ? '' : `<p>Not beside evidence.json: ${html(missing.slice(0, 20).join(', '))}${missing.length > 20 ? ` and ${missing.length - 20} more` : ''}.</p>`,
  ];
  const search =
    '<p class="find" hidden><label>Search the consoles <input type="search" id="console-search" autocomplete="off"></label> <button type="button" id="console-previous">Previous</button> <button type="button" id="console-next">Next</button> <span id="console-told" role="status"></span></p>';
  return { html: `${parts.some((part) => part !== '') ? search : ''}${parts.join('\n')}${told.join('')}`, anchor: (path, line) => anchors.get(`${path}\0${line}`) };
}
