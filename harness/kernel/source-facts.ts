import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { readJson, writeAtomically } from '../store/atomic.js';

const factSchema = z.object({ stamp: z.string(), path: z.string(), digest: z.string(), version: z.string() });

/** What was found out about a file, as long as its stamp is the same. */
export type ArchiveFact = Readonly<z.infer<typeof factSchema>>;

/** What is known of a file under this key with this stamp. */
export async function readFact(ctx: Context, key: string, stamp: string): Promise<ArchiveFact | undefined> {
  const fact = await readJson(ctx, factPath(ctx, key), factSchema);
  return fact?.stamp === stamp ? fact : undefined;
}

/** Remembers a fact, so that an archive is not read again. @throws HarnessError as `writeAtomically` */
export async function rememberFact(ctx: Context, key: string, fact: ArchiveFact): Promise<void> {
  await writeAtomically(ctx, factPath(ctx, key), `${JSON.stringify(fact)}\n`);
}

/** Forgets what turned out to be of no use. */
export async function forgetFact(ctx: Context, key: string): Promise<void> {
  await ctx.effects.files.rm(factPath(ctx, key), { force: true });
}

function factPath(ctx: Context, key: string): string {
  return join(ctx.cache.sources, `${key}.fact`);
}
