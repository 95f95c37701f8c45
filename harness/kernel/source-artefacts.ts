/**
 * What a build leaves in a kernel tree, by the top-level Makefile's `clean` and `mrproper` of Linux 6.12: kbuild refuses
 * to build elsewhere from a tree with `.config` or generated headers, and would take stale files from it in silence.
 */
const ARTEFACTS: readonly RegExp[] = [
  /\.(?:[aios]|rsi|ko|ko\..*|dtb|dtbo|dtb\.S|dtbo\.S|dt\.yaml|dwo|lst|su|mod|mod\.c|lex\.c|tab\.[ch]|asn1\.[ch]|symtypes|c\.[012].*\..*|ll|gcno)$/,
  /(?:^|\/)\.[^/]*\.(?:cmd|d|tmp)$/,
  /(?:^|\/)(?:modules\.order|dtbs-list|\.git)$/,
  /(?:^|\/)\.git\//,
  /^(?:\.config|\.config\.old|\.version|Module\.symvers|System\.map|vmlinux|vmlinux-gdb\.py|modules\.builtin.*|modules\.nsdeps|compile_commands\.json|\.missing-syscalls\.d|\.objdiff|\.tmp_[^/]*)(?:\/|$)/,
  /^certs\/(?:signing_key\.pem|x509\.genkey)$/,
  /^(?:include|arch\/[^/]+\/include)\/(?:config|generated)(?:\/|$)/,
];

/**
 * Which files of a directory are sources. Beside the patterns of `make mrproper`, a file `x` beside which kbuild left
 * `.x.cmd` was made by it, and so is what git ignores there.
 * @param paths of all its files and symbolic links, relative to its top
 * @param ignored files, and folders with a `/` at their end, that git ignores and does not track
 */
export function sourcePaths(paths: readonly string[], ignored: readonly string[]): ReadonlySet<string> {
  const made = new Set(paths.flatMap((path) => targetOf(path) ?? []));
  // A tree that ignores everything at its top (Debian's does) says nothing with it.
  const trusted = ignored.includes('Makefile') ? [] : ignored;
  const ignoredFiles = new Set(trusted);
  return new Set(
    paths.filter(
      (path) => !ARTEFACTS.some((pattern) => pattern.test(path)) && !made.has(path) && !isIgnored(path, ignoredFiles),
    ),
  );
}

/** `dir/x` for kbuild's `dir/.x.cmd`. */
function targetOf(path: string): string | undefined {
  const match = /^((?:.*\/)?)\.([^/]+)\.cmd$/.exec(path);
  return match ? `${match[1] ?? ''}${match[2] ?? ''}` : undefined;
}

function isIgnored(path: string, ignored: ReadonlySet<string>): boolean {
  if (ignored.size === 0) return false;
  if (ignored.has(path)) return true;
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (ignored.has(path.slice(0, slash + 1))) return true;
  }
  return false;
}
