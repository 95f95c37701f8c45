import type { Profile } from '../model.js';

export const compat: Profile = {
  name: 'compat',
  description: 'one CPU, and 32-bit programs run: the compat system calls of a 64-bit kernel',
  config: `CONFIG_IA32_EMULATION=y
`,
  makeVariables: [],
  cpus: 1,
  memoryMiB: 256,
  append: [],
  slowness: 1,
  leakScan: false,
  objects: 650,
};
