import { packageRoot } from '../host/package-root.js';
import { jsonDocument } from '../json-document.js';
import { listSeries } from '../series/read-series.js';
import { withSession } from '../session.js';
import { formatTable } from '../terminal/format.js';

/** `respin series`: the series that ship. */
export async function seriesCommand(options: Readonly<Record<string, unknown>>): Promise<number> {
  return withSession(async (ctx) => {
    const series = await listSeries(ctx, packageRoot());
    if (options['json'] === true) {
      process.stdout.write(jsonDocument(series));
      return 0;
    }
    const rows = series.map(({ name, title, bases }) => [name, bases.map(({ kernel }) => kernel).join(', '), title]);
    process.stdout.write(`${formatTable([['SERIES', 'KERNELS', 'WHAT'], ...rows]).join('\n')}\n`);
    return 0;
  });
}
