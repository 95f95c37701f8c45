import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import type { Sandbox } from '../../../harness/host/sandbox.js';
import { compareSizes, parseBloat, type SizeOutcome } from '../../../harness/kernel/bloat.js';
import type { KernelImage, KernelTree } from '../../../harness/model.js';
import { cacheAt } from '../../../harness/store/cache.js';

const SAID = [
  'add/remove: 1/1 grow/shrink: 1/1 up/down: 291/-15 (276)',
  'Function                                     old     new   delta',
  'ipc_sysctls                                  504     672    +168',
  'copy_msg                                       -     123    +123',
  'testmsg                                       56      51      -5',
  'old_one                                       10       -     -10',
  'Total: Before=3184043, After=3184319, chg +0.01%',
  '',
].join('\n');

describe('parseBloat', () => {
  it('reads symbols that grew, shrank, came and went', () => {
    expect(parseBloat(SAID)).toEqual({
      ...{ kind: 'measured', before: 3184043, after: 3184319 },
      symbols: [
        { name: 'ipc_sysctls', old: 504, now: 672, delta: 168 },
        { name: 'copy_msg', old: undefined, now: 123, delta: 123 },
        { name: 'testmsg', old: 56, now: 51, delta: -5 },
        { name: 'old_one', old: 10, now: undefined, delta: -10 },
      ],
    });
  });

  it.each([['cut', SAID.split('Total')[0] ?? ''], ['nothing', ''], ['without nm', 'Total: Before=0, After=0, chg +0.00%\n'], ['without symbols in one', 'Total: Before=5, After=0, chg -100.00%\n']])(
    'takes no result for one: %s',
    (_, text) => {
      expect(parseBloat(text)).toBeUndefined();
    },
  );
});

describe('compareSizes', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'respin-bloat-'));
    mkdirSync(join(root, 'src', 'scripts'), { recursive: true });
    mkdirSync(join(root, 'bin'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const NO_SANDBOX: Sandbox = { kind: 'none', flags: [], detail: '' };

  function image(name: string): KernelImage {
    const path = join(root, 'images', name, 'vmlinux');
    mkdirSync(join(root, 'images', name), { recursive: true });
    writeFileSync(path, '');
    return { path, digest: name, bytes: 0 };
  }

  /** Runs a script in the place of the tree's. */
  async function measure(script: string | undefined, old = image('a'), now = image('b')): Promise<SizeOutcome> {
    const cache = { ...cacheAt(root), images: join(root, 'images') };
    const ctx: Context = { effects: realEffects(), cache, progress: () => undefined };
    if (script !== undefined) writeFileSync(join(root, 'src', 'scripts', 'bloat-o-meter'), script);
    const tree: KernelTree = { home: root, src: join(root, 'src'), source: { provider: 'directory', version: '6.12', label: '', digest: '', checks: [] } };
    return compareSizes(ctx, NO_SANDBOX, tree, old, now);
  }

  it('gives the script both kernels, the old one first', async () => {
    const said = await measure('import sys\nprint("%-40s %7s %7s %+7d" % ("_".join(a.replace("/", ".") for a in sys.argv[1:]), 1, 3, 2))\nprint("Total: Before=1, After=3, chg +200.00%")\n');
    expect(said).toMatchObject({ kind: 'measured', symbols: [{ name: 'a.vmlinux_b.vmlinux' }] });
  });

  it('says why it cannot', async () => {
    expect(await measure(undefined)).toEqual({ kind: 'not-measured', why: 'this tree has no scripts/bloat-o-meter' });
    expect(await measure('raise SystemExit("no nm")\n')).toEqual({ kind: 'not-measured', why: 'scripts/bloat-o-meter did not come to its end: no nm' });
    const gone = { ...image('a'), path: join(root, 'images', 'c', 'vmlinux') };
    expect(await measure('', gone)).toMatchObject({ kind: 'not-measured', why: `there is no ${gone.path}` });
  });

  it('says so when there is no python3', async () => {
    writeFileSync(join(root, 'src', 'scripts', 'bloat-o-meter'), '');
    const real = realEffects();
    const effects = { ...real, processes: { ...real.processes, run: (command: Parameters<typeof real.processes.run>[0]) => real.processes.run({ ...command, file: join(root, 'bin', 'python3') }) } };
    chmodSync(join(root, 'bin'), 0o755);
    const cache = { ...cacheAt(root), images: join(root, 'images') };
    const tree: KernelTree = { home: root, src: join(root, 'src'), source: { provider: 'directory', version: '6.12', label: '', digest: '', checks: [] } };
    const said = await compareSizes({ effects, cache, progress: () => undefined }, NO_SANDBOX, tree, image('a'), image('b'));
    expect(said).toMatchObject({ kind: 'not-measured', why: expect.stringContaining('python3 is not on this machine') as string });
  });
});
