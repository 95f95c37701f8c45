import type { ZodType } from 'zod';
import { z } from 'zod';
import { readJson, writeAtomically, type StoreContext } from './atomic.js';
import { digestOf } from './digest.js';

const sealedSchema = z.object({ sha256: z.string(), json: z.string() });

/**
 * Writes a record that a verdict may be taken from: with its digest, so that a byte that a disk or a hand changed makes it
 * no record at all.
 * @throws HarnessError as `writeAtomically`
 */
export async function writeSealed(ctx: StoreContext, path: string, value: unknown): Promise<void> {
  const json = JSON.stringify(value);
  await writeAtomically(ctx, path, JSON.stringify({ sha256: digestOf(json), json }));
}

/**
 * Reads a sealed record; undefined when it is absent, damaged or of another shape.
 * @throws HarnessError as `readJson`
 */
export async function readSealed<T>(ctx: Pick<StoreContext, 'effects'>, path: string, schema: ZodType<T>): Promise<T | undefined> {
  const sealed = await readJson(ctx, path, sealedSchema);
  if (sealed === undefined) return undefined;
  if (digestOf(sealed.json) !== sealed.sha256) return undefined;
  const parsed = schema.safeParse(JSON.parse(sealed.json));
  return parsed.success ? parsed.data : undefined;
}
