import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseDiagnostics } from '../../harness/kernel/diagnostics.js';
import { ROOT } from '../e2e/respin.js';
import { tarballOf } from '../e2e/trees.js';

/** What the four series need to be compiled in whole; each option in turn is taken away, which EXPERT allows. */
const OPTIONS = ['64BIT', 'EXPERT', 'MULTIUSER', 'NAMESPACES', 'IPC_NS', 'FUTEX', 'SYSCTL', 'PROC_FS', 'PROC_SYSCTL', 'SYSVIPC', 'CHECKPOINT_RESTORE'];

const series = readdirSync(join(ROOT, 'kernel-patches')).sort();

const fileSchema = z.object({ bases: z.array(z.object({ kernel: z.string(), patches: z.string(), prerequisites: z.string().optional() })) });

interface Patches {
  /** Before those of the series. */
  readonly before: readonly string[];
  readonly own: readonly string[];
}

function patchesIn(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.patch') && !name.startsWith('0000'));
  return names.sort().map((name) => join(folder, name));
}

function patchesOf(name: string, kernel: string): Patches {
  const folder = join(ROOT, 'kernel-patches', name);
  const { bases } = fileSchema.parse(parse(readFileSync(join(folder, 'series.yaml'), 'utf8')));
  const base = bases.find((found) => found.kernel === kernel);
  if (!base) throw new Error(`${name} is not for ${kernel}`);
  return {
    before: base.prerequisites === undefined ? [] : patchesIn(join(folder, base.prerequisites)),
    own: patchesIn(join(folder, base.patches)),
  };
}

describe.each(['6.12', '6.1'])('on %s', (kernel) => {
  let folder = '';
  let tree = '';

  const apply = async (patches: readonly string[], ...options: readonly string[]): Promise<void> => {
    if (patches.length > 0) await execa('git', ['apply', ...options, ...patches], { cwd: tree, env: { GIT_DIR: '/dev/null' } });
  };
  const make = async (out: string, ...targets: readonly string[]): Promise<{ readonly exitCode: number | undefined; readonly lines: readonly string[] }> => {
    const args = ['-C', tree, `O=${join(folder, out)}`, '-s', `-j${availableParallelism()}`, ...targets];
    const { exitCode, all } = await execa('make', args, { all: true, reject: false });
    return { exitCode, lines: all.split('\n') };
  };
  const configure = async (out: string, without: string | undefined): Promise<string> => {
    const fragment = OPTIONS.map((option) => (option === without ? `# CONFIG_${option} is not set` : `CONFIG_${option}=y`));
    await mkdir(join(folder, out), { recursive: true });
    await writeFile(join(folder, `${out}.config`), `${fragment.join('\n')}\n`);
    const done = await make(out, `KCONFIG_ALLCONFIG=${join(folder, `${out}.config`)}`, 'tinyconfig');
    expect(done.exitCode, done.lines.join('\n')).toBe(0);
    return readFileSync(join(folder, out, '.config'), 'utf8');
  };
  const warnings = async (sources: readonly string[]): Promise<readonly string[]> => {
    const objects = sources.map((path) => path.replace(/\.c$/, '.o'));
    await Promise.all(objects.map((path) => rm(join(folder, 'warnings', path), { force: true })));
    const done = await make('warnings', 'W=1', ...objects);
    expect(done.exitCode, done.lines.slice(-20).join('\n')).toBe(0);
    return parseDiagnostics(done.lines, [tree], []).map(({ file, message }) => `${file}: ${message}`).sort();
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'respin-patches-'));
    tree = join(folder, 'tree');
    await mkdir(tree);
    await execa('tar', ['-xf', await tarballOf(kernel), '-C', tree, '--strip-components=1']);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  describe.each(series)('%s', (name) => {
    const { before, own } = patchesOf(name, kernel);

    test.each(own.map((path) => ({ path, file: path.slice(ROOT.length + 1) })))('checkpatch is content with $file', async ({ path }) => {
      const done = await execa(join(tree, 'scripts', 'checkpatch.pl'), ['--strict', path], { cwd: tree, reject: false });
      expect(done.stdout).toMatch(/^total: 0 errors, 0 warnings, 0 checks, \d+ lines checked$/m);
    });

    test('no source that it touches has a new warning with W=1', async () => {
      const named = await execa('git', ['apply', '--numstat', ...own], { cwd: tree, env: { GIT_DIR: '/dev/null' } });
      const touched = [...new Set(named.stdout.split('\n').map((line) => line.split('\t')[2] ?? ''))];
      const sources = touched.filter((path) => /^(?:ipc|kernel|fs)\/.*\.c$/.test(path));
      expect(sources).not.toEqual([]);
      await apply(before);
      await configure('warnings', undefined);
      const old = await warnings(sources.filter((path) => existsSync(join(tree, path))));
      await apply(own);
      const now = await warnings(sources);
      await apply([...before, ...own].reverse(), '-R');
      expect(now).toEqual(old);
    });

    test.each(['SYSVIPC', 'CHECKPOINT_RESTORE', 'PROC_FS'])('its tip links without %s', async (option) => {
      const patches = [...before, ...own];
      await apply(patches);
      const config = await configure(option, option);
      const done = await make(option, 'vmlinux');
      await apply([...patches].reverse(), '-R');
      expect(done.exitCode, done.lines.slice(-20).join('\n')).toBe(0);
      expect(config).not.toContain(`CONFIG_${option}=y`);
      for (const other of ['SYSVIPC', 'PROC_FS'].filter((other) => other !== option)) expect(config).toContain(`CONFIG_${other}=y`);
    });
  });
});
