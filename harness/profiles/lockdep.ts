import type { Profile } from '../model.js';

export const lockdep: Profile = {
  name: 'lockdep',
  description: 'two CPUs with PROVE_LOCKING and DEBUG_ATOMIC_SLEEP: lock order, lost unlocks, sleeping under a lock',
  config: `CONFIG_SMP=y
CONFIG_X86_MPPARSE=y
CONFIG_NR_CPUS=8
CONFIG_DEBUG_KERNEL=y
CONFIG_PROVE_LOCKING=y
CONFIG_PROVE_RCU=y
CONFIG_DEBUG_ATOMIC_SLEEP=y
CONFIG_KALLSYMS=y
`,
  makeVariables: [],
  cpus: 2,
  memoryMiB: 384,
  append: [],
  slowness: 4,
  leakScan: false,
  objects: 740,
};
