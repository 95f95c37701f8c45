import { jsonDocument } from '../json-document.js';
import { listKernels } from '../kernel/resolve.js';
import { withSession } from '../session.js';
import { visible } from '../terminal/escape.js';
import { formatTable } from '../terminal/format.js';

/** `respin kernels`: what `--kernel` can name here. */
export async function kernelsCommand(options: Readonly<Record<string, unknown>>): Promise<number> {
  return withSession(async (ctx) => {
    const kernels = await listKernels(ctx);
    if (options['json'] === true) {
      process.stdout.write(jsonDocument(kernels));
      return 0;
    }
    const rows = kernels.map(({ spec, label, where, detail }) => [spec, where, label, detail].map(visible));
    process.stdout.write(`${formatTable([['--kernel', 'WHERE', 'WHAT', 'STATE'], ...rows]).join('\n')}\n`);
    return 0;
  });
}
