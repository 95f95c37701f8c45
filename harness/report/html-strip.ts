import { html } from './html-escape.js';

/** How a run of like cells is drawn: by its colour and, for who does not see that, by its height. */
const SHAPES: Readonly<Record<string, { readonly name: string; readonly y: number; readonly height: number }>> = {
  pass: { name: 'pass', y: 0, height: 16 },
  fail: { name: 'fail', y: 9, height: 7 },
  crash: { name: 'crash', y: 11, height: 5 },
  timeout: { name: 'timeout', y: 11, height: 5 },
  skip: { name: 'skip', y: 7, height: 2 },
  missing: { name: 'missing', y: 14, height: 2 },
  old: { name: 'old', y: 9, height: 7 },
  new: { name: 'new', y: 0, height: 16 },
  open: { name: 'open', y: 4, height: 8 },
};

/** A row of cells as one picture, as wide as its place; cells without a shape (`not built`) stay empty. */
export function strip(cells: readonly string[], label: string): string {
  const rects: string[] = [];
  let from = 0;
  for (let index = 1; index <= cells.length; index += 1) {
    if (index < cells.length && cells[index] === cells[from]) continue;
    const shape = SHAPES[cells[from] ?? ''];
    if (shape) rects.push(`<rect class="s-${shape.name}" x="${from}" y="${shape.y}" width="${index - from}" height="${shape.height}"/>`);
    from = index;
  }
  return `<svg class="strip" role="img" aria-label="${html(label)}" viewBox="0 0 ${Math.max(1, cells.length)} 16" preserveAspectRatio="none">${rects.join('')}</svg>`;
}

/**
 * Many rows of cells as one picture, each as high as what it stands for; nothing where that takes too many shapes.
 * @param most the shapes that are drawn at most
 */
export function overview(rows: readonly { readonly cells: readonly string[]; readonly height: number }[], label: string, most: number): string {
  const rects: string[] = [];
  let top = 0;
  for (const { cells, height } of rows) {
    let from = 0;
    for (let index = 1; index <= cells.length; index += 1) {
      if (index < cells.length && cells[index] === cells[from]) continue;
      const shape = SHAPES[cells[from] ?? ''];
      if (shape) rects.push(`<rect class="s-${shape.name}" x="${from}" y="${top}" width="${index - from}" height="${height}"/>`);
      from = index;
    }
    top += height;
  }
  const width = Math.max(1, ...rows.map(({ cells }) => cells.length));
  if (rects.length === 0 || rects.length > most) return '';
  return `<figure><svg class="overview" role="img" aria-label="${html(label)}" viewBox="0 0 ${width} ${top}" preserveAspectRatio="none">${rects.join('')}</svg><figcaption>${html(label)}</figcaption></figure>`;
}

/** What the shapes mean, of those that are there. */
export function legend(names: readonly (readonly [string, string])[]): string {
  return `<p class="legend">${names.map(([cell, words]) => `<span>${strip([cell], words)} ${html(words)}</span>`).join(' ')}</p>`;
}
