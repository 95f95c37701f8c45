// Makes `npx respin` work in a checkout: npm links the programs of dependencies, not those of the package itself.
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';

chmodSync(join(root, 'dist/cli.js'), 0o755);
const folder = join(root, 'node_modules/.bin');
if (existsSync(folder)) {
  rmSync(join(folder, 'respin'), { force: true });
  symlinkSync('../../dist/cli.js', join(folder, 'respin'));
}
