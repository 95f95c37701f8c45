/** What a file of a kernel tree is to a build of the kernel for x86-64. */
export type FileKind =
  /** Compiled by itself when its options are set. */
  | 'source'
  /** Read by what includes it. */
  | 'header'
  /** Of another architecture. */
  | 'other-arch'
  /** Kconfig, Makefile, linker script: shapes the build. */
  | 'build'
  /** Not of the kernel that boots: documentation, tools, scripts, selftests. */
  | 'aside';

const ASIDE = /^(?:Documentation|tools|scripts|LICENSES|samples|usr|certs\/.*\.pem)(?:\/|$)/;
/** Sources that are read and not compiled by themselves where they are found. */
const BUILD = /(?:^|\/)(?:Kconfig|Makefile|Kbuild)[^/]*$|\.lds(?:\.S)?$|(?:^|\/)(?:defconfig|configs\/.*)$|\.config$|\.tbl$/;

/** What a file is, from its path alone. */
export function kindOfFile(path: string): FileKind {
  const arch = /^arch\/([^/]+)\//.exec(path)?.[1];
  if (arch !== undefined && arch !== 'x86') return 'other-arch';
  if (ASIDE.test(path)) return 'aside';
  if (BUILD.test(path)) return 'build';
  if (/\.(?:c|S|rs)$/.test(path)) return 'source';
  return path.endsWith('.h') ? 'header' : 'aside';
}

/** The architecture that a path belongs to, when that is another one than x86. */
export function otherArch(path: string): string | undefined {
  const arch = /^arch\/([^/]+)\//.exec(path)?.[1];
  return arch === 'x86' ? undefined : arch;
}
