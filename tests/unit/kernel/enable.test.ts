import { describe, expect, it } from 'vitest';
import { describeCondition, option, type Condition } from '../../../harness/kernel/condition.js';
import { enable } from '../../../harness/kernel/enable.js';
import { readKconfig } from '../../../harness/kernel/kconfig-entries.js';
import { parseExpression } from '../../../harness/kernel/kconfig-expression.js';

const FILES: Readonly<Record<string, string>> = {
  Kconfig: 'mainmenu "x"\nsource "arch/$(SRCARCH)/Kconfig"\nsource "lib/Kconfig"\n',
  'arch/x86/Kconfig': 'config X86\n\tdef_bool y\n\tselect HAVE_IT if 64BIT\nconfig HAVE_IT\n\tbool\n',
  'lib/Kconfig': `menu "Library"
	depends on LIB

config PLAIN
	tristate "plain" if EXPERT
	help
	  config NOT_ONE
	    bool "text of a help"

config DEEP
	bool "deep"
	depends on PLAIN && \\
		!BLOCKER

if DEEP
config DEEPER
	bool
	prompt "deeper"
	default y
	depends on (A || B) && NUMBER > 3
endif

endmenu

config LIB
	bool "lib"
config EXPERT
	bool "expert"
config BLOCKER
	bool "blocker"
config A
	bool "a"
	depends on IMPOSSIBLE
config B
	bool "b"
config SELECTED
	tristate
config WRAPPED
	tristate
	select SELECTED
config CHOOSER
	tristate "chooser"
	depends on B
	select WRAPPED if LIB
config LOOP1
	bool "loop"
	depends on LOOP2
config LOOP2
	bool "loop"
	depends on LOOP1
config ALONE
	bool
config MACRO
	bool "macro"
	depends on $(cc-option,-mfoo) && A = n
choice
	prompt "one of"
	depends on EXPERT
config FIRST
	bool "first"
endchoice
config NUMBER
	int "a number"
`,
};

const entries = await readKconfig((path) => Promise.resolve(FILES[path]));

function settingsFor(condition: Condition, config: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> | string {
  const found = enable(entries, (name) => config[name], condition);
  return found.kind === 'found' ? Object.fromEntries(found.settings) : found.text;
}

describe('readKconfig', () => {
  it('has what surrounds an option in its dependencies, and nothing of a help text', () => {
    expect([...entries.keys()]).not.toContain('NOT_ONE');
    const words = (name: string): string => describeCondition(entries.get(name)?.[0]?.depends ?? { kind: 'never' });
    expect(words('PLAIN')).toBe('CONFIG_LIB');
    expect(words('DEEP')).toBe('CONFIG_LIB and CONFIG_PLAIN and not CONFIG_BLOCKER');
    expect(words('DEEPER')).toBe('CONFIG_LIB and CONFIG_DEEP and (CONFIG_A or CONFIG_B) and NUMBER>3');
    expect(words('FIRST')).toBe('CONFIG_EXPERT');
    expect(words('LIB')).toBe('nothing');
    expect(entries.get('HAVE_IT')?.[0]?.prompt).toBeUndefined();
    expect(entries.get('X86')?.[0]?.selects).toEqual([{ name: 'HAVE_IT', when: option('64BIT') }]);
  });

  it('ends for files that include each other', async () => {
    const looped = await readKconfig((path) => Promise.resolve(path === 'Kconfig' ? 'config X\n\tbool "x"\nsource "Kconfig"\n' : undefined));
    expect([...looped.keys()]).toEqual(['X']);
  });
});

describe('parseExpression', () => {
  it.each([
    ['A && B || !C', '(CONFIG_A and CONFIG_B) or not CONFIG_C'],
    ['!(A || B)', 'not (CONFIG_A or CONFIG_B)'],
    ['A=y && B!=n && C=m', 'CONFIG_A and CONFIG_B and CONFIG_C'],
    ['A=n', 'not CONFIG_A'],
    ['y', 'nothing'],
    ['A &&', 'A &&'],
    [`${'('.repeat(5000)}A`, '('.repeat(200)],
  ])('%s', (text, words) => {
    expect(describeCondition(parseExpression(text))).toBe(words);
  });
});

describe('enable', () => {
  it.each<readonly [string, Condition, Readonly<Record<string, string>>, Readonly<Record<string, string>> | RegExp]>([
    ['nothing for what is there', option('B'), { B: 'm' }, {}],
    ['an option with what it depends on, and its menu', option('PLAIN'), {}, { EXPERT: 'y', LIB: 'y', PLAIN: 'y' }],
    ['what is in the way is switched off', option('DEEP'), { LIB: 'y', EXPERT: 'y', PLAIN: 'y', BLOCKER: 'y' }, { DEEP: 'y', BLOCKER: 'n' }],
    ['one of two ways, where the first leads nowhere', parseExpression('A || B'), {}, { B: 'y' }],
    ['an option without a prompt, by what selects it through another', option('SELECTED'), {}, { B: 'y', CHOOSER: 'y', LIB: 'y' }],
    ['what cannot be known is left to the trial', option('MACRO'), {}, { MACRO: 'y' }],
    ['an option that is not there', option('NOPE'), {}, /this tree has no option CONFIG_NOPE/],
    ['an option that nothing selects', option('ALONE'), {}, /CONFIG_ALONE cannot be switched on: it has no prompt/],
    ['a loop', option('LOOP1'), {}, { LOOP1: 'y', LOOP2: 'y' }],
    ['a contradiction', parseExpression('B && !B'), {}, /no way/],
  ])('%s', (_what, condition, config, expected) => {
    const found = settingsFor(condition, config);
    if (expected instanceof RegExp) expect(found).toMatch(expected);
    else expect(found).toEqual(expected);
  });
});
