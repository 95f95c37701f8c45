import { dirname, join } from 'node:path';
import type { Context } from '../../context.js';
import { hostError } from '../../errors.js';
import type { Patch } from '../../model.js';
import type { FileDiff } from '../diff.js';
import { refuseHostFault, runGit } from '../git.js';
import { diffBytes } from '../patches.js';
import { lookAt } from '../tree-files.js';

/** Files by path, one byte to a character. A path that is not there has no entry. */
export type Contents = ReadonlyMap<string, string>;

/** A patch with what is in it. */
export interface ReadPatch {
  readonly patch: Patch;
  readonly files: readonly FileDiff[];
}

/** The paths that a patch names, before and after. */
export function pathsOf(files: readonly FileDiff[]): readonly string[] {
  return [...new Set(files.flatMap(({ from, to }) => [from, to]))].filter((path) => path !== undefined);
}

/** Whether two patches name a file in common. */
export function shareFile(one: ReadPatch, other: ReadPatch): boolean {
  const paths = new Set(pathsOf(one.files));
  return pathsOf(other.files).some((path) => paths.has(path));
}

/** Where patches are tried on copies of files. */
export interface Bench {
  /**
   * What `git apply` makes of these files with these patches, one after the other; undefined when it refuses.
   * @param flags more for `git apply`, such as `-R`
   * @throws HarnessError `host` `git.failed`, `process.missing`
   */
  readonly apply: (contents: Contents, patches: readonly ReadPatch[], flags?: readonly string[]) => Promise<Contents | undefined>;
}

/** A bench in an empty folder, which fills up with what is tried. */
export function openBench(ctx: Pick<Context, 'effects'>, folder: string): Bench {
  const { files } = ctx.effects;
  let tries = 0;
  const place = async (at: string, contents: Contents, paths: readonly string[]): Promise<void> => {
    for (const path of paths) {
      const content = contents.get(path);
      if (content === undefined) continue;
      await files.mkdir(dirname(join(at, path)), { recursive: true });
      await files.writeFile(join(at, path), content, 'latin1');
    }
  };
  return {
    apply: async (contents, patches, flags = []) => {
      tries += 1;
      const [at, kept] = [join(folder, `try-${tries}`), join(folder, `patches-${tries}`)];
      await files.mkdir(at);
      await files.mkdir(kept);
      try {
        const paths = [...new Set(patches.flatMap((one) => pathsOf(one.files)))];
        await place(at, contents, paths);
        const names = await Promise.all(
          patches.map(async ({ patch }, index) => {
            await files.writeFile(join(kept, String(index)), diffBytes(patch));
            return join(kept, String(index));
          }),
        );
        const done = await runGit(ctx, ['apply', '--whitespace=nowarn', '-p1', ...flags, '--', ...names], { cwd: at });
        refuseHostFault(done, 'trying a patch');
        if (done.exitCode !== 0) return undefined;
        const result = new Map(contents);
        for (const path of paths) {
          const look = await lookAt(ctx, at, path);
          if (look.kind === 'refused') throw hostError('git.failed', `git apply left ${path} in a strange state: ${look.problem}`);
          if (look.kind === 'file') result.set(path, look.file.content.toString('latin1'));
          else result.delete(path);
        }
        return result;
      } finally {
        await files.rm(at, { recursive: true, force: true });
        await files.rm(kept, { recursive: true, force: true });
      }
    },
  };
}

/**
 * The files of a tree that patches name. What no patch may touch (a symbolic link, a folder) has no entry.
 * @param src the tree
 */
export async function readContents(ctx: Pick<Context, 'effects'>, src: string, patches: readonly ReadPatch[]): Promise<Contents> {
  const contents = new Map<string, string>();
  for (const path of new Set(patches.flatMap(({ files }) => pathsOf(files)))) {
    const look = await lookAt(ctx, src, path);
    if (look.kind === 'file') contents.set(path, look.file.content.toString('latin1'));
  }
  return contents;
}
