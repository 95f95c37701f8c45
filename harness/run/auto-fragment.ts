import type { Fragment } from '../kernel/kconfig.js';

/** The settings of `--config auto` as a piece of configuration. */
export function autoFragment(settings: Readonly<Record<string, string>>): Fragment {
  const text = Object.entries(settings)
    .map(([name, value]) => (value === 'n' ? `# ${name} is not set\n` : `${name}=${value}\n`))
    .join('');
  return { name: 'config auto', text, wish: true };
}
