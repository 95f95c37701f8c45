#!/usr/bin/env node
// Nothing but this leaf is imported statically: what cannot be loaded, for want of descriptors, memory, files or a package,
// must not end with node's own exit code for it, which is 1 and means a bad series.
import { EXIT, errorExit } from './exit-codes.js';

const args = process.argv.slice(2);

async function fail(thrown: unknown): Promise<never> {
  const report = await import('./terminal/report-error.js').catch(() => undefined);
  if (report) process.exit(report.reportError(thrown, false, (code) => errorExit(args, code)));
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const hint = message.startsWith('EMFILE') ? 'allow more open files (ulimit -n 1024)' : 'this is a fault of the host or of respin';
  process.stderr.write(`respin: ${message}\n  ${hint}; it says nothing about the series\n`);
  process.exit(errorExit(args, EXIT.host));
}

// Whatever ends this program otherwise than by its verdict is no verdict.
process.exitCode = errorExit(args, EXIT.host);
process.on('uncaughtException', (thrown) => void fail(thrown));
try {
  process.exitCode = await (await import('./main.js')).main(args);
} catch (thrown) {
  await fail(thrown);
}
