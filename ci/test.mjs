// `npm test`: everything that must pass, real boots included; `--full` adds the long matrix.
import { bootstrap, root } from './bootstrap.mjs';
import { installTestTools } from './test-tools.mjs';

bootstrap();
const { main } = await import('../dist/main.js');
const ready = await main(['setup']);
if (ready !== 0) process.exit(ready);
try {
  await installTestTools();
} catch (thrown) {
  console.error(`${thrown.message}\n${thrown.hint ?? ''}`);
  process.exit(3);
}
const { $ } = await import('zx');
const full = process.argv.includes('--full');
const projects = ['unit', 'programs', 'outside', 'e2e', ...(full ? ['full'] : [])].map((name) => `--project=${name}`);
const done = await $({ cwd: root, stdio: 'inherit', nothrow: true })`npx vitest run ${projects}`;
process.exitCode = done.exitCode ?? 3;
