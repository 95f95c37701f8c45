import { packageRoot } from '../host/package-root.js';
import { jsonDocument } from '../json-document.js';
import { withSession } from '../session.js';
import { listSuites } from '../spec/suite.js';
import { count } from '../spec/count.js';
import { formatTable } from '../terminal/format.js';

/** `respin suites`: what there is to judge with. */
export async function suitesCommand(options: Readonly<Record<string, unknown>>): Promise<number> {
  return withSession(async (ctx) => {
    const suites = await listSuites(ctx, packageRoot());
    if (options['json'] === true) {
      process.stdout.write(jsonDocument(suites));
      return 0;
    }
    const rows = suites.map((suite) => {
      const tests = suite.programs.reduce((sum, program) => sum + (program.judge === 'exit' ? 1 : program.tests.length), 0);
      return [suite.name, `${count(suite.programs.length, 'program')}, ${count(tests, 'test')}`, suite.description];
    });
    process.stdout.write(`${formatTable([['SUITE', 'SIZE', 'WHAT'], ...rows]).join('\n')}\n`);
    return 0;
  });
}
