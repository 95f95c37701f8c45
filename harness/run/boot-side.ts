import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { BootEnd, Finding, GuestImage, GuestProgram, KernelImage, Profile, TestResult, Transcript } from '../model.js';
import { judgeAbsent, judgeProgram } from '../results/judge.js';
import { findFaults } from '../results/faults.js';
import { keyOf } from '../store/digest.js';
import { readSealed, writeSealed } from '../store/sealed.js';
import { describeEnd } from '../verdict/decide.js';
import { isOfAClock } from '../verdict/disagreements.js';
import { qemuArgs, type MachineRequest } from '../vm/args.js';
import { bootGuest } from '../vm/boot.js';
import { isStarved } from '../vm/host-time.js';
import { hostSlowness, rememberBoot } from './host-slowness.js';
import type { ProvenAccelerator } from '../vm/accelerator.js';
import type { Architecture, MachineName } from '../arch/architecture.js';

export interface BootSideRequest {
  readonly image: KernelImage;
  readonly guest: GuestImage;
  readonly arch: Architecture;
  readonly machine: MachineName;
  readonly accelerator: ProvenAccelerator;
  readonly profile: Profile;
  /** First line of `qemu --version`: another QEMU is another machine. */
  readonly qemu: string;
  /** Limit of the whole boot in milliseconds; undefined for the sum of its parts. */
  readonly timeoutMs: number | undefined;
  /** Boot even when the outcome is known. */
  readonly fresh: boolean;
  /** Which of several boots of the same kernel this is, from 0: each is remembered by itself. */
  readonly round: number;
}

/** One boot, and what it says when read today. */
export interface Boot {
  readonly argv: readonly string[];
  readonly transcript: Transcript;
  readonly results: readonly TestResult[];
  readonly findings: readonly Finding[];
  /** When it was booted, as ISO 8601. */
  readonly at: string;
  readonly reused: boolean;
}

const programSchema = z.object({
  name: z.string(),
  end: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('exit'), code: z.number() }),
    z.object({ kind: z.literal('signal'), signal: z.number() }),
    z.object({ kind: z.literal('timeout') }),
    z.object({ kind: z.literal('cut') }),
  ]),
  output: z.array(z.string()),
  truncated: z.boolean(),
  unkillable: z.boolean(),
  ms: z.number(),
});

/** Only a boot that came to its end is remembered: how another one ended may be the host's doing. */
const recordSchema = z.object({
  at: z.string(),
  argv: z.array(z.string()),
  initReached: z.boolean(),
  programs: z.array(programSchema),
  console: z.string(),
  bootMs: z.number().optional(),
  totalMs: z.number(),
  lost: z.object({ ms: z.number(), longestMs: z.number() }),
});

function machineOf(request: BootSideRequest): MachineRequest {
  const { arch, machine, accelerator, profile } = request;
  return {
    ...{ arch, machine, accelerator: accelerator.accelerator, tscKhz: accelerator.tscKhz },
    ...{ kernel: request.image.path, initrd: request.guest.path },
    ...{ cpus: profile.cpus, memoryMiB: profile.memoryMiB, append: profile.append },
    extra: profile.qemuArgs,
  };
}

/** The same for boots that must come out the same; where the files lie and how fast this host is does not count. */
function bootKey(request: BootSideRequest): string {
  const machine = { ...machineOf(request), kernel: request.image.digest, initrd: request.guest.digest, tscKhz: undefined };
  return keyOf({ argv: qemuArgs(machine), qemu: request.qemu, programs: request.guest.programs, round: request.round === 0 ? undefined : request.round });
}

/** An argument of the user's may name a file of the host, whose content nobody follows: then nothing is taken from the cache. */
function isRepeatable({ profile }: BootSideRequest): boolean {
  return (profile.qemuArgs ?? []).length === 0;
}

function lateResults(programs: readonly GuestProgram[], transcript: Transcript): readonly TestResult[] {
  return programs.flatMap((program) => {
    const run = transcript.programs.find(({ name }) => name === program.name);
    return run ? judgeProgram(run, program) : judgeAbsent(program, `not run: ${describeEnd(transcript.end)}`);
  });
}

function read(request: BootSideRequest, transcript: Transcript, rest: Pick<Boot, 'argv' | 'at' | 'reused'>): Boot {
  const { programs, leftOut } = request.guest;
  const unrun = leftOut.flatMap(({ program, status, reason }) => judgeAbsent(program, reason, status));
  return { ...rest, transcript, results: [...lateResults(programs, transcript), ...unrun], findings: findFaults(transcript.console) };
}

async function known(ctx: Context, path: string): Promise<{ readonly transcript: Transcript; readonly at: string; readonly argv: readonly string[] } | undefined> {
  const record = await readSealed(ctx, path, recordSchema);
  if (!record) return undefined;
  const { at, argv, ...rest } = record;
  return { at, argv, transcript: { ...rest, bootMs: record.bootMs, guestBootMs: undefined, end: { kind: 'complete' } } };
}

/** The outcome of booting this kernel with this initramfs on this machine, from the cache where it is known. */
export async function bootSide(ctx: Context, request: BootSideRequest): Promise<Boot> {
  const path = join(ctx.cache.boots, `${bootKey(request)}.json`);
  const remembered = request.fresh || !isRepeatable(request) ? undefined : await known(ctx, path);
  if (remembered) return read(request, remembered.transcript, { argv: remembered.argv, at: remembered.at, reused: true });
  const machine = machineOf(request);
  const { name: profile, slowness } = request.profile;
  const kind = { qemu: request.qemu, accelerator: machine.accelerator, profile, slowness };
  const at = ctx.effects.clock.date().toISOString();
  const transcript = await bootGuest(ctx, {
    machine,
    programs: request.guest.programs,
    slowness: slowness * (await hostSlowness(ctx, kind)),
    wholeMs: request.timeoutMs,
  });
  const argv = [request.arch.qemu, ...qemuArgs(machine)];
  if (transcript.end.kind === 'complete') {
    const { end, ...rest } = transcript;
    if (transcript.guestBootMs !== undefined) await rememberBoot(ctx, kind, transcript.guestBootMs);
    await writeSealed(ctx, path, { at, argv, ...rest });
  }
  return read(request, transcript, { argv, at, reused: false });
}

/** Ends that a host without time to spare can bring about as well as a kernel that hangs. */
const WANTS_SECOND_LOOK: ReadonlySet<BootEnd['kind']> = new Set(['silent', 'overtime', 'corrupt', 'stopped']);

/** Whether an outcome may be the host's doing, so that it counts only when it comes again. */
export function wantsSecondLook(boot: Boot): boolean {
  return WANTS_SECOND_LOOK.has(boot.transcript.end.kind) || boot.results.some(({ status }) => status === 'timeout') || boot.findings.some(isOfAClock);
}

/** Whether an outcome may be the host's doing, and the host kept so much time from the guest that it is no evidence. */
export function provesNothing(boot: Boot): boolean {
  return !boot.reused && wantsSecondLook(boot) && isStarved(boot.transcript);
}

/** What the kernel reported in any of these boots, each once. */
export function findingsOf(boots: readonly { readonly findings: readonly Finding[] }[]): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const finding of boots.flatMap(({ findings }) => findings)) if (!found.has(finding.fingerprint)) found.set(finding.fingerprint, finding);
  return [...found.values()];
}
