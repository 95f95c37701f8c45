// Makes a fresh checkout able to run: npm packages and the compiled program. Nothing but Node and npm is needed for it.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const OLDEST = [20, 19];

function mtime(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(folder) {
  return readdirSync(folder, { recursive: true }).reduce((latest, name) => Math.max(latest, mtime(join(folder, name))), 0);
}

/** What these programs print goes to standard error: standard output belongs to the command. */
function runOrExit(file, args, advice, cwd = root) {
  const { status, error } = spawnSync(file, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(`respin: "${[file, ...args].join(' ')}" failed${error ? `: ${error.message}` : ''}\n  ${advice}\n`);
  process.exit(3);
}

/** Installs the npm packages of a folder where its package-lock.json is newer than what is there. */
export function installPackages(folder = root, options = []) {
  if (mtime(join(folder, 'node_modules/.package-lock.json')) >= mtime(join(folder, 'package-lock.json'))) return;
  runOrExit('npm', ['ci', ...options, '--no-audit', '--no-fund', '--loglevel=error'], `type: cd ${[folder, '&& npm ci', ...options].join(' ')}`, folder);
}

/** Installs the npm packages where package-lock.json is newer than what is there, and compiles where sources are. */
export function bootstrap() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    process.stderr.write(`respin: Node ${process.version} is too old; install Node ${OLDEST.join('.')} or later\n`);
    process.exit(3);
  }
  installPackages();
  if (mtime(join(root, 'dist/.tsbuildinfo')) < Math.max(newest(join(root, 'harness')), mtime(join(root, 'tsconfig.build.json')))) {
    runOrExit('npm', ['run', '--silent', 'build'], `type: cd ${root} && npm run build`);
  }
}
