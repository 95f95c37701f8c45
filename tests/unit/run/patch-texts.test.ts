import { expect, test } from 'vitest';
import type { Patch } from '../../../harness/model.js';
import { withTexts } from '../../../harness/run/compare/patch-texts.js';
import type { PatchMatch } from '../../../harness/series/range-diff-lines.js';

const patch = (number: number, diff: string, message = 'why'): Patch => ({ number, subject: `step ${number}`, author: 'A B <a@example.org>', message, messageId: undefined, origin: 'test', digest: 'd', diff, files: [] });
const series = (...patches: readonly Patch[]): { readonly patches: readonly Patch[] } => ({ patches });
const match = (change: PatchMatch['change'], old: number | undefined, now: number | undefined, difference: readonly string[] = []): PatchMatch => ({ change, old, now, subject: 's', moved: false, size: 0, difference });

test('a changed patch has its difference and both texts, an unchanged one the new text alone', () => {
  const [changed, same, fresh, gone] = withTexts(
    [match('changed', 1, 1, ['-a', '+b']), match('unchanged', 2, 2), match('new', undefined, 3), match('dropped', 3, undefined)],
    series(patch(1, 'old\n'), patch(2, 'same\n'), patch(3, 'gone\n')),
    series(patch(1, 'new\n'), patch(2, 'same\n'), patch(3, 'fresh\n')),
  );
  const text = (number: number, diff: string) => ({ lines: ['From: A B <a@example.org>', `Subject: step ${number}`, '', 'why', '---', diff], left: 0 });
  expect(changed).toMatchObject({ difference: { lines: ['-a', '+b'], left: 0 }, oldText: text(1, 'old'), nowText: text(1, 'new') });
  expect(same).toMatchObject({ difference: undefined, oldText: undefined, nowText: text(2, 'same') });
  expect(fresh).toMatchObject({ oldText: undefined, nowText: text(3, 'fresh') });
  expect(gone).toMatchObject({ oldText: text(3, 'gone'), nowText: undefined });
});

test('texts have a limit, each and all together; what was cut is counted, and what changed goes first', () => {
  const long = patch(1, Array.from({ length: 5000 }, (_, line) => `+line ${line}`).join('\n'));
  const [one] = withTexts([match('new', undefined, 1)], series(), series(long));
  expect(one?.nowText?.lines).toHaveLength(2000);
  expect(one?.nowText?.left).toBe(5005 - 2000);

  const many = Array.from({ length: 40 }, (_, index) => patch(index + 1, `${'x'.repeat(1_000_000)}\n${'+y\n'.repeat(1990)}`));
  const all = withTexts([...many.slice(1).map(({ number }) => match('unchanged', number, number)), match('changed', 1, 1, ['-a', '+b'])], series(...many), series(...many));
  const texts = all.flatMap(({ difference, oldText, nowText }) => [difference, oldText, nowText].flatMap((text) => (text === undefined ? [] : [text])));
  expect(texts.reduce((sum, { lines }) => sum + lines.length, 0)).toBeLessThanOrEqual(12_000);
  expect(Math.max(...texts.flatMap(({ lines }) => lines.map(({ length }) => length)))).toBe(2001);
  expect(all.at(-1)).toMatchObject({ difference: { left: 0 }, oldText: { left: 0 }, nowText: { left: 0 } });
  expect(all[38]?.nowText?.lines ?? []).toEqual([]);
  expect(all[38]?.nowText?.left).toBeGreaterThan(1990);
});
