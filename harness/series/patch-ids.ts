import { join } from 'node:path';
import type { Context } from '../context.js';
import { gitCommand, type Commit } from '../kernel/source-git.js';
import type { Patch } from '../model.js';
import { refuseHostFault, runGit } from './git.js';
import { diffBytes } from './patches.js';

/** So many of the last commits that touch the files of a series are looked at for what it needs. */
export const LOOKED_AT = 200;
const LIMIT_MS = 120_000;

function idsIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const id = /^([0-9a-f]{40,64}) /.exec(line)?.[1];
    return id === undefined ? [] : [id];
  });
}

/** The stable patch id of each patch (git-patch-id(1)), as `prerequisite-patch-id` gives it. */
export async function patchIdsOf(ctx: Pick<Context, 'effects'>, patches: readonly Patch[], cwd: string): Promise<readonly string[]> {
  const found = await Promise.all(
    patches.map(async (patch) => {
      const done = await runGit(ctx, ['patch-id', '--stable'], { cwd, input: diffBytes(patch) });
      refuseHostFault(done, 'reading a patch id');
      return idsIn(done.stdout);
    }),
  );
  return found.flat();
}

/**
 * The stable patch ids of the last commits up to a commit that touch one of these paths.
 * @param scratch a folder for what git says of them
 * @returns undefined when git cannot say, as in a shallow clone with missing objects
 */
export async function patchIdsIn(ctx: Context, { gitDir, commit }: Commit, paths: readonly string[], scratch: string): Promise<ReadonlySet<string> | undefined> {
  const output = join(scratch, 'history');
  const log = ['log', '-p', '--full-diff', '--no-merges', '--no-color', '--no-ext-diff', '--no-textconv', `--max-count=${LOOKED_AT}`, `--output=${output}`, commit, '--', ...paths.map((path) => `:(literal,top)${path}`)];
  const done = await ctx.effects.processes.run({ ...gitCommand(ctx, gitDir, log), cwd: scratch, timeoutMs: LIMIT_MS });
  if (done.exitCode !== 0) return undefined;
  const text = await ctx.effects.files.readFile(output);
  const ids = await runGit(ctx, ['patch-id', '--stable'], { cwd: scratch, input: text });
  return ids.exitCode === 0 ? new Set(idsIn(ids.stdout)) : undefined;
}
