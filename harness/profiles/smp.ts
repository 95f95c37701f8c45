import type { Profile } from '../model.js';

export const smp: Profile = {
  name: 'smp',
  description: 'two CPUs, for races and missing unlocks',
  config: `CONFIG_SMP=y
CONFIG_X86_MPPARSE=y
CONFIG_NR_CPUS=8
`,
  makeVariables: [],
  cpus: 2,
  memoryMiB: 256,
  append: [],
  slowness: 2,
  leakScan: false,
  objects: 690,
};
