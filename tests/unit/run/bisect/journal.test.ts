import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context } from '../../../../harness/context.js';
import type { Step } from '../../../../harness/evidence/bisect-schema.js';
import { realEffects } from '../../../../harness/host/real-effects.js';
import { openJournal } from '../../../../harness/run/bisect/journal.js';
import { cacheAt } from '../../../../harness/store/cache.js';

let ctx: Context;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'respin-journal-'));
  ctx = { effects: realEffects(), progress: () => undefined, cache: cacheAt(folder) };
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function step(point: string): Step {
  return { point, subject: '', mark: 'absent', why: '', shown: 0, runs: 1, ms: 1, side: { boots: [] } };
}

test('what was written down is there when it is opened again, and another question has none of it', async () => {
  const journal = await openJournal(ctx, 'one');
  await journal.add(step('base'), [{ path: 'base/console.log', content: 'words' }]);
  await journal.confirm({ what: 'it again', held: true, text: 'x' });
  const again = await openJournal(ctx, 'one');
  expect(again.steps().map(({ point }) => point)).toEqual(['base']);
  expect(again.confirmations()).toEqual([{ what: 'it again', held: true, text: 'x' }]);
  expect((await again.files()).map(({ path, content }) => [path, String(content)])).toEqual([['base/console.log', 'words']]);
  expect((await openJournal(ctx, 'two')).steps()).toEqual([]);
  await again.remove();
  expect((await openJournal(ctx, 'one')).steps()).toEqual([]);
});

test('steps that end at once are all kept', async () => {
  const journal = await openJournal(ctx, 'many');
  const points = Array.from({ length: 20 }, (_, index) => `patch ${index}`);
  await Promise.all(points.map(async (point) => journal.add(step(point), [])));
  expect((await openJournal(ctx, 'many')).steps().map(({ point }) => point).sort()).toEqual([...points].sort());
});
