import { dirname, join } from 'node:path';
import { packageRoot } from '../host/package-root.js';
import { ROOM, type Recipe } from './compile.js';

/** Where the kernel tree has its selftests. */
export const KSELFTESTS = 'tools/testing/selftests';
/** Static, because the guest has no libraries; `-MD` so that what was read is known. */
export const FLAGS: readonly string[] = ['-O2', '-g0', '-std=gnu11', '-Wall', '-Wextra', '-static', '-MD'];

/** A probe: one C file, with kselftest.h of the tree under test and probe.h of respin in reach. */
export function sourceRecipe(tree: string, name: string, source: string, bits: 32 | 64): Recipe {
  const probes = join(packageRoot(), 'rootfs', 'probes');
  return {
    name,
    product: name,
    folder: dirname(source),
    inputs: [],
    mounts: [
      { host: tree, at: ROOM.tree, access: 'read' },
      { host: probes, at: ROOM.probes, access: 'read' },
      ...(source.startsWith(`${probes}/`) ? [] : [{ host: dirname(source), at: ROOM.source, access: 'read' } as const]),
    ],
    command: (room, out) => ({
      file: 'gcc',
      args: [
        ...FLAGS,
        ...(bits === 32 ? ['-m32'] : []),
        ...['-I', room.path(join(tree, KSELFTESTS))],
        ...['-I', room.path(probes)],
        ...['-MF', `${out}/${name}.d`],
        ...['-o', `${out}/${name}`],
        room.path(source),
        '-lrt',
        '-pthread',
      ],
    }),
  };
}

/** A kselftest of the tree, by its own Makefile, which writes to OUTPUT alone. */
export function kselftestRecipe(tree: string, name: string, target: string, program: string): Recipe {
  return {
    name,
    product: program,
    folder: join(tree, KSELFTESTS, target),
    inputs: [join(tree, KSELFTESTS, target, 'Makefile'), join(tree, KSELFTESTS, 'lib.mk')],
    mounts: [{ host: tree, at: ROOM.tree, access: 'read' }],
    command: (room, out) => ({
      file: 'make',
      args: [
        '-s',
        ...['-C', room.path(join(tree, KSELFTESTS, target))],
        `OUTPUT=${out}`,
        'CC=gcc',
        'USERCFLAGS=-MD',
        'USERLDFLAGS=-static',
        `${out}/${program}`,
      ],
    }),
  };
}
