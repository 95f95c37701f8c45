import { expect, test } from 'vitest';
import { minimize } from '../../../harness/verdict/minimize.js';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Asks for the smallest part that has all of `needed`, and counts the questions. */
async function search(count: number, needed: readonly number[]): Promise<{ readonly found: readonly number[]; readonly asked: number }> {
  let asked = 0;
  const found = await minimize(numbers(count), (part) => {
    expect(part.length).toBeGreaterThan(0);
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

test('parts whose numbers look alike are told apart', async () => {
  expect((await search(13, [0, 12])).found).toEqual([0, 12]);
});

// After a rest that shows it, it goes on with pieces of the same size, and does not begin again with halves.
test.each([[[0, 63], 37], [[7, 8], 25], [[1, 30, 55], 72], [[3, 17, 40, 62], 103]])('%j of 64 take %i questions', async (needed, questions) => {
  expect((await search(64, needed)).asked).toBe(questions);
});

test('each smaller part is told, once', async () => {
  const told: (readonly number[])[] = [];
  await minimize(numbers(8), (part) => Promise.resolve([0, 7].every((item) => part.includes(item))), (left) => told.push(left));
  expect(told.map((left) => left.join(' '))).toEqual(['0 1 4 5 6 7', '0 1 6 7', '0 6 7', '0 7']);
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
