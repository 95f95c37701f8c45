import type { Profile } from '../model.js';

export const kasan: Profile = {
  name: 'kasan',
  description: 'two CPUs with generic KASAN: use after free, out of bounds',
  config: `CONFIG_SMP=y
CONFIG_X86_MPPARSE=y
CONFIG_NR_CPUS=8
CONFIG_DEBUG_KERNEL=y
# The PVH entry compares strings before the shadow memory is there: at -Os gcc calls memcmp, which is instrumented.
# CONFIG_CC_OPTIMIZE_FOR_SIZE is not set
CONFIG_CC_OPTIMIZE_FOR_PERFORMANCE=y
# CONFIG_SLUB_TINY is not set
CONFIG_KASAN=y
CONFIG_KASAN_GENERIC=y
CONFIG_KASAN_OUTLINE=y
CONFIG_KALLSYMS=y
`,
  // The PVH entry itself, which 6.1 instruments (6.12 does not: arch/x86/platform/pvh/Makefile), and what it calls there (decision 6).
  makeVariables: ['KASAN_SANITIZE_enlighten.o=n', 'CFLAGS_enlighten.o=-Dmemcmp=__builtin_memcmp -minline-all-stringops'],
  cpus: 2,
  memoryMiB: 768,
  append: [],
  slowness: 6,
  leakScan: false,
  objects: 760,
};
