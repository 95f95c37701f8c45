import { usageError, type HarnessError } from '../errors.js';
import type { Letter } from './letter.js';

/** Which mails of a heap are the series, and what came of the others. */
export type Picked =
  | {
      readonly kind: 'picked';
      readonly cover: Letter | undefined;
      /** In the order of application. */
      readonly patches: readonly Letter[];
      /** What was picked and how, a sentence each; nothing for a folder that holds one series and no more. */
      readonly notes: readonly string[];
    }
  /** `present` are the patches that are there: where one of them is damaged, that is the better complaint. */
  | { readonly kind: 'refused'; readonly error: HarnessError; readonly present: readonly Letter[] };

export interface Wanted {
  /** For messages: the path, URL or message id. */
  readonly where: string;
  /** `--version`. */
  readonly version: number | undefined;
  /** `given`: the order of the mails is that of a quilt series, whatever their subjects say. */
  readonly order: 'numbered' | 'given';
  /** Every mail has to be a patch or a cover letter: they were named one by one. */
  readonly strict: boolean;
}

/** Begins a note that the user must not overlook. */
export const NOT_THE_NEWEST = 'NOT THE NEWEST: ';

interface Posting {
  readonly version: number;
  readonly resend: boolean;
  readonly covers: readonly Letter[];
  readonly patches: readonly Letter[];
}

/**
 * Picks the newest complete version of a series out of mails, in the order of its numbers (`[PATCH v8 n/m]`), else of the
 * mails. Mails that only discuss it are left out. Pure.
 */
export function pickPosting(letters: readonly Letter[], wanted: Wanted): Picked {
  const once = withoutCopies(letters);
  const { patches, left } = patchLetters(once, wanted);
  const postings = postingsOf(once, patches);
  const offered = wanted.version === undefined ? postings : postings.filter(({ version }) => version === wanted.version);
  if (offered.length === 0 || patches.length === 0) return { kind: 'refused', error: nothing(once, postings, wanted), present: [] };
  const [newest] = offered;
  const tried = offered.map((posting) => ({ posting, result: ordered(posting, once, wanted) }));
  const first = tried[0];
  if (!newest || !first) return { kind: 'refused', error: nothing(once, postings, wanted), present: [] };
  const taken = first.result.problem?.kind === 'incomplete' ? (tried.find(({ result }) => result.problem === undefined) ?? first) : first;
  const { posting, result } = taken;
  if (result.problem) {
    const others = postings.length > 1 && wanted.version === undefined ? `, and no other version is complete` : '';
    const problem = `${result.problem.text}${result.problem.kind === 'incomplete' ? others : ''}`;
    return { kind: 'refused', error: refusal(wanted.where, postings.length > 1 ? `${nameOf(posting)}: ${problem}` : problem), present: posting.patches };
  }
  const notes = [
    ...(taken === first ? [] : [`${NOT_THE_NEWEST}${lacks(first.posting, first.result.problem)}; ${nameOf(posting)} was taken`]),
    ...(postings.length > 1 ? [`took ${nameOf(posting)} of ${[...postings].reverse().map(nameOf).join(', ')}`] : []),
    ...result.left.map((letter) => `left out "${letter.subject}" by ${letter.from} (${letter.origin}): it is in the thread and has no number of the series`),
    ...(left > 0 ? [`left out ${left === 1 ? 'one diff' : `${left} diffs`} in replies`] : []),
  ];
  return { kind: 'picked', cover: posting.covers[0], patches: result.patches, notes };
}

/** The same mail comes over several lists; its id tells. */
function withoutCopies(letters: readonly Letter[]): readonly Letter[] {
  const seen = new Map<string, Letter>();
  return letters.filter((letter) => {
    if (letter.messageId === undefined) return true;
    const key = `${letter.messageId}\n${letter.subject}`;
    if (seen.get(key)?.content.equals(letter.content)) return false;
    seen.set(key, letter);
    return true;
  });
}

/** Those that bring a patch: what replies show is discussion, unless nothing else has a patch. */
function patchLetters(letters: readonly Letter[], { strict, order }: Wanted): { readonly patches: readonly Letter[]; readonly left: number } {
  if (order === 'given') return { patches: letters, left: 0 };
  const isPatch = (letter: Letter): boolean => letter.position?.number !== 0 && (letter.hasDiff || letter.tagged || (strict && !letter.isReply));
  const patches = letters.filter((letter) => isPatch(letter) && !letter.isReply);
  const replies = letters.filter((letter) => letter.isReply && letter.hasDiff && letter.position?.number !== 0);
  return patches.length === 0 ? { patches: replies, left: 0 } : { patches, left: replies.length };
}

function postingsOf(letters: readonly Letter[], patches: readonly Letter[]): readonly Posting[] {
  const keyOf = ({ version, resend }: Letter): number => version * 2 + (resend ? 1 : 0);
  const byKey = new Map<number, { covers: Letter[]; patches: Letter[] }>();
  const at = (letter: Letter): { covers: Letter[]; patches: Letter[] } => {
    const known = byKey.get(keyOf(letter)) ?? { covers: [], patches: [] };
    byKey.set(keyOf(letter), known);
    return known;
  };
  for (const letter of patches) at(letter).patches.push(letter);
  for (const letter of letters) if (letter.position?.number === 0 && !letter.isReply) at(letter).covers.push(letter);
  return [...byKey].sort(([a], [b]) => b - a).map(([key, found]) => ({ version: Math.floor(key / 2), resend: key % 2 === 1, ...found }));
}

interface Problem {
  readonly kind: 'incomplete' | 'wrong';
  readonly text: string;
}

interface Ordered {
  readonly patches: readonly Letter[];
  readonly left: readonly Letter[];
  readonly problem: Problem | undefined;
}

function ordered({ patches, covers }: Posting, letters: readonly Letter[], { order }: Wanted): Ordered {
  const numbered = patches.filter(({ position }) => position !== undefined);
  const total = (covers[0] ?? numbered[0])?.position?.total ?? 0;
  const wrong = (text: string): Ordered => ({ patches: [], left: [], problem: { kind: 'wrong', text } });
  if (order === 'given') return { patches, left: [], problem: undefined };
  if (numbered.length === 0) {
    if (total > 0) return incomplete(total, Array.from({ length: total }, (_, index) => index + 1));
    const ids = new Set(letters.map(({ messageId }) => messageId));
    // Somebody else's patch in an answer is another proposal; the author's own are the series.
    const isOther = ({ parents, from }: Letter): boolean => from !== patches[0]?.from && parents.some((id) => ids.has(id));
    return { patches: patches.filter((letter) => !isOther(letter)), left: patches.filter(isOther), problem: undefined };
  }
  const ids = new Set(letters.map(({ messageId }) => messageId));
  const bare = patches.filter(({ position }) => position === undefined);
  const extra = bare.find(({ parents }) => !parents.some((id) => ids.has(id)));
  if (extra) return wrong(`${extra.origin} has no number, while others have [PATCH n/${total}]`);
  const other = [...covers, ...numbered].find(({ position }) => position?.total !== total);
  if (other) return wrong(`mixes [PATCH n/${total}] and [PATCH n/${other.position?.total ?? 0}] (${other.origin})`);
  if (covers.length > 1) return wrong(`the cover letter is there twice: ${covers[0]?.origin ?? ''} and ${covers[1]?.origin ?? ''}`);
  const byNumber = new Map<number, Letter>();
  for (const letter of numbered) {
    const number = letter.position?.number ?? 0;
    const twin = byNumber.get(number);
    if (twin) return wrong(`patch ${number}/${total} is there twice: ${twin.origin} and ${letter.origin}`);
    if (number > total) return wrong(`${letter.origin} has the number ${number} of ${total}`);
    byNumber.set(number, letter);
  }
  const missing = Array.from({ length: total }, (_, index) => index + 1).filter((number) => !byNumber.has(number));
  if (missing.length > 0) return incomplete(total, missing);
  return { patches: [...byNumber].sort(([a], [b]) => a - b).map(([, letter]) => letter), left: bare, problem: undefined };
}

function incomplete(total: number, missing: readonly number[]): Ordered {
  const text = `of ${total} patches, ${missing.length === 1 ? 'this is' : 'these are'} missing: ${listed(missing)}`;
  return { patches: [], left: [], problem: { kind: 'incomplete', text } };
}

function listed(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 10).join(', ');
  return numbers.length > 10 ? `${shown} and ${numbers.length - 10} more` : shown;
}

function nameOf({ version, resend }: Posting): string {
  return `v${version}${resend ? ' RESEND' : ''}`;
}

function lacks(posting: Posting, problem: Problem | undefined): string {
  return `${nameOf(posting)} is not complete (${problem?.text ?? ''})`;
}

function refusal(where: string, problem: string): HarnessError {
  return usageError('series.numbers', `${where}: ${problem}`, { hint: 'git format-patch -n numbers the patches of a series; --version N takes another version of it' });
}

function nothing(letters: readonly Letter[], postings: readonly Posting[], { where, version }: Wanted): HarnessError {
  if (version !== undefined && postings.length > 0) {
    return usageError('series.version', `${where} has no version ${version} of the series; it has ${[...postings].reverse().map(nameOf).join(', ')}`);
  }
  const cover = letters.some(({ position }) => position?.number === 0);
  return usageError('series.empty', `${where} has no patch${cover ? ' beside its cover letter' : ''}`, { hint: 'git format-patch BASE..TIP writes a series' });
}
