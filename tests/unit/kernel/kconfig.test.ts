import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { readBuildLimits } from '../../../harness/host/build-limits.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { openRoom } from '../../../harness/host/sandbox.js';
import { configureKernel } from '../../../harness/kernel/kconfig.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { fill } from '../series/support.js';

/** A tree whose Kconfig program is what lies in the build folder, as scripts/kconfig/conf does. */
const TREE = {
  'scripts/kconfig/merge_config.sh': 'touch .config\n',
  Makefile: 'allnoconfig:\n\t@cp $(O)/conf $(O)/.config\n',
};

async function setUp(tree = TREE) {
  const root = await mkdtemp(join(tmpdir(), 'respin-kconfig-'));
  const ctx: Context = { effects: realEffects(), progress: () => undefined, cache: cacheAt(join(root, 'cache')) };
  const src = join(root, 'src');
  fill(src, tree);
  const source = { provider: 'directory', version: '6.12.1', label: 'test', digest: 'test', checks: [] } as const;
  const configure = async (author: string | undefined, conf: string): Promise<string> => {
    const objects = join(root, author ?? 'base');
    await mkdir(objects, { recursive: true });
    await writeFile(join(objects, 'conf'), conf);
    const room = openRoom({ kind: 'none', flags: [], detail: '' }, []);
    const made = await configureKernel(ctx, {
      ...{ tree: { home: root, src, source }, objects, room, fragments: [{ name: 'suite', text: 'CONFIG_A=y\n' }], touched: [], holds: [], author },
      ...{ toolchain: { compiler: '', linker: '', make: '', digest: 'd' }, settings: { hasCcache: false, variables: [] }, limits: readBuildLimits({}), jobs: 2 },
    });
    return 'kind' in made ? made.detail : made.text;
  };
  return { configure, configs: ctx.cache.configs };
}

it("takes from no other series what its build folder's programs made of the same options", async () => {
  const { configure } = await setUp();
  expect(await configure('tip-1', 'CONFIG_A=y\nCONFIG_HIDDEN=y\n')).toContain('HIDDEN');
  expect(await configure('tip-2', 'CONFIG_A=y\n')).toBe('CONFIG_A=y\n');
  expect(await configure(undefined, 'CONFIG_A=y\n# base\n')).toBe('CONFIG_A=y\n# base\n');
});

it('remembers what a series had, and what the base had for all', async () => {
  const { configure } = await setUp();
  expect(await configure('tip-1', 'CONFIG_A=y\n# first\n')).toContain('first');
  expect(await configure('tip-1', 'CONFIG_A=y\n# second\n')).toContain('first');
  expect(await configure(undefined, 'CONFIG_A=y\n# base\n')).toContain('base');
  expect(await configure('tip-2', 'CONFIG_A=y\n# other\n')).toContain('base');
});

it('makes a configuration again of whose record a byte changed', async () => {
  const { configure, configs } = await setUp();
  expect(await configure(undefined, 'CONFIG_A=y\n')).toBe('CONFIG_A=y\n');
  const [record = ''] = await readdir(configs);
  const path = join(configs, record);
  await writeFile(path, (await readFile(path, 'utf8')).replace('CONFIG_A=y', 'CONFIG_B=y'));
  expect(await configure(undefined, 'CONFIG_A=y\n')).toBe('CONFIG_A=y\n');
});

it.each(['echo "cp: error writing to .config: No space left on device" >&2; exit 1', 'kill -9 $$PPID'])('takes a host that fails for no fault of the configuration: %s', async (recipe) => {
  const { configure } = await setUp({ ...TREE, Makefile: `allnoconfig:\n\t@${recipe}\n` });
  await expect(configure('tip-1', '')).rejects.toMatchObject({ kind: 'host', code: 'build.host' });
});
