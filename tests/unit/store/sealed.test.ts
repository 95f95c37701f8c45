import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { realEffects } from '../../../harness/host/real-effects.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { readSealed, writeSealed } from '../../../harness/store/sealed.js';

const schema = z.object({ status: z.string(), output: z.array(z.string()) });
const record = { status: 'fail', output: ['not ok 1 "käse"\0', '\u2028'] };

test('a record reads as it was written, and no byte of it can change', async () => {
  const root = await mkdtemp(join(tmpdir(), 'respin-sealed-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const ctx = { effects: realEffects(), cache: cacheAt(root) };
  const path = join(root, 'x.json');
  expect(await readSealed(ctx, path, schema)).toBeUndefined();
  await writeSealed(ctx, path, record);
  expect(await readSealed(ctx, path, schema)).toEqual(record);
  expect(await readSealed(ctx, path, z.object({ status: z.number() }))).toBeUndefined();
  const good = await readFile(path);
  for (let at = 0; at < good.length; at += 1) {
    const damaged = Buffer.from(good);
    damaged[at] = (good[at] ?? 0) ^ 1;
    await writeFile(path, damaged);
    // What JSON reads alike, such as the case of an escape, is no damage.
    expect([undefined, record]).toContainEqual(await readSealed(ctx, path, schema));
  }
});
