// `npm run check`: the gate of every commit. What does not depend on another part runs beside it.
import { bootstrap, root } from './bootstrap.mjs';

bootstrap();
const { $ } = await import('zx');
const checks = {
  types: $({ cwd: root, nothrow: true, quiet: true })`node node_modules/typescript-7/bin/tsc -b --checkers 2`,
  lint: $({ cwd: root, nothrow: true, quiet: true })`npx oxlint`,
  directions: $({ cwd: root, nothrow: true, quiet: true })`npx depcruise --config ci/dependency-cruiser.cjs harness`,
  'dead code': $({ cwd: root, nothrow: true, quiet: true })`npx knip`,
  'probes.md': $({ cwd: root, nothrow: true, quiet: true })`node ci/probes.mjs --check`,
  'evidence schema': $({ cwd: root, nothrow: true, quiet: true })`node ci/evidence-schema.mjs --check`,
  unit: $({ cwd: root, nothrow: true, quiet: true })`npx vitest run --project=unit`,
};
let failed = 0;
for (const [name, promise] of Object.entries(checks)) {
  const done = await promise;
  console.log(`${done.exitCode === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (done.exitCode !== 0) {
    failed += 1;
    console.log(`${done.stdout}${done.stderr}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
