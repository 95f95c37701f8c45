import { availableParallelism } from 'node:os';
import { architectures } from '../arch/table.js';
import type { Architecture } from '../arch/architecture.js';
import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import { readBuildLimits, type BuildLimits } from '../host/build-limits.js';
import { proveSandbox, type Sandbox } from '../host/sandbox.js';
import { findTools, versionOf } from '../host/tools.js';
import { readToolchain } from '../kernel/toolchain.js';
import type { AcceleratorChoice, SandboxChoice, Toolchain } from '../model.js';
import { proveAccelerator, type ProvenAccelerator } from '../vm/accelerator.js';
import { refuseOldQemu } from '../vm/qemu-version.js';

/** What this host brings to a run. */
export interface Environment {
  readonly arch: Architecture;
  readonly toolchain: Toolchain;
  readonly sandbox: Sandbox;
  readonly limits: BuildLimits;
  readonly accelerator: ProvenAccelerator;
  /** First line of `qemu --version`. */
  readonly qemu: string;
  readonly hasCcache: boolean;
  readonly jobs: number;
}

/** The only architecture so far; the profile will name it when there are more. */
const ARCH = 'x86-64';

/**
 * @throws HarnessError `host` when a tool is broken, a sandbox that is required or KVM that is asked for does not work
 */
export async function readEnvironment(
  ctx: Context,
  request: { readonly accelerator: AcceleratorChoice; readonly sandbox: SandboxChoice },
): Promise<Environment> {
  const arch = architectures[ARCH];
  if (!arch) throw hostError('arch.unknown', `no architecture is named ${ARCH}`);
  const tools = await findTools(ctx);
  const tool = (name: string): (typeof tools)[number] | undefined => tools.find((found) => found.tool.name === name && found.path !== undefined);
  const qemuTool = tool(arch.qemu);
  const asked = qemuTool === undefined ? Promise.resolve(undefined) : versionOf(ctx, qemuTool);
  const prove = async (): Promise<ProvenAccelerator> => {
    refuseOldQemu(await asked, arch);
    return proveAccelerator(ctx, request.accelerator, arch);
  };
  const [toolchain, sandbox, accelerator, qemu] = await Promise.all([
    readToolchain(ctx),
    proveSandbox(ctx, request.sandbox),
    prove(),
    asked,
  ]);
  if (sandbox.kind === 'none') {
    ctx.progress({
      type: 'notice',
      level: 'warning',
      text: `NO SANDBOX: the build runs the patch author's code with your rights (${sandbox.detail}); "--sandbox required" refuses instead`,
    });
  }
  return {
    ...{ arch, toolchain, sandbox, accelerator, limits: readBuildLimits(ctx.effects.env) },
    qemu: qemu ?? arch.qemu,
    hasCcache: tool('ccache') !== undefined,
    jobs: availableParallelism(),
  };
}
