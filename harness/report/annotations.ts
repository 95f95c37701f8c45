import type { CheckReport } from '../evidence/check-schema.js';
import type { Evidence, EvidenceRejected } from '../evidence/schema.js';
import { diagnosticKey } from '../verdict/diagnostic-key.js';
import { placedLines } from './finding-lines.js';

/** Something that is said of a line of the tree, for whoever reviews it there. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  /** Relative to the top of the tree; undefined for what is said of the whole. */
  readonly file: string | undefined;
  /** From 1. */
  readonly line: number | undefined;
  readonly title: string;
  readonly message: string;
}

/** For each touched file the lines that the series added, as they are numbered behind it. */
export type AddedIn = ReadonlyMap<string, ReadonlySet<number>>;

/** `at ipc/sem.c:123 semundo_show+0x1/0x2`, `kernel BUG at ipc/sem.c:5!`, `(ipc/sem.c:123)` */
const PLACE = /(?:\bat |\()\/?([\w./+-]+\.[chS]):(\d{1,7})\b/;

function rejections({ patch, subject, rejections: all, causes = [] }: EvidenceRejected): readonly Annotation[] {
  const [cause] = causes;
  return all.map(({ file, line, hunk, problem }) => ({
    ...{ level: 'error', file, line, title: `patch ${patch} does not apply` },
    message: [`${subject}: ${problem}${hunk === undefined ? '' : `: ${hunk}`}`, ...(cause ? [cause.text, cause.hint] : [])].filter((text) => text !== '').join('\n'),
  }));
}

/** What the compiler says on the tip and did not say on the base; lines move, so they do not count. */
function diagnostics({ base, tip }: Evidence): readonly Annotation[] {
  const known = new Set((base.build?.diagnostics ?? []).map(diagnosticKey));
  return (tip.build?.diagnostics ?? [])
    .filter((diagnostic) => !known.has(diagnosticKey(diagnostic)))
    .map(({ severity, file, line, message, option, patch }) => ({
      ...{ level: severity, file, line },
      title: patch === undefined ? `compiler ${severity}` : `compiler ${severity} in a line of patch ${patch}`,
      message: `${message}${option === undefined ? '' : ` [${option}]`}`,
    }));
}

/**
 * New kernel reports: at the line where the report says it is, when the series added that line, else at the first line of its
 * stack that the series added, else of the whole. Its first line that names a place of the sources counts.
 */
function findings({ verdict: { newFindings } }: Evidence, added: AddedIn): readonly Annotation[] {
  return newFindings.map((finding) => {
    const { title, lines, places = [] } = finding;
    const [, file, line] = lines.map((text) => PLACE.exec(text)).find((found) => found !== null) ?? [];
    const isAdded = file !== undefined && added.get(file)?.has(Number(line)) === true;
    const place = isAdded ? { file, line: Number(line) } : places.find(({ patch }) => patch !== undefined);
    return { level: 'error', file: place?.file, line: place?.line, title: 'the kernel reports, and did not without the series', message: [title, ...placedLines(finding).slice(0, 20)].join('\n') };
  });
}

/** What of a run is to be seen at the lines of the sources. */
export function annotationsOfRun(evidence: Evidence, added: AddedIn): readonly Annotation[] {
  return [...(evidence.tip.rejected ? rejections(evidence.tip.rejected) : []), ...diagnostics(evidence), ...findings(evidence, added)];
}

const LEVELS = { ERROR: 'error', WARNING: 'warning', CHECK: 'notice' } as const;

/** The same of a check. What it says of the commit message has no line. */
export function annotationsOfCheck({ kernels }: CheckReport): readonly Annotation[] {
  return kernels.flatMap(({ patches }) =>
    patches.flatMap(({ number, rejected, checkpatch }) => [
      ...(rejected ? rejections(rejected) : []),
      ...(checkpatch?.kind === 'ran'
        ? checkpatch.messages.map(({ severity, type, text, file, line }): Annotation => ({ level: LEVELS[severity], file, line, title: `checkpatch.pl: ${type}, patch ${number}`, message: text }))
        : []),
    ]),
  );
}
