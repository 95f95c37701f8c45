import { expect, it } from 'vitest';
import { dependenciesIn, parseFragment } from '../../../harness/kernel/fragment.js';

it('reads values, and what is not set; the last one wins', () => {
  const values = parseFragment('CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_S="a b"\n# a comment\nCONFIG_A=n\nCONFIG_N=8\r\n');
  expect([...values]).toEqual([
    ['CONFIG_A', 'n'],
    ['CONFIG_B', 'n'],
    ['CONFIG_S', '"a b"'],
    ['CONFIG_N', '8'],
  ]);
});

it('finds what an option depends on, in each of its entries and in no other', () => {
  const kconfig = `config KASAN_GENERIC
	bool "x"
	depends on A && B
config KASAN
	bool "y"
	depends on C
	select D
menuconfig KASAN_GENERIC
	bool
	depends on E
menu "z"
	depends on F
`;
  expect(dependenciesIn(kconfig, 'CONFIG_KASAN_GENERIC')).toEqual(['A && B', 'E']);
  expect(dependenciesIn(kconfig, 'CONFIG_NOT_THERE')).toEqual([]);
});
