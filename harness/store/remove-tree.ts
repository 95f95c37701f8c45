import type { Context } from '../context.js';
import { hostError } from '../errors.js';

/**
 * Removes a folder with everything in it, also where an archive or a build gave its folders modes that forbid it, or names
 * deeper than a path may be long.
 * @throws HarnessError `host` `tree.remove`
 */
export async function removeTree(ctx: Pick<Context, 'effects'>, path: string): Promise<void> {
  const { files, processes } = ctx.effects;
  // An entry that is not there costs no process.
  if (!(await files.lstat(path).then(() => true, () => false))) return;
  const remove = { file: 'rm', args: ['-rf', '--', path] };
  if ((await processes.run(remove)).exitCode === 0) return;
  await processes.run({ file: 'chmod', args: ['-R', 'u+rwX', '--', path] });
  const done = await processes.run(remove);
  if (done.exitCode !== 0) throw hostError('tree.remove', `cannot remove ${path}`, { output: done.stderr, hint: `look at who owns it, then: rm -rf ${path}` });
}
