import type { Profile } from '../model.js';

export const kmemleak: Profile = {
  name: 'kmemleak',
  description: 'two CPUs with DEBUG_KMEMLEAK, scanned twice after the last test',
  config: `CONFIG_SMP=y
CONFIG_X86_MPPARSE=y
CONFIG_NR_CPUS=8
CONFIG_DEBUG_KERNEL=y
CONFIG_DEBUG_FS=y
CONFIG_DEBUG_KMEMLEAK=y
CONFIG_KALLSYMS=y
`,
  makeVariables: [],
  cpus: 2,
  memoryMiB: 512,
  append: ['respin.kmemleak'],
  slowness: 5,
  leakScan: true,
  objects: 760,
};
