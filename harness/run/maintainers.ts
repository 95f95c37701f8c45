import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { openTreeScripts, type MaintainersOutcome } from '../kernel/tree-scripts.js';
import type { KernelTree } from '../model.js';
import { asMail } from '../series/as-mail.js';
import { withScratch } from '../series/scratch.js';
import { readJson, writeAtomically } from '../store/atomic.js';
import { keyOf } from '../store/digest.js';
import type { Plan } from './plan.js';

type Asked = Pick<Plan, 'source' | 'series'>;

const knownSchema = z.object({ maintainers: z.array(z.object({ who: z.string(), role: z.string() })) });

/** All that get_maintainer.pl reads of a tree. */
const READS = ['scripts/get_maintainer.pl', 'MAINTAINERS', '.mailmap', '.get_maintainer.ignore'] as const;

function recordPath(ctx: Pick<Context, 'cache'>, { source, series }: Asked): string {
  return join(ctx.cache.maintainers, `${keyOf({ tree: source.digest, series: series.digest })}.json`);
}

/** What get_maintainer.pl said of this series on this kernel; undefined when it was not asked. @throws HarnessError `host` `file.read` */
export async function knownMaintainers(ctx: Context, asked: Asked): Promise<MaintainersOutcome | undefined> {
  const known = await readJson(ctx, recordPath(ctx, asked), knownSchema);
  return known && { kind: 'ran', ...known };
}

/**
 * Asks get_maintainer.pl who should hear of a series, and remembers it: the answer is for the report, and nothing waits for
 * it. The tree must be its base now, and may be changed as soon as `begun` settles: what the script reads was copied then.
 * Neither promise rejects: a report without names is no failed run.
 */
export function askMaintainers(ctx: Context, plan: Plan, tree: KernelTree): { readonly begun: Promise<void>; readonly done: Promise<void> } {
  let copied: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (copied = resolve));
  const ask = async (): Promise<void> => {
    const { patches } = plan.series;
    if (patches.length === 0 || (await knownMaintainers(ctx, plan)) !== undefined) return;
    await withScratch(ctx, 'maintainers', async (folder) => {
      const src = join(folder, 'tree');
      const { files } = ctx.effects;
      for (const path of READS) {
        await files.mkdir(dirname(join(src, path)), { recursive: true });
        await files.copyFile(join(tree.src, path), join(src, path)).catch(() => undefined);
      }
      copied();
      const names = patches.map((_, index) => `${String(index + 1).padStart(4, '0')}.patch`);
      for (const [index, name] of names.entries()) {
        const patch = patches[index];
        if (patch) await files.writeFile(join(folder, name), asMail(patch, patches.length));
      }
      const outcome = await openTreeScripts(ctx, plan.environment.sandbox, { ...tree, src }, folder).maintainers(names);
      if (outcome.kind === 'ran') await writeAtomically(ctx, recordPath(ctx, plan), JSON.stringify({ maintainers: outcome.maintainers }));
    });
  };
  const done = ask().catch(() => undefined).finally(() => {
    copied();
  });
  return { begun, done };
}
