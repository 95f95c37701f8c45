import type { Room } from '../host/sandbox.js';

/** How make is called, the same at every call: other values would rebuild everything. */
export interface MakeSettings {
  readonly hasCcache: boolean;
  /** Of the profile. */
  readonly variables: readonly string[];
}

/** The variables of every call of make. */
export function makeVariables({ hasCcache, variables }: MakeSettings): readonly string[] {
  return [`CC=${hasCcache ? 'ccache gcc' : 'gcc'}`, ...variables];
}

/**
 * The environment of make. Without the four KBUILD_BUILD variables a kernel is not repeatable byte for byte
 * (Documentation/kbuild/reproducible-builds.rst).
 * @param ccache the folder that it may read and write; undefined compiles without it
 */
export function buildEnv(room: Room, ccache: string | undefined): Readonly<Record<string, string>> {
  return {
    KBUILD_BUILD_USER: 'respin',
    KBUILD_BUILD_HOST: 'respin',
    KBUILD_BUILD_TIMESTAMP: 'Thu Jan  1 00:00:00 UTC 1970',
    KBUILD_BUILD_VERSION: '1',
    ...(ccache === undefined
      ? { CCACHE_DISABLE: '1' }
      : {
          CCACHE_DIR: room.path(ccache),
          CCACHE_TEMPDIR: '/tmp',
          // Measured on a cold build: 6 s on top of 88 this way, 35 s without.
          CCACHE_DEPEND: '1',
          CCACHE_NOHASHDIR: '1',
        }),
  };
}
