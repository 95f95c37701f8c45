import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { x8664 } from '../../../harness/arch/x86-64.js';
import type { Context } from '../../../harness/context.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import type { Transcript } from '../../../harness/model.js';
import type { ProgressEvent } from '../../../harness/progress.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { bootGuest, type BootLimits } from '../../../harness/vm/boot.js';

const fake = fileURLToPath(new URL('fake-qemu', import.meta.url));
/** A limit that no boot here comes near. Two of them together are still less than a test may take. */
const LONG = 12_000;

async function boot(
  scene: string,
  limits: Partial<BootLimits> = {},
  interrupted?: AbortSignal,
): Promise<Transcript & { readonly events: readonly ProgressEvent[] }> {
  const events: ProgressEvent[] = [];
  const ctx: Context = {
    effects: realEffects(interrupted),
    cache: cacheAt('/nonexistent'),
    progress: (event) => {
      events.push(event);
    },
  };
  const transcript = await bootGuest(ctx, {
    machine: {
      ...{ arch: { ...x8664, qemu: fake }, machine: 'microvm', accelerator: 'tcg', kernel: '/k', initrd: '/i' },
      ...{ cpus: 1, memoryMiB: 64, append: [`scene=${scene}`], tscKhz: undefined },
    },
    programs: [],
    slowness: 1,
    limits: { bootMs: LONG, silenceMs: LONG, runnerMs: LONG, exitMs: LONG, closingMs: LONG, ...limits },
  });
  return { ...transcript, events };
}

describe('bootGuest', () => {
  it('gives results, console and progress of a boot that went well', async () => {
    const transcript = await boot('good');
    expect(transcript).toMatchObject({ end: { kind: 'complete' }, initReached: true, programs: [{ name: 'one', output: ['ok 1 a'] }] });
    expect(transcript.console).toBe('[    0.0] Linux version 6.12\n[    1.0] reboot: machine restart\n');
    expect(transcript.events).toEqual([{ type: 'test', program: 'one' }]);
  });

  it('does not count time in which QEMU was stopped', async () => {
    const { end, lost, bootMs = 0, guestBootMs = 0 } = await boot('stopped_for_a_while', { silenceMs: 1500, bootMs: 2500 });
    expect(end).toEqual({ kind: 'complete' });
    expect(lost.longestMs).toBeGreaterThan(1500);
    expect(bootMs - guestBootMs).toBeGreaterThan(1500);
  });

  it('does not count time in which respin itself was stopped', async () => {
    const booting = boot('late', { bootMs: 3000 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
    expect((await booting).end).toEqual({ kind: 'complete' });
  });

  it('does not wait long for a QEMU that stays after the last frame', async () => {
    const transcript = await boot('lingering', { exitMs: 100 });
    expect(transcript.end).toEqual({ kind: 'complete' });
    expect(transcript.totalMs).toBeLessThan(LONG);
  });

  it.each<[string, Partial<BootLimits>, object]>([
    ['panic', {}, { kind: 'panic', detail: 'Kernel panic - not syncing: dead' }],
    ['hung_panic', { exitMs: 100 }, { kind: 'panic', detail: 'Kernel panic - not syncing: dead' }],
    ['stopped', {}, { kind: 'reset', phase: 'boot' }],
    ['silent', { silenceMs: 300 }, { kind: 'silent', phase: 'boot' }],
    ['chatty', { bootMs: 500 }, { kind: 'overtime', phase: 'boot' }],
    ['deaf', { runnerMs: 500 }, { kind: 'overtime', phase: 'tests' }],
    ['flood', { consoleBytes: 100_000, bootMs: 5000 }, { kind: 'flood' }],
    ['forged', { exitMs: 100 }, { kind: 'corrupt' }],
    ['aborted', {}, { kind: 'stopped', detail: 'QEMU ended (exit code 1): qemu: fatal: Trying to execute code outside RAM or ROM at 0x0' }],
  ])('tells how a bad one ended: %s', async (scene, limits, end) => {
    const transcript = await boot(scene, limits);
    expect(transcript.end).toMatchObject(end);
    // By its own limit, and not by one that comes later.
    expect(transcript.totalMs).toBeLessThan(LONG);
  });

  it('keeps no more of a flood than it may', async () => {
    expect((await boot('flood', { consoleBytes: 100_000, bootMs: 5000 })).console).toHaveLength(100_000);
  });

  it('marks a program that a panic cut', async () => {
    expect((await boot('panic')).programs).toMatchObject([{ name: 'one', end: { kind: 'cut' } }]);
  });

  it.each([
    ['refused', 'qemu.failed', /unsupported machine type/],
    ['shot', 'qemu.killed', /killed from outside/],
    ['asked_to_end', 'qemu.killed', /killed from outside/],
  ])('blames the host where the guest cannot be at fault: %s', async (scene, code, message) => {
    await expect(boot(scene)).rejects.toMatchObject({ kind: 'host', code, message: expect.stringMatching(message) as unknown });
  });

  it('ends when the user interrupts', async () => {
    const interruption = new AbortController();
    const booting = boot('silent', {}, interruption.signal);
    setTimeout(() => {
      interruption.abort();
    }, 200);
    await expect(booting).rejects.toMatchObject({ name: 'Interrupted' });
  });
});
