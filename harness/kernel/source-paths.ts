import { join } from 'node:path';

/** `~/x` below HOME: in `dir:~/x` no shell expands it. */
export function expandHome(path: string, env: Readonly<Record<string, string>>): string {
  const home = env['HOME'];
  if (!home) return path;
  if (path === '~') return home;
  return path.startsWith('~/') ? join(home, path.slice(2)) : path;
}
