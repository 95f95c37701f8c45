import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { x8664 } from '../../../harness/arch/x86-64.js';
import type { Context } from '../../../harness/context.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import type { GuestProgram } from '../../../harness/model.js';
import { plain } from '../../../harness/profiles/plain.js';
import { bootReady } from '../../../harness/run/boot-ready.js';
import type { Boot } from '../../../harness/run/boot-side.js';
import type { Plan } from '../../../harness/run/plan.js';
import type { PreparedSide } from '../../../harness/run/side.js';
import { startStopwatch, type Timing } from '../../../harness/stages.js';
import { cacheAt } from '../../../harness/store/cache.js';

const fake = fileURLToPath(new URL('../vm/fake-qemu', import.meta.url));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'respin-boots-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function program(name: string): GuestProgram {
  return { name, path: `/respin/bin/${name}`, timeoutMs: 20_000, judge: 'auto', tests: [], env: [] };
}

/** Boots a kernel whose guest plays a scene of fake-qemu. Limits of time are those of a machine that is far quicker than any. */
async function boots(scene: string, names: readonly string[]): Promise<{ readonly boots: () => Promise<readonly Boot[]>; readonly timings: () => readonly Timing[] }> {
  const ctx: Context = { effects: realEffects(), cache: cacheAt(root), progress: () => undefined };
  await ctx.effects.files.mkdir(ctx.cache.boots, { recursive: true });
  const environment = { arch: { ...x8664, qemu: fake }, accelerator: { accelerator: 'tcg', detail: '', tscKhz: undefined }, qemu: 'QEMU' };
  const plan = { environment, profile: { ...plain, slowness: 0.03, append: [`scene=${scene}`] }, repeat: 1, fresh: false, timeoutMs: undefined } as unknown as Plan;
  const image = { path: '/k', digest: 'k', bytes: 1 };
  const prepared = { kind: 'ready', record: { boots: [] }, build: { image }, guest: { path: '/i', digest: 'i', programs: names.map(program), leftOut: [] } } as unknown as PreparedSide;
  const stopwatch = startStopwatch(ctx);
  return { boots: () => bootReady(ctx, stopwatch, plan, 'tip', prepared), timings: stopwatch.timings };
}

it.each([
  ['silent', 2],
  ['panic', 1],
  ['good', 1],
])('looks twice at what may be the doing of the host, a hang, and once at the rest: %s', async (scene, times) => {
  expect(await (await boots(scene, ['one'])).boots()).toHaveLength(times);
});

it('keeps what was tested before a guest hung, and misses the rest', async () => {
  const [boot] = await (await boots('hung_test', ['one', 'two', 'three'])).boots();
  expect(boot?.transcript.end).toMatchObject({ kind: 'silent', phase: 'tests' });
  expect(boot?.results.map(({ name, status }) => [name, status])).toEqual([
    ['one', 'pass'],
    ['two', 'crash'],
    ['three', 'missing'],
  ]);
});

it('takes no result from the console', async () => {
  const [boot] = await (await boots('tap_on_console', ['one'])).boots();
  expect(boot?.transcript.console).toContain('ok 1 hostile');
  expect(boot?.results.map(({ name, status, reason }) => [name, status, reason])).toEqual([['one', 'fail', 'exit code 1']]);
});

it('makes a boot again for which the host had no time, and gives up after three', async () => {
  const starved = await boots('starved', ['one']);
  await expect(starved.boots()).rejects.toMatchObject({ kind: 'host', code: 'host.starved' });
  expect(starved.timings().map(({ outcome }) => outcome)).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('it does not count') as string));
});

it('learns how slow the host is from the time of the guest, not from that of the host', async () => {
  const [boot] = await (await boots('stopped_for_a_while', ['one'])).boots();
  const folder = cacheAt(root).boots;
  const [speed = ''] = readdirSync(folder).filter((name) => name.startsWith('speed-'));
  const { bootMs: [known = NaN] } = JSON.parse(readFileSync(join(folder, speed), 'utf8')) as { readonly bootMs: readonly number[] };
  expect((boot?.transcript.bootMs ?? 0) - known).toBeGreaterThan(1500);
});
