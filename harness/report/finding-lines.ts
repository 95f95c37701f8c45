import type { Evidence } from '../evidence/schema.js';

type Finding = Evidence['verdict']['newFindings'][number];

/** The lines of a kernel report, behind each the line of the sources that it names: `semundo_show+0x40/0x1b0 (ipc/sem.c:2310, added by patch 1)`. */
export function placedLines({ lines, places = [] }: Pick<Finding, 'lines' | 'places'>): readonly string[] {
  const known = new Map(places.map((place) => [place.index, place]));
  return lines.map((text, index) => {
    const place = known.get(index);
    if (!place) return text;
    return `${text} (${place.file}:${place.line}${place.patch === undefined ? '' : `, added by patch ${place.patch}`})`;
  });
}
