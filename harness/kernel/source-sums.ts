import { compareVersions, lineOf } from './source-version.js';

/** A release that kernel.org has as a tarball. */
export interface Release {
  /** As its file is named: `6.12`, `6.12.9`. */
  readonly version: string;
  readonly file: string;
  /** SHA-256. */
  readonly digest: string;
}

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----';

/**
 * The signed text of a cleartext signature (RFC 9580, 7): what is outside of it was signed by nobody. Undefined when the
 * text is not one such message from its first line on.
 */
export function signedText(text: string): string | undefined {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const blank = lines.indexOf('');
  const end = lines.indexOf(SIGNATURE);
  if (lines[0] !== BEGIN || lines.lastIndexOf(BEGIN) !== 0 || blank < 1 || end < blank || lines.lastIndexOf(SIGNATURE) !== end) {
    return undefined;
  }
  return lines.slice(blank + 1, end).join('\n');
}

/** The kernels in a list of `digest  file` lines, as sha256sum prints them; the newest first. Other files are left out. */
export function releasesIn(sums: string): readonly Release[] {
  const releases = [...sums.matchAll(/^([0-9a-f]{64}) [ *](linux-(\d+\.\d+(?:\.\d+)?)\.tar\.xz)$/gm)].map(
    ([, digest = '', file = '', version = '']): Release => ({ version, file, digest }),
  );
  return releases.sort((a, b) => compareVersions(b.version, a.version));
}

/** The newest release of each line, the newest line first. */
export function newestOfLines(releases: readonly Release[]): readonly Release[] {
  const lines = new Map<string, Release>();
  for (const release of releases) {
    const line = lineOf(release.version);
    if (line !== undefined && !lines.has(line)) lines.set(line, release);
  }
  return [...lines.values()];
}
