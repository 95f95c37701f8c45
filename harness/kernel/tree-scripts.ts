import { join } from 'node:path';
import type { Context } from '../context.js';
import { HarnessError } from '../errors.js';
import { openRoom, type Sandbox } from '../host/sandbox.js';
import { installCommand } from '../host/install.js';
import type { KernelTree } from '../model.js';

const LIMIT_MS = 300_000;
const ROOM = { src: '/respin/src', patches: '/respin/patches' };

/** What one line of checkpatch.pl says. */
export interface CheckpatchMessage {
  readonly severity: 'ERROR' | 'WARNING' | 'CHECK';
  /** Such as `LONG_LINE`. */
  readonly type: string;
  readonly text: string;
  /** Undefined for what is said of the commit message or the patch as a whole. */
  readonly file: string | undefined;
  readonly line: number | undefined;
}

export type CheckpatchOutcome =
  | { readonly kind: 'ran'; readonly errors: number; readonly warnings: number; readonly checks: number; readonly messages: readonly CheckpatchMessage[] }
  /** It cannot be run here, or did not come to its end. */
  | { readonly kind: 'not-run'; readonly why: string };

export interface Maintainer {
  /** `Name <address>`, or the address of a list. */
  readonly who: string;
  /** `maintainer:IPC`, `open list`. */
  readonly role: string;
}

export type MaintainersOutcome =
  | { readonly kind: 'ran'; readonly maintainers: readonly Maintainer[] }
  | { readonly kind: 'not-run'; readonly why: string };

/** The scripts of a tree, run on patches that lie in a folder. */
export interface TreeScripts {
  /** @param name of a file in the folder of patches */
  readonly checkpatch: (name: string) => Promise<CheckpatchOutcome>;
  readonly maintainers: (names: readonly string[]) => Promise<MaintainersOutcome>;
}

/** Reads what `checkpatch.pl --strict --show-types --showfile` prints; undefined when it did not come to its end. */
export function parseCheckpatch(text: string): Extract<CheckpatchOutcome, { kind: 'ran' }> | undefined {
  const lines = text.split('\n');
  const total = lines.map((line) => /^total: (\d{1,9}) errors, (\d{1,9}) warnings, (?:(\d{1,9}) checks, )?\d{1,9} lines checked/.exec(line)).findLast((found) => found !== null);
  if (!total) return undefined;
  const messages = lines.flatMap((line): readonly CheckpatchMessage[] => {
    const found = /^(?:([^\s:][^:]*)?:(\d{0,9}): )?(ERROR|WARNING|CHECK):([A-Z0-9_]+): (.*)$/.exec(line);
    if (!found) return [];
    const [, file, at, severity, type = '', said = ''] = found;
    return [{ severity: severity as CheckpatchMessage['severity'], type, text: said, file: file || undefined, line: file && at ? Number(at) : undefined }];
  });
  return { kind: 'ran', errors: Number(total[1]), warnings: Number(total[2]), checks: Number(total[3] ?? 0), messages };
}

/** Reads what `get_maintainer.pl` prints: one `who (role)` a line. */
export function parseMaintainers(text: string): readonly Maintainer[] {
  return text.split('\n').flatMap((line) => {
    const found = /^([^<>]*<[^<>]*>|\S+) \((.*)\)$/.exec(line.trim());
    return found?.[1] !== undefined && found[2] !== undefined ? [{ who: found[1], role: found[2] }] : [];
  });
}

/**
 * The scripts of the tree as it lies on the disk, in the sandbox: the tree must be its base, so that no script runs that a
 * series brings. They can write nowhere.
 * @param folder holds the patches
 */
export function openTreeScripts(ctx: Context, sandbox: Sandbox, tree: KernelTree, folder: string): TreeScripts {
  const room = openRoom(sandbox, [
    { host: tree.src, at: ROOM.src, access: 'read' },
    { host: folder, at: ROOM.patches, access: 'read' },
  ]);
  const run = async (script: string, args: readonly string[]): Promise<{ readonly out: string; readonly said: string } | string> => {
    const there = await ctx.effects.files.access(join(tree.src, script)).then(
      () => true,
      () => false,
    );
    if (!there) return `this tree has no ${script}`;
    try {
      const done = await ctx.effects.processes.run(room.command({ file: 'perl', args: [script, ...args], cwd: tree.src, timeoutMs: LIMIT_MS }));
      if (done.timedOut) return `${script} did not end within ${LIMIT_MS / 1000} seconds`;
      if (done.stderr.includes('perl: not found')) return noPerl();
      return { out: done.stdout, said: done.stderr };
    } catch (thrown) {
      if (thrown instanceof HarnessError && thrown.code === 'process.missing') return noPerl();
      throw thrown;
    }
  };
  const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
  return {
    checkpatch: async (name) => {
      const script = 'scripts/checkpatch.pl';
      const done = await run(script, ['--strict', '--show-types', '--showfile', '--color=never', room.path(join(folder, name))]);
      if (typeof done === 'string') return { kind: 'not-run', why: done };
      return parseCheckpatch(done.out) ?? { kind: 'not-run', why: `${script} did not come to its end: ${lastLine(`${done.out}\n${done.said}`)}` };
    },
    maintainers: async (names) => {
      const script = 'scripts/get_maintainer.pl';
      const done = await run(script, ['--no-tree', '--no-git', '--no-git-fallback', ...names.map((name) => room.path(join(folder, name)))]);
      if (typeof done === 'string') return { kind: 'not-run', why: done };
      const maintainers = parseMaintainers(done.out);
      return maintainers.length > 0 ? { kind: 'ran', maintainers } : { kind: 'not-run', why: `${script} names nobody: ${lastLine(done.said)}` };
    },
  };
}

function noPerl(): string {
  return `perl is not on this machine; type: ${installCommand(['perl'])}`;
}
