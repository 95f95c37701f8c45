import { randomBytes } from 'node:crypto';
import type { Context } from '../context.js';
import type { Completed } from '../effects.js';
import { hostError } from '../errors.js';
import { createResultStream, type ResultEvent } from '../guest/protocol.js';
import { interruption } from '../host/interruption.js';
import type { GuestProgram, Transcript } from '../model.js';
import { qemuArgs, type MachineRequest } from './args.js';
import { decideEnd, type Stop } from './boot-end.js';
import { createHostTime, readThreadTimes } from './host-time.js';
import { createPanicWatch } from './panic-watch.js';

/**
 * Limits of one boot in bytes, and in milliseconds of a guest of slowness 1. What the host keeps from a guest does not
 * count: only time in which the guest could have run.
 */
export interface BootLimits {
  /** From the start of QEMU to the first frame of the runner. */
  readonly bootMs: number;
  /** Without a byte on either console. */
  readonly silenceMs: number;
  /**
   * Without a byte on ttyS1 once the runner is there, which sends one every 2 s whatever its tests do: a kernel that hangs
   * may go on complaining about that on its console. Longer than silence, by which a guest is told that says nothing at all.
   */
  readonly runnerMs: number;
  /** For each program on top of its own limit: for starting it and for killing what it leaves. */
  readonly perProgramMs: number;
  /** After the last program, for the search for leaks and the way down. */
  readonly closingMs: number;
  /** For QEMU to end by itself once nothing more is to come. */
  readonly exitMs: number;
  readonly consoleBytes: number;
}

/**
 * Silence must last longer than the kernel takes to report a soft lockup, or a hang is now silent and now told, from boot to boot:
 * its clock has ticks of 2^30 ns, more than 20 of them since the last look, which is taken each 4 s (kernel/watchdog.c). That is up
 * to 27 s, and 28 s were seen under TCG.
 */
const DEFAULT_LIMITS: BootLimits = {
  bootMs: 40_000,
  silenceMs: 35_000,
  runnerMs: 40_000,
  perProgramMs: 10_000,
  closingMs: 40_000,
  exitMs: 3000,
  consoleBytes: 16 * 1024 * 1024,
};

export interface BootRequest {
  readonly machine: MachineRequest;
  /** What the initramfs holds, for the limit of the whole. Their own limits are kept as they are. */
  readonly programs: readonly GuestProgram[];
  /** Of the profile and of this host: the other limits are multiplied by it. */
  readonly slowness: number;
  readonly limits?: Partial<BootLimits> | undefined;
  /** A limit of the user's for the whole boot, as it is; undefined for the sum of the parts. */
  readonly wholeMs?: number | undefined;
}

/** How often the limits are looked at, in ms. */
const CHECK_MS = 100;

/** How QEMU failed; undefined for one that ended as it does when the guest resets. */
function failureOf(done: Completed): string | undefined {
  if (done.exitCode === 0 && done.stderr === '') return undefined;
  const how = done.signal === undefined ? `exit code ${String(done.exitCode)}` : done.signal;
  const words = done.stderr.trim().split('\n').at(-1) ?? '';
  return words === '' ? `QEMU ended (${how}) before the last frame` : `QEMU ended (${how}): ${words}`;
}

/** What QEMU says of a signal that asks it to end (qemu_system_killed in its softmmu/runstate.c); its exit code is 0 then. */
const SIGNALLED = /terminating on signal \d+/;

/** A QEMU that never ran the guest, or that the host killed, says nothing about the kernel. */
function refuseHostFault(done: Completed, machine: MachineRequest, consoleBytes: number): void {
  if (done.signal === 'SIGKILL' || SIGNALLED.test(done.stderr)) {
    throw hostError('qemu.killed', 'QEMU was killed from outside, by the host running out of memory or by hand', {
      hint: `the guest has ${String(machine.memoryMiB)} MiB; see dmesg, and free some memory`,
      output: done.stderr,
    });
  }
  if (consoleBytes > 0 || (done.exitCode === 0 && done.stderr === '')) return;
  throw hostError('qemu.failed', `${machine.arch.qemu} did not start a guest: ${failureOf(done) ?? ''}`, {
    hint: 'see what it says; respin doctor tells which QEMU there is',
    output: done.stderr,
  });
}

/**
 * Boots a kernel and runs the programs of its initramfs. Every fault of the guest is a value: a panic, silence, too much
 * output, results that break their own rules.
 *
 * It ends when QEMU ends, shortly after nothing more can come (the last frame, a panic, a corrupt stream), or when a limit
 * is passed.
 * @throws HarnessError `host` `qemu.failed`, `qemu.killed`, `process.missing`; Interrupted
 */
export async function bootGuest(ctx: Context, request: BootRequest): Promise<Transcript> {
  const { clock } = ctx.effects;
  const limits = { ...DEFAULT_LIMITS, ...request.limits };
  const scaled = (ms: number): number => ms * request.slowness;
  const programsMs = request.programs.reduce((sum, { timeoutMs }) => sum + timeoutMs + scaled(limits.perProgramMs), 0);
  const wholeMs = request.wholeMs ?? scaled(limits.bootMs) + programsMs + scaled(limits.closingMs);

  const nonce = randomBytes(16).toString('hex');
  const results = createResultStream(nonce, request.programs.length > 0);
  const panic = createPanicWatch();
  const console: Uint8Array[] = [];
  let consoleBytes = 0;
  let bootMs: number | undefined;
  let guestBootMs: number | undefined;
  let isDone = false as boolean;

  const begun = clock.now();
  const time = createHostTime(begun, CHECK_MS);
  let lastByte = 0;
  let lastResultByte = 0;
  const running = await ctx.effects.processes.start(
    { file: request.machine.arch.qemu, args: qemuArgs(request.machine), keepBytes: 64 * 1024 },
    2,
  );
  const [consoleChannel, resultChannel] = running.channels;

  const onEvent = (event: ResultEvent): void => {
    switch (event.type) {
      case 'ready':
        resultChannel?.write(`${nonce}\n`);
        break;
      case 'hello':
        bootMs = clock.now() - begun;
        guestBootMs = bootMs - time.lost().ms;
        break;
      case 'begin':
        ctx.progress({ type: 'test', program: event.program });
        break;
      case 'last':
      case 'corrupt':
        isDone = true;
        break;
    }
  };
  consoleChannel?.onData((bytes) => {
    lastByte = time.guestMs();
    consoleBytes += bytes.length;
    if (consoleBytes - bytes.length < limits.consoleBytes) {
      console.push(bytes);
      panic.feed(Buffer.from(bytes).toString('latin1'));
    }
  });
  resultChannel?.onData((bytes) => {
    lastByte = time.guestMs();
    lastResultByte = lastByte;
    results.feed(bytes).forEach(onEvent);
  });

  const findStop = (now: number, doneAt: number | undefined): Stop | undefined => {
    if (consoleBytes > limits.consoleBytes) return { why: 'flood', bytes: consoleBytes };
    if (doneAt !== undefined) return now - doneAt > scaled(limits.exitMs) ? { why: 'done' } : undefined;
    if (bootMs === undefined && now > scaled(limits.bootMs)) return { why: 'boot-limit', afterMs: now };
    if (now - lastByte > scaled(limits.silenceMs)) return { why: 'silence', afterMs: now - lastByte };
    const isRunnerDead = bootMs !== undefined && now - lastResultByte > scaled(limits.runnerMs);
    return isRunnerDead || now > wholeMs ? { why: 'whole-limit', afterMs: now } : undefined;
  };

  let doneAt: number | undefined;
  let stop: Stop | undefined;
  try {
    let ended: Completed | undefined;
    do {
      ended = await Promise.race([running.ended, clock.sleep(CHECK_MS).then(() => undefined)]);
      time.look(clock.now(), await readThreadTimes(ctx.effects.files, running.pid));
      const now = time.guestMs();
      if (doneAt === undefined && (isDone || panic.line() !== undefined)) doneAt = now;
      stop = ended ? undefined : findStop(now, doneAt);
    } while (!ended && !stop);
  } finally {
    running.kill();
  }
  const done = await running.ended;
  if (ctx.effects.interrupted.aborted) throw interruption();
  if (!stop) refuseHostFault(done, request.machine, consoleBytes);

  const state = results.state();
  return {
    end: decideEnd({ results: state, panic: panic.line(), stop, failure: failureOf(done) }),
    initReached: bootMs !== undefined,
    programs: state.programs,
    console: Buffer.concat(console).subarray(0, limits.consoleBytes).toString('latin1'),
    bootMs,
    guestBootMs,
    totalMs: clock.now() - begun,
    lost: time.lost(),
  };
}
