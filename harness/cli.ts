#!/usr/bin/env node
// Nothing is imported statically: what cannot be loaded, for want of descriptors, memory or files, must not end with node's
// own exit code for it, which is 1 and means a bad series.
function fail(thrown: unknown): void {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const hint = message.startsWith('EMFILE') ? 'allow more open files: ulimit -n 1024' : 'this is a fault of the host or of respin';
  process.stderr.write(`respin: ${message}\n  ${hint}; it says nothing about the series\n`);
  process.exit(3);
}

process.on('uncaughtException', fail);
try {
  const { main } = await import('./main.js');
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  fail(thrown);
}
