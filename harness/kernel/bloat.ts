import { dirname, join, relative } from 'node:path';
import type { Context } from '../context.js';
import { HarnessError } from '../errors.js';
import { openRoom, type Sandbox } from '../host/sandbox.js';
import { installCommand } from '../host/install.js';
import type { KernelImage, KernelTree } from '../model.js';

const LIMIT_MS = 120_000;
const SCRIPT = 'scripts/bloat-o-meter';
const ROOM = { src: '/respin/src', images: '/respin/images' };

/** A symbol of the kernel that grew, shrank, came or went. Sizes are bytes; undefined where it is not there. */
export interface SymbolChange {
  readonly name: string;
  readonly old: number | undefined;
  readonly now: number | undefined;
  readonly delta: number;
}

export type SizeOutcome =
  | {
      readonly kind: 'measured';
      /** Of all symbols, in bytes. */
      readonly before: number;
      readonly after: number;
      /** The one that grew most first. */
      readonly symbols: readonly SymbolChange[];
    }
  | { readonly kind: 'not-measured'; readonly why: string };

/** Reads what `scripts/bloat-o-meter` prints; undefined when it did not come to its end, or saw no symbol in a kernel. */
export function parseBloat(text: string): Extract<SizeOutcome, { kind: 'measured' }> | undefined {
  const total = /^Total: Before=(\d{1,15}), After=(\d{1,15}), chg /m.exec(text);
  const [before, after] = [Number(total?.[1] ?? 0), Number(total?.[2] ?? 0)];
  // Without nm it compares nothing with nothing, and says that nothing changed.
  if (before === 0 || after === 0) return undefined;
  const bytes = (word: string): number | undefined => (word === '-' ? undefined : Number(word));
  const symbols = text.split('\n').flatMap((line): readonly SymbolChange[] => {
    const found = /^(\S+) +(\d{1,15}|-) +(\d{1,15}|-) +([+-]\d{1,15})$/.exec(line);
    if (!found) return [];
    const [, name = '', old = '', now = '', delta = ''] = found;
    return [{ name, old: bytes(old), now: bytes(now), delta: Number(delta) }];
  });
  return { kind: 'measured', before, after, symbols };
}

/**
 * Compares two kernels symbol by symbol, with the script of their tree, in the sandbox. The tree is its base.
 * What keeps it from that is said and no error: it decides nothing.
 */
export async function compareSizes(ctx: Context, sandbox: Sandbox, tree: KernelTree, old: KernelImage, now: KernelImage): Promise<SizeOutcome> {
  const cannot = (why: string): SizeOutcome => ({ kind: 'not-measured', why });
  const { files, processes } = ctx.effects;
  const images = ctx.cache.images;
  const isThere = async (path: string): Promise<boolean> => files.access(path).then(() => true, () => false);
  if (!(await isThere(join(tree.src, SCRIPT)))) return cannot(`this tree has no ${SCRIPT}`);
  for (const { path } of [old, now]) if (!(await isThere(path)) || dirname(dirname(path)) !== images) return cannot(`there is no ${path}`);
  const room = openRoom(sandbox, [
    { host: tree.src, at: ROOM.src, access: 'read' },
    { host: images, at: ROOM.images, access: 'read' },
  ]);
  // The script gives the names to a shell: they are digests, relative to the folder that it runs in.
  const args = [room.path(join(tree.src, SCRIPT)), relative(images, old.path), relative(images, now.path)];
  const noPython = `python3 is not on this machine; type: ${installCommand(['python3'])}`;
  try {
    const done = await processes.run(room.command({ file: 'python3', args, cwd: images, timeoutMs: LIMIT_MS }));
    if (done.timedOut) return cannot(`${SCRIPT} did not end within ${LIMIT_MS / 1000} seconds`);
    if (done.stderr.includes('python3: not found')) return cannot(noPython);
    const last = done.stderr.trim().split('\n').at(-1) || 'no output';
    return (done.exitCode === 0 ? parseBloat(done.stdout) : undefined) ?? cannot(`${SCRIPT} did not come to its end: ${last}`);
  } catch (thrown) {
    if (thrown instanceof HarnessError && thrown.code === 'process.missing') return cannot(noPython);
    throw thrown;
  }
}
