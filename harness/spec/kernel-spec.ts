import { usageError, type HarnessError } from '../errors.js';
import type { KernelSpec } from '../model.js';

const FORMS: readonly (readonly [form: string, meaning: string])[] = [
  ['6.12', 'the newest 6.12.y that can be had'],
  ['v6.12.9', 'exactly this release, from kernel.org'],
  ['debian:6.12', "the distribution's linux-source-6.12 package (ubuntu: likewise)"],
  ['tar:PATH-or-URL', 'a tarball of a kernel'],
  ['dir:PATH', 'a kernel tree; it is read and never written to'],
  ['git:PATH-or-URL#REF', 'a commit, tag or branch of a repository'],
];

/** The forms of `--kernel`, one on a line with its meaning, for messages and help. */
export const KERNEL_SPEC_FORMS: string = FORMS.map(([form, meaning]) => `  ${form.padEnd(20)} ${meaning}`).join('\n');

const LINE = /^[1-9]\d{0,2}\.(?:0|[1-9]\d{0,3})$/;
const RELEASE = /^v?([1-9]\d{0,2}\.(?:0|[1-9]\d{0,3})\.(?:0|[1-9]\d{0,4}))$/;
const CANDIDATE = /^v?\d+\.\d+(?:\.\d+)?-rc\d+$/;
/** Git refuses these in a ref as well (git-check-ref-format); a leading `-` would be read as an option. Parents may follow: `HEAD~3`. */
const REF = /^(?!-)[^\s\p{Cc}~^:?*[\\]+(?:[~^]\d{0,6}){0,20}$/u;
const MOST_CHARACTERS = 4096;

/**
 * Reads what the user gave as `--kernel`. Nothing is looked up: whether there is such a kernel shows when it is resolved.
 * @throws HarnessError `usage` `kernel.spec` with the valid forms
 */
export function parseKernelSpec(text: string): KernelSpec {
  if (text.length > MOST_CHARACTERS) throw malformed(text, 'it is too long');
  if (/\p{Cc}/u.test(text)) throw malformed(text, 'it has a control character');
  if (LINE.test(text)) return { kind: 'line', line: text };
  // With its `v` it is the name of a tag: v6.12 is the one release that began the line.
  if (text.startsWith('v') && LINE.test(text.slice(1))) return { kind: 'release', version: text.slice(1) };
  const release = RELEASE.exec(text)?.[1];
  if (release !== undefined) return { kind: 'release', version: release.replace(/\.0$/, '') };
  if (CANDIDATE.test(text)) {
    throw malformed(text, 'release candidates are no tarballs of kernel.org; name a repository that has its tag', `git:URL#${tagOf(text)}`);
  }
  const colon = text.indexOf(':');
  if (colon < 0) throw malformed(text, 'it is neither a version nor KIND:VALUE');
  return parseKind(text, text.slice(0, colon), text.slice(colon + 1));
}

function parseKind(text: string, kind: string, value: string): KernelSpec {
  switch (kind) {
    case 'debian':
    case 'ubuntu':
      if (!LINE.test(value)) throw malformed(text, `after "${kind}:" a version of two numbers is expected`, `${kind}:6.12`);
      return { kind: 'distribution', distribution: kind, line: value };
    case 'tar':
      if (value === '') throw malformed(text, 'the path or URL of the tarball is missing', 'tar:/tmp/linux-6.12.9.tar.xz');
      return { kind: 'tarball', location: value };
    case 'dir':
      if (value === '') throw malformed(text, 'the path of the tree is missing', 'dir:/home/you/linux');
      return { kind: 'directory', path: value };
    case 'git':
      return parseGit(text, value);
    default:
      throw malformed(text, `"${shown(kind)}" is no kind of kernel`);
  }
}

function parseGit(text: string, value: string): KernelSpec {
  const hash = value.lastIndexOf('#');
  const location = value.slice(0, Math.max(0, hash));
  const ref = value.slice(hash + 1);
  const example = 'git:/home/you/linux#v6.12';
  if (hash < 0 || location === '' || ref === '') throw malformed(text, 'both a repository and, after a "#", a ref are expected', example);
  if (location.startsWith('-')) throw malformed(text, 'a repository cannot begin with "-"', example);
  if (!REF.test(ref) || ref.includes('..')) throw malformed(text, `"${shown(ref)}" is no ref`, example);
  return { kind: 'git', location, ref };
}

function tagOf(text: string): string {
  return text.startsWith('v') ? text : `v${text}`;
}

function shown(text: string): string {
  return (text.length > 80 ? `${text.slice(0, 80)}…` : text).replace(/[\p{Cc}"]/gu, '?');
}

function malformed(text: string, problem: string, example = '6.12'): HarnessError {
  return usageError('kernel.spec', `--kernel "${shown(text)}": ${problem}; expected one of\n${KERNEL_SPEC_FORMS}`, {
    hint: `for example: --kernel ${example}`,
  });
}
