import type { Context } from '../context.js';
import { gitCommand, resolveRef, type Commit } from './source-git.js';

/** A commit as people write it in a mail. */
const COMMIT = /^[0-9a-f]{7,64}$/i;
const LIMIT_MS = 60_000;

/** How a commit that a series names lies to the one that is tested. */
export type Relation =
  | { readonly kind: 'equal' }
  /** The tested one has it, with so many commits on top. */
  | { readonly kind: 'ancestor'; readonly commits: number | undefined }
  /** It is in the repository, and not in the tested one's history. */
  | { readonly kind: 'elsewhere'; readonly commit: string }
  /** The repository does not have it. */
  | { readonly kind: 'unknown' };

/** How `named` lies to the commit of a repository. */
export async function relationOf(ctx: Context, { gitDir, commit }: Commit, named: string): Promise<Relation> {
  const found = COMMIT.test(named) ? await resolveRef(ctx, gitDir, named) : undefined;
  if (!found) return { kind: 'unknown' };
  if (found.commit === commit) return { kind: 'equal' };
  const run = async (args: readonly string[]): ReturnType<typeof ctx.effects.processes.run> =>
    ctx.effects.processes.run({ ...gitCommand(ctx, gitDir, args), timeoutMs: LIMIT_MS });
  const done = await run(['merge-base', '--is-ancestor', found.commit, commit]);
  if (done.exitCode !== 0) return { kind: 'elsewhere', commit: found.commit };
  const counted = await run(['rev-list', '--count', `${found.commit}..${commit}`]);
  return { kind: 'ancestor', commits: counted.exitCode === 0 ? Number(counted.stdout) : undefined };
}
