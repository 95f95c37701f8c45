import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeAtomically, type StoreContext } from './atomic.js';

const schema = z.object({
  /** Path of vmlinux in the cache. */
  vmlinux: z.string(),
  /** Sources of the tree it was built from. */
  tree: z.string(),
  profile: z.string(),
  /** For people: `6.12.117 with semundo-v1, profile plain`. */
  label: z.string(),
});

/** The kernel that was built last, for `respin shell`. */
export type LastBuild = Readonly<z.infer<typeof schema>>;

function pathOf(ctx: StoreContext): string {
  return join(ctx.cache.root, 'last-build.json');
}

export async function rememberLastBuild(ctx: StoreContext, build: LastBuild): Promise<void> {
  await writeAtomically(ctx, pathOf(ctx), JSON.stringify(build));
}

/** Undefined when nothing was built yet. */
export async function readLastBuild(ctx: StoreContext): Promise<LastBuild | undefined> {
  return readJson(ctx, pathOf(ctx), schema);
}
