import type { Series } from '../model.js';
import type { Letter } from './letter.js';
import { oneLine } from './text.js';

/** Of those who wrote a patch, not of those who read it. */
const OWN = /^signed-off-by$/i;
const MOST_TRAILERS = 10_000;
/** Answers to answers; nobody discusses a patch that deeply. */
const LONGEST_CHAIN = 1000;

/**
 * The trailers that replies to a posting give (`Reviewed-by: …`), also to other replies, with the number of the patch
 * that they are for; 0 for the cover letter. Quoted lines give none. Takes linear time.
 */
export function trailersIn(letters: readonly Letter[], posted: readonly Letter[], cover: Letter | undefined): Series['trailers'] {
  const numberOf = new Map<string, number>();
  for (const [index, { messageId }] of posted.entries()) if (messageId !== undefined) numberOf.set(messageId, index + 1);
  if (cover?.messageId !== undefined) numberOf.set(cover.messageId, 0);
  const own = new Set<Letter>(cover ? [...posted, cover] : posted);
  const byId = new Map(letters.flatMap((letter) => (letter.messageId === undefined ? [] : [[letter.messageId, letter] as const])));
  const nowhere = new Set<string>();
  const found = new Map<string, Series['trailers'][number]>();
  for (const letter of letters) {
    if (own.has(letter) || letter.parents.length === 0) continue;
    const texts = trailerLines(letter);
    const patch = texts.length === 0 ? undefined : answered(letter, numberOf, byId, nowhere);
    if (patch === undefined) continue;
    for (const text of texts) if (found.size < MOST_TRAILERS) found.set(`${patch} ${text.toLowerCase()}`, { patch, text });
  }
  return [...found.values()].sort((a, b) => a.patch - b.patch);
}

/** The patch that a reply is about: of the mail that it answers, or of what that one answers. */
function answered(letter: Letter, numberOf: Map<string, number>, byId: ReadonlyMap<string, Letter>, nowhere: Set<string>): number | undefined {
  const passed: string[] = [];
  // What lies between is known from here on, so that a long chain is gone along once.
  const leadsTo = (number: number | undefined): number | undefined => {
    for (const id of passed) {
      if (number === undefined) nowhere.add(id);
      else numberOf.set(id, number);
    }
    return number;
  };
  for (let at: Letter | undefined = letter; at; ) {
    for (const id of at.parents) {
      const number = numberOf.get(id);
      if (number !== undefined) return leadsTo(number);
      const parent = byId.get(id);
      // A patch of another version: what is said of that one is not said of this one.
      if (nowhere.has(id) || (parent?.tagged === true && !parent.isReply)) return leadsTo(undefined);
    }
    const [next] = at.parents;
    if (next === undefined || passed.includes(next) || passed.length > LONGEST_CHAIN) return leadsTo(undefined);
    passed.push(next);
    at = byId.get(next);
  }
  return leadsTo(undefined);
}

function trailerLines({ content, hasDiff }: Letter): readonly string[] {
  // A reply with a diff of its own signs that one off.
  if (hasDiff) return [];
  const lines = content.toString('utf8').matchAll(/^[ \t]{0,8}([A-Z][A-Za-z]{1,30}(?:-[A-Za-z]{1,30}){0,4}-by):[ \t]{0,8}([^\n]{1,300})$/gm);
  return [...lines].flatMap(([, name = '', value = '']) => (!OWN.test(name) && value.includes('@') ? [oneLine(`${name}: ${value.trim()}`)] : []));
}
