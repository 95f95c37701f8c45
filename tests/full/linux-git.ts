import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { FILES, linesOf, type Fault } from '../e2e/plants.js';
import { sharedCache } from '../e2e/respin.js';
import { treeOf } from '../e2e/trees.js';

/** The same commit each time: the tree of a repository in the cache, and its build folder, are named by it. */
const WHO = { GIT_AUTHOR_NAME: 'A B', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'A B', GIT_COMMITTER_EMAIL: 'a@example.org' };
const WHEN = 1_700_000_000;

/** Parts of a kernel that the configurations of these tests compile nothing of; their Kconfig files and makefiles stay. */
const LEFT_OUT = [
  ...['gpu', 'net', 'media', 'staging', 'infiniband', 'scsi', 'usb', 'iio', 'hwmon', 'platform', 'mtd', 'crypto', 'md'].map((name) => `drivers/${name}`),
  ...['alpha', 'arc', 'arm', 'arm64', 'csky', 'hexagon', 'loongarch', 'm68k', 'microblaze', 'mips', 'nios2', 'openrisc', 'parisc', 'powerpc', 'riscv', 's390', 'sh', 'sparc', 'xtensa'].map((name) => `arch/${name}`),
  ...['Documentation', 'sound', 'tools/perf', 'samples'],
];

export async function git(folder: string, args: readonly string[], input?: string): Promise<string> {
  const env = { ...WHO, GIT_AUTHOR_DATE: `${WHEN} +0000`, GIT_COMMITTER_DATE: `${WHEN} +0000` };
  return (await execa('git', ['-C', folder, '-c', 'init.defaultBranch=master', '-c', 'core.compression=1', ...args], { env, ...(input === undefined ? {} : { input }) })).stdout;
}

/** A repository with the sources of 6.12 as its first commit, the tag `base`; it is made once, and all tests share it. */
export async function linuxRepository(): Promise<string> {
  const folder = join(sharedCache().root, 'e2e', 'linux-git');
  const isThere = await access(folder).then(() => true, () => false);
  if (isThere) {
    // A test that was killed may have left one begun.
    await execa('git', ['-C', folder, 'bisect', 'reset', 'base'], { reject: false });
    return folder;
  }
  const making = `${folder}-making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  await execa('cp', ['-a', '--reflink=auto', `${await treeOf('6.12')}/.`, making]);
  await execa('find', [...LEFT_OUT.map((path) => join(making, path)), '-type', 'f', '-regex', '.*\\.\\([chS]\\|dts\\|dtsi\\|rst\\|json\\|svg\\|txt\\)', '-delete']);
  await git(making, ['init', '--quiet']);
  await git(making, ['add', '--all', '--force']);
  await git(making, ['commit', '--quiet', '-m', 'Linux 6.12']);
  await git(making, ['tag', 'base']);
  await rename(making, folder);
  return folder;
}

/** One commit of a history: its parents by their numbers; 0 is the base. */
export interface Planned {
  readonly parents: readonly number[];
  /** Undefined for something harmless; a merge brings nothing of its own. */
  readonly fault?: Fault | undefined;
}

/**
 * Writes commits on top of `base` and puts the branch `topic` on the last of them. Each adds some lines to the end of one
 * file; what a merge holds follows from the commits behind it.
 * @returns the ids of the commits by number, that of the base first
 */
export async function growHistory(folder: string, planned: readonly Planned[]): Promise<readonly string[]> {
  const base = (await git(folder, ['rev-parse', 'base'])).trim();
  const originals = await Promise.all(FILES.map(async (path) => git(folder, ['show', `base:${path}`])));
  const behind: ReadonlySet<number>[] = [new Set()];
  const lines: string[] = ['reset refs/heads/topic', `from ${base}`, ''];
  for (const [index, { parents }] of planned.entries()) {
    const number = index + 1;
    const all = new Set([number, ...parents.flatMap((parent) => [...(behind[parent] ?? [])])]);
    behind.push(all);
    const [first = 0, ...merged] = parents;
    const subject = merged.length > 0 ? `Merge ${merged.join(' ')}` : `ipc: step ${number}`;
    const name = (parent: number): string => (parent === 0 ? base : `:${parent}`);
    lines.push('commit refs/heads/topic', `mark :${number}`, `author A B <a@example.org> ${WHEN + number} +0000`, `committer A B <a@example.org> ${WHEN + number} +0000`);
    lines.push(`data ${subject.length}`, subject, `from ${name(first)}`, ...merged.map((parent) => `merge ${name(parent)}`));
    for (const [file, path] of FILES.entries()) {
      const added = [...all].sort((a, b) => a - b).filter((one) => one % FILES.length === file && (planned[one - 1]?.parents.length ?? 0) === 1);
      const content = `${[originals[file], ...added.flatMap((one) => linesOf(one, planned[one - 1]?.fault))].join('\n')}\n`;
      lines.push(`M 100644 inline ${path}`, `data ${Buffer.byteLength(content)}`, content);
    }
    lines.push('');
  }
  const marks = join(folder, '.git', 'respin-marks');
  await git(folder, ['fast-import', '--quiet', '--force', `--export-marks=${marks}`], lines.join('\n'));
  const ids = new Map((await readFile(marks, 'utf8')).split('\n').map((line) => line.split(' ') as [string, string]));
  return [base, ...planned.map((_, index) => ids.get(`:${index + 1}`) ?? '')];
}

/** A history of side branches that are merged, of at least `size` commits. */
export function planHistory(size: number): readonly Planned[] {
  const planned: Planned[] = [];
  const add = (...parents: readonly number[]): number => planned.push({ parents });
  let main = 0;
  for (let round = 0; planned.length < size; round += 1) {
    const fork = main;
    for (let step = 0; step <= round % 3; step += 1) main = add(main);
    let side = fork;
    for (let step = 0; step < 2 + (round % 4); step += 1) side = add(side);
    main = add(main, side);
  }
  return planned;
}
