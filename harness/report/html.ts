import type { KnownEvidence } from '../evidence/kinds.js';
import { digestOf } from '../store/digest.js';
import type { Brief, BriefTable, Excerpt } from './brief.js';
import { judgedIn } from './brief-matrix.js';
import type { ConsoleText } from './console-text.js';
import { placedLines } from './finding-lines.js';
import { bisectPart } from './html-bisect.js';
import { htmlConsoles, type Consoles } from './html-console.js';
import { html, htmlLines, htmlTable } from './html-escape.js';
import { matrixPart } from './html-matrix.js';
import { provenance, timeline } from './html-provenance.js';
import { SCRIPT } from './html-script.js';
import { STYLE } from './html-style.js';
import { runTests, walkTests } from './html-tests.js';
import { versionsPart } from './html-versions.js';
import { sidesOf } from './sides.js';

const SHOWN_REASONS = 20;
const MOST_REASONS = 500;
const SHOWN_EXCERPTS = 40;
const EXCERPT_LINES = 200;

interface Section {
  readonly id: string;
  readonly title: string;
  readonly html: string;
}

/** A source of a content security policy: the style or script with exactly this text. */
function onlyThis(text: string): string {
  return `'sha256-${Buffer.from(digestOf(text), 'hex').toString('base64')}'`;
}

function items(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `<ul>${texts.map((text) => `<li>${html(text)}</li>`).join('')}</ul>`;
}

function verdictPart({ tone, headline, sentence, reasons, notes }: Brief): string {
  const rest = reasons.slice(SHOWN_REASONS, MOST_REASONS);
  const left = reasons.length - SHOWN_REASONS;
  const more = rest.length === 0 ? '' : `<details><summary>${left} more</summary>${items(rest)}${reasons.length > MOST_REASONS ? `<p>… and ${reasons.length - MOST_REASONS} more in evidence.json</p>` : ''}</details>`;
  return `<div class="verdict ${tone}"><p><strong class="name">${html(headline)}</strong> ${html(sentence)}</p>${items(reasons.slice(0, SHOWN_REASONS))}${more}${items(notes.map((note) => `note: ${note}`))}</div>`;
}

/** Where in the consoles a report of the kernel begins. */
function placeOf(evidence: KnownEvidence, { lines }: Excerpt, { anchor }: Consoles): string {
  const wanted = lines.join('\n');
  for (const { name, side } of sidesOf(evidence)) {
    for (const { findings, console } of side.boots) {
      const found = findings.find((finding) => placedLines(finding).join('\n') === wanted);
      const at = found && anchor(console, found.line);
      if (found && at !== undefined) return ` <a href="#${at}">in the console of ${html(name, 80)}, line ${found.line}</a>`;
    }
  }
  return '';
}

function excerptPart(evidence: KnownEvidence, excerpts: readonly Excerpt[], consoles: Consoles): string {
  const shown = excerpts.slice(0, SHOWN_EXCERPTS).map((excerpt, index) => {
    const { title, lines } = excerpt;
    return `<details${index < 5 ? ' open' : ''}><summary>${html(title, 300)}</summary>${placeOf(evidence, excerpt, consoles)}<pre tabindex="0" role="region" aria-label="${html(title, 100)}">${htmlLines(lines, EXCERPT_LINES)}</pre></details>`;
  });
  return `${shown.join('\n')}${excerpts.length > SHOWN_EXCERPTS ? `<p>… and ${excerpts.length - SHOWN_EXCERPTS} more in evidence.json.</p>` : ''}`;
}

function briefTables(tables: readonly BriefTable[]): string {
  return tables.map(({ title, head, rows, note }) => `${htmlTable(title, head.map((cell) => html(cell)), rows.map((row) => row.map((cell) => html(cell, 300))))}${note === undefined ? '' : `<p>${html(note)}</p>`}`).join('\n');
}

/** What is shown of a kind alone. */
function kindPart(evidence: KnownEvidence, brief: Brief): Section {
  switch (evidence.kind) {
    case 'run':
      return { id: 'tests', title: 'Base against tip', html: runTests(evidence) };
    case 'walk':
      return { id: 'tests', title: 'Patch by patch', html: `${walkTests(evidence)}${briefTables(brief.tables.slice(0, 1))}` };
    case 'bisect':
      return { id: 'range', title: 'The range as it shrank', html: bisectPart(evidence) };
    case 'step':
      return { id: 'tests', title: 'What was seen', html: '' };
    case 'compare':
      // Its first table is what the patches are shown by here.
      return { id: 'versions', title: 'Old version against new', html: `${versionsPart(evidence)}${briefTables(evidence.patches.length === 0 ? brief.tables : brief.tables.slice(1))}` };
    case 'matrix':
      return { id: 'cells', title: 'Kernel by profile', html: matrixPart(evidence) };
    case 'check':
      return { id: 'patches', title: 'Patches', html: briefTables(brief.tables) };
  }
}

/** What was judged on what. */
function subjectOf(evidence: KnownEvidence): string {
  switch (evidence.kind) {
    case 'check':
      return `${evidence.kernels[0]?.series.name ?? ''} on ${evidence.kernels.map(({ version }) => version).join(', ')}`;
    case 'matrix':
      return `${judgedIn(evidence)[0]?.series.name ?? 'a series'} on ${[...new Set(evidence.cells.map(({ kernel }) => kernel))].join(', ')}`;
    default:
      return `${evidence.series.name} on ${evidence.kernel.version}`;
  }
}

function page({ headline, facts }: Brief, name: string, sections: readonly Section[], verdict: string, respin: string): string {
  const csp = ["default-src 'none'", `style-src ${onlyThis(STYLE)}`, `script-src ${onlyThis(SCRIPT)}`, "base-uri 'none'", "form-action 'none'"].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${csp}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${html(`${headline}: ${name}`, 150)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<a class="skip-link" href="#main">to the report</a>',
    `<header><h1>${html(name, 300)}</h1></header>`,
    `<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => `<li><a href="#${id}">${title}</a></li>`).join('')}</ul></nav>`,
    '<main id="main">',
    verdict,
    `<dl>${facts.map(([label, text]) => `<dt>${html(label)}</dt><dd>${html(text)}</dd>`).join('')}</dl>`,
    ...sections.map(({ id, title, html: inner }) => `<section id="${id}"><h2>${title}</h2>\n${inner}\n</section>`),
    '</main>',
    `<footer><p>respin ${html(respin, 40)}. This page asks nobody for anything: all of it is in this file.</p></footer>`,
    `<script>${SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/**
 * The page: one file that asks nobody for anything, with the verdict first. Every text of a guest, a patch or a log is text
 * in it; a content security policy allows the page's own style and script and nothing else.
 * @param consoles by their paths in the evidence
 */
export function renderHtml(evidence: KnownEvidence, brief: Brief, consoles: ReadonlyMap<string, ConsoleText>): string {
  const shown = htmlConsoles(evidence, consoles);
  const sections: readonly Section[] = [
    kindPart(evidence, brief),
    { id: 'reports', title: 'Reports and messages', html: evidence.kind === 'matrix' ? '' : brief.excerpts.length === 0 ? '<p>None.</p>' : excerptPart(evidence, brief.excerpts, shown) },
    { id: 'time', title: 'Time line', html: timeline(evidence) },
    { id: 'consoles', title: 'Consoles', html: shown.html },
    { id: 'provenance', title: 'What went in, and how to repeat it', html: provenance(evidence) },
  ];
  const there = sections.filter((section) => section.html !== '');
  return page(brief, `${subjectOf(evidence)}: ${evidence.kind === 'matrix' ? 'plan' : evidence.kind}`, there, verdictPart(brief), evidence.respin);
}
