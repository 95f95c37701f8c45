import { shorten, visible } from '../terminal/escape.js';

const LONGEST = 2000;

/** Foreign text as text of HTML, in elements and in attributes; at most `width` characters of it. */
export function html(text: string, width = LONGEST): string {
  return visible(shorten(text, width)).replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Foreign lines for a `pre`. */
export function htmlLines(lines: readonly string[], most: number): string {
  const left = lines.length - most;
  return [...lines.slice(0, most).map((line) => html(line)), ...(left > 0 ? [`… ${left} more lines`] : [])].join('\n');
}

/** A box that scrolls sideways, also by keyboard. */
export function scrolling(label: string, inner: string): string {
  return `<div class="scroll" tabindex="0" role="region" aria-label="${html(label)}">${inner}</div>`;
}

/** A table; its cells are HTML already. */
export function htmlTable(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const body = rows.map(([first = '', ...rest]) => `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n');
  return scrolling(caption, `<table><caption>${html(caption)}</caption><thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead><tbody>\n${body}\n</tbody></table>`);
}
