import type { Architecture } from './architecture.js';
import { x8664 } from './x86-64.js';

/** Every architecture, by name. */
export const architectures: Readonly<Record<string, Architecture>> = {
  [x8664.name]: x8664,
};
