import { constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { Architecture } from '../arch/architecture.js';
import { architectures } from '../arch/table.js';
import type { Context } from '../context.js';
import type { Completed } from '../effects.js';
import { hostError, messageOf } from '../errors.js';
import { interruption } from '../host/interruption.js';
import type { AcceleratorChoice } from '../model.js';
import { readJson, writeAtomically } from '../store/atomic.js';
import { digestOf } from '../store/digest.js';
import { confinementArgs, serialArgs, type Accelerator } from './args.js';
import { LEAST_QEMU } from './qemu-version.js';
import { PROOF_EXIT_CODE, PROOF_EXIT_DEVICE, PROOF_MARK, proofRom } from './proof-rom.js';
import { tscFrequency } from './tsc-frequency.js';

/** The accelerator of a run, proven by a guest that ran. */
export interface ProvenAccelerator {
  readonly accelerator: Accelerator;
  /** Why this one, for people. */
  readonly detail: string;
  /** For the kernel command line under TCG; see `MachineRequest`. */
  readonly tscKhz: number | undefined;
}

const KVM_DEVICE = '/dev/kvm';
const PROOF_LIMIT_MS = 3000;
/** TCG only has to be slow, not proven fast; a busy host gets more time. */
const TCG_LIMIT_MS = 20_000;
const TSC_ATTEMPTS = 3;

const memorySchema = z.object({
  version: z.literal(1),
  host: z.string(),
  kvm: z.object({ usable: z.boolean(), detail: z.string() }),
  tscKhz: z.number().positive().optional(),
});
type Memory = z.infer<typeof memorySchema>;

interface Proof {
  readonly ran: boolean;
  readonly output: Uint8Array;
  readonly done: Completed;
}

/** Boots the proof's guest. QEMU that gives up on KVM stays there paused, so its complaint ends the wait. */
async function runProof(ctx: Context, arch: Architecture, accelerator: Accelerator, limitMs: number): Promise<Proof> {
  const rom = join(ctx.cache.tmp, `proof-${digestOf(proofRom()).slice(0, 16)}.rom`);
  await writeAtomically(ctx, rom, proofRom());
  const chunks: Uint8Array[] = [];
  let kill = (): void => undefined;
  const running = await ctx.effects.processes.start(
    {
      file: arch.qemu,
      args: [
        ...confinementArgs(),
        ...['-machine', arch.machines.microvm],
        ...['-accel', accelerator],
        ...['-cpu', arch.cpu[accelerator]],
        ...['-m', '16M'],
        ...['-bios', rom],
        ...['-device', PROOF_EXIT_DEVICE],
        ...serialArgs(arch.serialDevice, 1),
      ],
      timeoutMs: limitMs,
      onLine: (line) => {
        if (/^KVM internal error|^emulation failure/.test(line)) kill();
      },
    },
    1,
  );
  kill = running.kill;
  running.channels[0]?.onData((bytes) => {
    chunks.push(bytes);
  });
  const done = await running.ended;
  if (ctx.effects.interrupted.aborted) throw interruption();
  const output = Buffer.concat(chunks);
  return { ran: done.exitCode === PROOF_EXIT_CODE && output[0] === PROOF_MARK, output, done };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

async function proveKvm(ctx: Context, arch: Architecture): Promise<Memory['kvm']> {
  try {
    await ctx.effects.files.access(KVM_DEVICE, constants.R_OK | constants.W_OK);
  } catch (error) {
    return { usable: false, detail: messageOf(error) };
  }
  const { ran, done } = await runProof(ctx, arch, 'kvm', PROOF_LIMIT_MS);
  if (ran) return { usable: true, detail: 'a guest ran with it' };
  if (/^KVM internal error|^emulation failure/m.test(done.stderr)) {
    return { usable: false, detail: `${KVM_DEVICE} is there, but it emulates instructions and gave up at one` };
  }
  if (done.timedOut) {
    return { usable: false, detail: `${KVM_DEVICE} is there, but a guest of 136 bytes did not end in ${String(PROOF_LIMIT_MS)} ms` };
  }
  return { usable: false, detail: `${KVM_DEVICE} is there, but QEMU says: ${lastLine(done.stderr) || `exit code ${String(done.exitCode)}`}` };
}

/** @throws HarnessError `host` `tcg.unusable` when QEMU cannot even emulate: nothing can be booted on this host */
async function measureTsc(ctx: Context, arch: Architecture): Promise<number | undefined> {
  for (let attempt = 0; attempt < TSC_ATTEMPTS; attempt += 1) {
    const { ran, output, done } = await runProof(ctx, arch, 'tcg', TCG_LIMIT_MS);
    if (!ran) {
      throw hostError('tcg.unusable', `${arch.qemu} ran no guest: ${lastLine(done.stderr) || 'it printed nothing'}`, {
        hint: `respin needs QEMU ${LEAST_QEMU} or later with microvm and TCG: apt-get install ${arch.qemuPackage}`,
        output: done.stderr,
      });
    }
    const khz = tscFrequency(output);
    if (khz !== undefined) return khz;
  }
  return undefined;
}

/** Everything that the answers depend on: this boot of this host, this QEMU, and whether this user may use KVM. */
async function hostKey(ctx: Context, arch: Architecture): Promise<string> {
  const { files, env } = ctx.effects;
  const facts: string[] = [];
  for (const path of ['/proc/sys/kernel/random/boot_id', '/proc/sys/kernel/osrelease']) {
    facts.push(await files.readFile(path, 'utf8').catch(() => ''));
  }
  const folders = isAbsolute(arch.qemu) ? ['/'] : (env['PATH'] ?? '').split(':').filter(Boolean);
  for (const folder of folders) {
    const qemu = await files.stat(join(folder, arch.qemu)).catch(() => undefined);
    if (!qemu) continue;
    facts.push(folder, String(qemu.size), String(qemu.mtimeMs));
    break;
  }
  facts.push(
    await files.access(KVM_DEVICE, constants.R_OK | constants.W_OK).then(
      () => 'kvm',
      () => 'no kvm',
    ),
  );
  return digestOf(facts.join('\n'));
}

async function knownOfHost(ctx: Context, arch: Architecture): Promise<Memory> {
  const path = join(ctx.cache.root, `accelerator-${arch.name}.json`);
  const host = await hostKey(ctx, arch);
  const known = await readJson(ctx, path, memorySchema);
  if (known?.host === host) return known;
  const tscKhz = await measureTsc(ctx, arch);
  const kvm = await proveKvm(ctx, arch);
  const memory: Memory = { version: 1, host, kvm, ...(tscKhz === undefined ? {} : { tscKhz }) };
  // Without the frequency it is asked again: the host may be less busy then.
  if (tscKhz !== undefined) await writeAtomically(ctx, path, `${JSON.stringify(memory)}\n`);
  return memory;
}

function architectureNamed(name: string): Architecture {
  const arch = architectures[name];
  if (!arch) throw hostError('arch.unknown', `no architecture is named ${name}`);
  return arch;
}

/**
 * Whether KVM runs guests on this host, and why not. Found out once for each boot of the host and each QEMU.
 * @throws HarnessError `host` as `proveAccelerator`
 */
export async function describeAccelerator(ctx: Context): Promise<{ readonly usable: boolean; readonly detail: string }> {
  const { kvm } = await knownOfHost(ctx, architectureNamed('x86-64'));
  return kvm;
}

/**
 * The accelerator to use. `auto` is KVM where a guest really ran with it, else TCG.
 * @throws HarnessError `host` `kvm.unusable` when `choice` is `kvm` and no guest ran with it; `tcg.unusable`;
 *   `process.missing` when there is no QEMU
 */
export async function proveAccelerator(
  ctx: Context,
  choice: AcceleratorChoice,
  arch: Architecture = architectureNamed('x86-64'),
): Promise<ProvenAccelerator> {
  const { kvm, tscKhz } = await knownOfHost(ctx, arch);
  if (choice === 'kvm' && !kvm.usable) {
    throw hostError('kvm.unusable', `KVM was asked for and runs no guest here: ${kvm.detail}`, {
      hint: 'run with --accel tcg, or with --accel auto, which takes KVM where it works',
    });
  }
  if (choice !== 'tcg' && kvm.usable) return { accelerator: 'kvm', detail: kvm.detail, tscKhz: undefined };
  return { accelerator: 'tcg', detail: choice === 'tcg' ? 'as asked' : `KVM is not usable: ${kvm.detail}`, tscKhz };
}
