import type { Context } from '../context.js';
import { freeBytes } from '../host/disk.js';
import { installCommand } from '../host/install.js';
import { proveSandbox } from '../host/sandbox.js';
import { findTools, versionOf, type FoundTool } from '../host/tools.js';
import { withSession } from '../session.js';
import { visible } from '../terminal/escape.js';
import { formatBytes, formatTable } from '../terminal/format.js';
import { describeAccelerator } from '../vm/accelerator.js';

/** A first run downloads 150 MB, unpacks 1.5 GB and builds 0.3 GB for each configuration. */
const ROOM_NEEDED = 4 * 1024 ** 3;

async function toolRow(ctx: Context, found: FoundTool): Promise<readonly string[]> {
  const { tool, path } = found;
  if (path === undefined) return [tool.required ? 'MISSING' : 'absent', tool.name, `package ${tool.package}`, tool.purpose];
  return ['ok', tool.name, visible((await versionOf(ctx, found)) ?? path), tool.purpose];
}

/** `respin doctor`: what of this host a run can use, what is missing and how to get it. Exit 3 when a run cannot work. */
export async function doctorCommand(): Promise<number> {
  return withSession(async (ctx) => {
    const tools = await findTools(ctx);
    const missing = tools.filter(({ path }) => path === undefined);
    const rows = await Promise.all(tools.map((found) => toolRow(ctx, found)));
    const sandbox = await proveSandbox(ctx, 'auto');
    const qemu = tools.some(({ tool, path }) => tool.package === 'qemu-system-x86' && path !== undefined);
    const kvm = qemu ? await describeAccelerator(ctx) : { usable: false, detail: 'not tried: QEMU is missing' };
    const free = await freeBytes(ctx, ctx.cache.root);
    const lines = [
      ...formatTable([['ok', 'node', process.version, 'runs respin'], ...rows]),
      '',
      ...formatTable([
        [kvm.usable ? 'ok' : 'no', 'KVM', kvm.detail],
        [sandbox.kind === 'none' ? 'NO' : 'ok', 'sandbox', visible(sandbox.detail)],
        [free < ROOM_NEEDED ? 'LOW' : 'ok', 'disk', `${formatBytes(free)} free for ${ctx.cache.root} (a first run needs about 4 GiB)`],
      ]),
      ...(missing.length === 0 ? [] : ['', `to get what is missing: ${installCommand([...new Set(missing.map(({ tool }) => tool.package))])}`]),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    return missing.some(({ tool }) => tool.required) ? 3 : 0;
  });
}
