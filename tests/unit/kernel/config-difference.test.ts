import { expect, test } from 'vitest';
import { ALWAYS } from '../../../harness/kernel/condition.js';
import { readKconfig } from '../../../harness/kernel/kconfig-entries.js';
import { goAlong, mixture, pairConfigs } from '../../../harness/kernel/config-difference.js';

const chosen = [{ prompt: ALWAYS }];
const ENTRIES = new Map<string, readonly { readonly prompt: typeof ALWAYS | undefined }[]>([...['A', 'B', 'C', 'D', 'NET', 'INET'].map((name) => [name, chosen] as const), ['DERIVED', [{ prompt: undefined }]]]);

const GOOD = 'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=4\nCONFIG_DERIVED=y\nCONFIG_GONE=y\n';
const BAD = 'CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=8\nCONFIG_D="x"\n';

test('two configurations differ in what somebody chose and this kernel has', () => {
  const { differences, common, unknown } = pairConfigs(GOOD, BAD, ENTRIES);
  expect(differences).toEqual([
    { option: 'CONFIG_B', good: 'n', bad: 'y' },
    { option: 'CONFIG_C', good: '4', bad: '8' },
    { option: 'CONFIG_D', good: undefined, bad: '"x"' },
  ]);
  expect(common).toBe('CONFIG_A=y');
  expect(unknown).toEqual(['CONFIG_GONE']);
});

test('a mixture has the chosen ones of the bad one, the others of the good one', () => {
  const { differences } = pairConfigs(GOOD, BAD, ENTRIES);
  expect(mixture(differences, new Set())).toBe('# CONFIG_B is not set\nCONFIG_C=4');
  expect(mixture(differences, new Set(['CONFIG_B', 'CONFIG_D']))).toBe('CONFIG_B=y\nCONFIG_C=4\nCONFIG_D="x"');
});

test('what an option depends on goes along with it, and what did not come out itself', () => {
  const { differences } = pairConfigs('', 'CONFIG_NET=y\nCONFIG_INET=y\nCONFIG_B=y\n', ENTRIES);
  const miss = { option: 'CONFIG_INET', wanted: 'y', got: 'n', dependsOn: ['NET && !NETX'] };
  expect(goAlong(differences, new Set(['CONFIG_INET']), [miss])).toEqual(['CONFIG_NET']);
  expect(goAlong(differences, new Set(['CONFIG_NET']), [miss])).toEqual(['CONFIG_INET']);
  expect(goAlong(differences, new Set(['CONFIG_NET', 'CONFIG_INET']), [miss])).toEqual([]);
});

test('a number and a text can be chosen like any other option, when they have a prompt', async () => {
  const kconfig = ['config SHIFT', '\tint "Size of the log (16 => 64KB)"', '\trange 12 25', 'config NAME', '\tstring "Name"', 'config MASK', '\thex', '\tprompt "Mask"', 'config LIMIT', '\tint', '\tdefault 3'];
  const entries = await readKconfig((path) => Promise.resolve(path === 'Kconfig' ? kconfig.join('\n') : undefined));
  const { differences, unknown } = pairConfigs('CONFIG_SHIFT=16\nCONFIG_LIMIT=1', 'CONFIG_SHIFT=17\nCONFIG_NAME="x"\nCONFIG_MASK=0x1\nCONFIG_LIMIT=2', entries);
  expect(differences.map(({ option }) => option)).toEqual(['CONFIG_SHIFT', 'CONFIG_NAME', 'CONFIG_MASK']);
  expect(unknown).toEqual([]);
});
