import type { Room } from '../host/sandbox.js';

/** A compiler cache that a build may use. */
export interface Ccache {
  readonly folder: string;
  /**
   * A series' own build only reads: what a patch author's code leaves there would be taken for good by later builds.
   */
  readonly access: 'read' | 'write';
}

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
 */
export function buildEnv(room: Room, ccache: Ccache | undefined): Readonly<Record<string, string>> {
  return {
    KBUILD_BUILD_USER: 'respin',
    KBUILD_BUILD_HOST: 'respin',
    KBUILD_BUILD_TIMESTAMP: 'Thu Jan  1 00:00:00 UTC 1970',
    KBUILD_BUILD_VERSION: '1',
    ...(ccache === undefined ? { CCACHE_DISABLE: '1' } : ccacheEnv(room, ccache)),
  };
}

function ccacheEnv(room: Room, { folder, access }: Ccache): Readonly<Record<string, string>> {
  return {
    CCACHE_DIR: room.path(folder),
    CCACHE_TEMPDIR: '/tmp',
    // Measured on a cold build: 6 s on top of 88 this way, 35 s without.
    CCACHE_DEPEND: '1',
    CCACHE_NOHASHDIR: '1',
    ...(access === 'read' ? { CCACHE_READONLY: '1' } : {}),
  };
}
