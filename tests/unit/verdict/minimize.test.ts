import { expect, test } from 'vitest';
import { minimize } from '../../../harness/verdict/minimize.js';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Asks for the smallest part that has all of `needed`, and counts the questions. */
async function search(count: number, needed: readonly number[]): Promise<{ readonly found: readonly number[]; readonly asked: number }> {
  let asked = 0;
  const found = await minimize(numbers(count), (part) => {
    asked += 1;
    return Promise.resolve(needed.every((item) => part.includes(item)));
  });
  return { found, asked };
}

test('one item of many is found in about twice log2 questions', async () => {
  for (const item of numbers(64)) {
    const { found, asked } = await search(64, [item]);
    expect(found).toEqual([item]);
    expect(asked).toBeLessThanOrEqual(12);
  }
});

test.each([[[0, 63]], [[7, 8]], [[1, 30, 55]], [numbers(5)]])('items %j that only make it together are all found', async (needed) => {
  expect((await search(64, needed)).found).toEqual(needed);
});

test('when every item is needed, all stay', async () => {
  expect((await search(6, numbers(6))).found).toEqual(numbers(6));
});

test('one of two that each make it is enough', async () => {
  const found = await minimize(numbers(16), (part) => Promise.resolve(part.includes(3) || part.includes(12)));
  expect(found).toHaveLength(1);
  expect([3, 12]).toContain(found[0]);
});

test('no part is asked for twice', async () => {
  const asked = new Set<string>();
  await minimize(numbers(20), (part) => {
    expect(asked.has(part.join())).toBe(false);
    asked.add(part.join());
    return Promise.resolve([2, 11, 17].every((item) => part.includes(item)));
  });
});

test('a single item is not asked for', async () => {
  await expect(minimize(['one'], () => Promise.reject(new Error('asked')))).resolves.toEqual(['one']);
});
