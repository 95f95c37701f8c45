import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { x8664 } from '../../../harness/arch/x86-64.js';
import type { Architecture } from '../../../harness/arch/architecture.js';
import type { Context } from '../../../harness/context.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { proveAccelerator } from '../../../harness/vm/accelerator.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'respin-accelerator-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A host with this QEMU in its PATH, where /dev/kvm is there or not, whatever the real host has. */
function host(hasKvm: boolean): { readonly ctx: Context; readonly starts: () => number } {
  let starts = 0;
  const real = realEffects();
  const ctx: Context = {
    effects: {
      ...real,
      env: { ...real.env, PATH: `${root}:${real.env['PATH'] ?? ''}` },
      files: {
        ...real.files,
        access: async (path, mode) => {
          if (path !== '/dev/kvm') await real.files.access(path, mode);
          else if (!hasKvm) throw new Error('EACCES: permission denied, access \'/dev/kvm\'');
        },
      },
      processes: { ...real.processes, start: (command, channels) => ((starts += 1), real.processes.start(command, channels)) },
    },
    cache: cacheAt(join(root, 'cache')),
    progress: () => undefined,
  };
  return { ctx, starts: () => starts };
}

/** A QEMU that runs `onKvm` when it is to use KVM, and is the real one for TCG. */
function qemu(onKvm: string): Architecture {
  const path = join(root, 'qemu-system-x86_64');
  writeFileSync(path, `#!/bin/sh\ncase "$*" in *"-accel kvm"*) ${onKvm} ;; esac\nexec /usr/bin/qemu-system-x86_64 "$@"\n`);
  chmodSync(path, 0o755);
  return { ...x8664, qemu: path };
}

describe.skipIf(!existsSync('/usr/bin/qemu-system-x86_64'))('proveAccelerator', () => {
  it('runs a guest under TCG and measures its clock', async () => {
    const { ctx } = host(false);
    const proven = await proveAccelerator(ctx, 'auto', qemu('exit 1'));
    expect(proven).toMatchObject({ accelerator: 'tcg', detail: expect.stringContaining('EACCES') as unknown });
    if (proven.tscKhz !== undefined) {
      expect(proven.tscKhz).toBeGreaterThan(100_000);
      expect(proven.tscKhz).toBeLessThan(20_000_000);
    }
  });

  it.each([
    ['KVM that emulates', 'echo "KVM internal error. Suberror: 1" >&2; exec sleep 60', /emulates instructions/],
    ['QEMU that refuses KVM', 'echo "Could not access KVM kernel module" >&2; exit 1', /Could not access/],
    ['KVM whose guest prints nothing', 'exit 33', /exit code 33/],
  ])('takes TCG for %s, and refuses --accel kvm', async (_, onKvm, detail) => {
    const { ctx } = host(true);
    const arch = qemu(onKvm);
    expect(await proveAccelerator(ctx, 'auto', arch)).toMatchObject({ accelerator: 'tcg', detail: expect.stringMatching(detail) as unknown });
    await expect(proveAccelerator(ctx, 'kvm', arch)).rejects.toMatchObject({ kind: 'host', code: 'kvm.unusable' });
  });

  it('takes KVM only where a guest ran', async () => {
    const { ctx } = host(true);
    const arch = qemu("printf R >&5; exit 33");
    expect(await proveAccelerator(ctx, 'auto', arch)).toMatchObject({ accelerator: 'kvm', tscKhz: undefined });
    expect(await proveAccelerator(ctx, 'tcg', arch)).toMatchObject({ accelerator: 'tcg' });
  });

  it('asks the host once, and again for another QEMU', async () => {
    const { ctx, starts } = host(false);
    const arch = qemu('exit 1');
    const first = await proveAccelerator(ctx, 'auto', arch);
    const asked = starts();
    expect(await proveAccelerator(ctx, 'auto', arch)).toEqual(first);
    // Without the clock's frequency, on a host as busy as that, it is asked again.
    if (first.tscKhz !== undefined) expect(starts()).toBe(asked);
    await proveAccelerator(ctx, 'auto', qemu('echo another one; exit 1'));
    expect(starts()).toBeGreaterThan(asked);
  });

  it('says that the host is at fault when not even TCG runs', async () => {
    const path = join(root, 'broken');
    writeFileSync(path, '#!/bin/sh\necho "unsupported machine type" >&2\nexit 1\n');
    chmodSync(path, 0o755);
    await expect(proveAccelerator(host(false).ctx, 'auto', { ...x8664, qemu: path })).rejects.toMatchObject({ code: 'tcg.unusable', kind: 'host' });
    await expect(proveAccelerator(host(false).ctx, 'auto', { ...x8664, qemu: '/no/qemu' })).rejects.toMatchObject({ code: 'process.missing' });
  });
});
