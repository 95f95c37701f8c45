import type { Gathered } from './gather.js';
import { lettersOf, type Letter } from './letter.js';
import type { LookedUp } from './read-series.js';

interface Named {
  readonly text: string;
  readonly looked: LookedUp;
}

export type Group = { readonly kind: 'alone'; readonly text: string } | { readonly kind: 'joined'; readonly gathered: Gathered };

interface Open {
  readonly key: string;
  readonly gathered: Gathered[];
  readonly numbers: Set<number>;
  readonly total: number;
}

/** Joins the single mails of one posting (`[PATCH v2 n/m]`) that are named one after the other into one series. Pure. */
export function joinPostings(named: readonly Named[]): readonly Group[] {
  const groups: Group[] = [];
  let open: Open | undefined;
  const close = (): void => {
    if (open) groups.push({ kind: 'joined', gathered: together(open.gathered) });
    open = undefined;
  };
  for (const { text, looked } of named) {
    const letter = looked.kind === 'gathered' && looked.gathered.single ? single(looked.gathered) : undefined;
    if (!letter?.position || looked.kind !== 'gathered') {
      close();
      groups.push({ kind: 'alone', text });
      continue;
    }
    const { number, total } = letter.position;
    const key = `${letter.version} ${letter.resend} ${total}`;
    // The next series may be of the same version and length.
    const isFull = open?.numbers.has(number) === true && Array.from({ length: total }, (_, index) => index + 1).every((wanted) => open?.numbers.has(wanted) === true);
    if (open?.key !== key || (isFull && !letter.isReply)) {
      close();
      open = { key, gathered: [], numbers: new Set(), total };
    }
    open.gathered.push(looked.gathered);
    if (!letter.isReply) open.numbers.add(number);
  }
  close();
  return groups;
}

function single({ mails }: Gathered): Letter | undefined {
  const letters = mails.flatMap((mail) => lettersOf(mail));
  return letters.length === 1 ? letters[0] : undefined;
}

function together(gathered: readonly Gathered[]): Gathered {
  const [first] = gathered;
  if (!first) throw new Error('nothing to join');
  if (gathered.length === 1) return first;
  return {
    ...first,
    name: first.name,
    origin: gathered.map(({ origin }) => origin).sort().join('+'),
    where: `${first.where} and ${gathered.length - 1} more`,
    mails: gathered.flatMap(({ mails }) => mails),
    single: false,
  };
}
