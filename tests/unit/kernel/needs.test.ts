import { describe, expect, it } from 'vitest';
import { describeCondition, holds } from '../../../harness/kernel/condition.js';
import { openNeeds, type TreeReader } from '../../../harness/kernel/needs.js';

/** A tree from texts; a comment line says nothing to make. */
function treeOf(files: Readonly<Record<string, string>>): TreeReader {
  return {
    read: (path) => Promise.resolve(files[path]),
    list: (folder) => Promise.resolve(Object.keys(files).flatMap((path) => (path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/') ? [path.slice(folder.length + 1)] : []))),
  };
}

const TREE = treeOf({
  Kbuild: 'obj-y += kernel/\nobj-y += arch/$(SRCARCH)/\nobj-$(CONFIG_NET) += net/\nobj-y += drivers/\n',
  Makefile: 'ifeq ($(need-sub-make),1)\nelse\nlibs-y := lib/\nendif\n',
  'arch/x86/Makefile': 'drivers-$(CONFIG_PCI) += arch/x86/pci/\n',
  'arch/x86/Kbuild': 'obj-y += kernel/\n',
  'arch/x86/kernel/Makefile': 'obj-y += process_$(BITS).o\nobj-$(CONFIG_X86_32) += tls.o\nifdef CONFIG_SMP\nobj-y += smp.o\nelse\nobj-y += up.o\nendif\n',
  'arch/x86/pci/Makefile': 'obj-y += fixup.o\n',
  'kernel/Makefile': '# obj-y += never.o\nobj-y = fork.o \\\n\texit.o  # the end\nobj-$(CONFIG_A) += a.o\nobj-$(CONFIG_B) += a.o\nobj-y += sched/\n',
  'kernel/sched/Makefile': 'obj-y += build.o\n',
  'kernel/sched/build.c': '#ifdef CONFIG_M\n# include "member.c"\n#endif\n',
  'kernel/sched/member.c': '',
  'lib/Makefile': 'lib-y := string.o\nobj-$(CONFIG_CRC7) += crc7.o\nobj-$(CONFIG_T) += tests/\nifneq ($(CONFIG_X)$(CONFIG_Y),)\nobj-y += xy.o\nendif\n',
  'lib/tests/Makefile': 'obj-$(CONFIG_KU) += ku.o\n',
  'net/Makefile': 'obj-$(CONFIG_INET) += ipv4/\nobj-$(subst m,y,$(CONFIG_SUB)) += sub/\n',
  'net/ipv4/Makefile': 'obj-y += route.o\nobj-$(CONFIG_TUN) += tun.o\ntun-y := tun-main.o deep/part.o\ntun-$(CONFIG_TUN_X) += tun-x.o\nmore := late.o\nobj-y += $(more)\n',
  'net/sub/Makefile': 'obj-$(CONFIG_S) += s.o\ns-objs := s1.o\nifneq ($(filter y,$(CONFIG_P) $(CONFIG_Q)),)\n\ts-objs += pq.o\nendif\nprog: prog.c\n\tobj-y += recipe.o\n',
  'drivers/Kbuild': 'obj-${CONFIG_BRACE} += brace.o\n',
  'drivers/Makefile': 'obj-y += not-read.o\n',
});

const TABLE: readonly (readonly [string, string])[] = [
  ['kernel/fork.c', 'nothing'],
  ['kernel/exit.c', 'nothing'],
  ['kernel/a.c', 'CONFIG_A or CONFIG_B'],
  ['kernel/sched/member.c', 'nothing'],
  ['lib/string.c', 'nothing'],
  ['lib/crc7.c', 'CONFIG_CRC7'],
  ['lib/xy.c', 'CONFIG_X or CONFIG_Y'],
  ['lib/tests/ku.c', 'CONFIG_KU and CONFIG_T'],
  ['net/ipv4/route.c', 'CONFIG_INET and CONFIG_NET'],
  ['net/ipv4/tun-main.c', 'CONFIG_TUN and CONFIG_INET and CONFIG_NET'],
  ['net/ipv4/tun-x.c', 'CONFIG_TUN_X and CONFIG_TUN and CONFIG_INET and CONFIG_NET'],
  ['net/ipv4/deep/part.c', 'CONFIG_TUN and CONFIG_INET and CONFIG_NET'],
  ['net/ipv4/late.c', 'CONFIG_INET and CONFIG_NET'],
  ['net/sub/s1.c', 'CONFIG_S and CONFIG_SUB and CONFIG_NET'],
  ['net/sub/pq.c', '(CONFIG_P or CONFIG_Q) and CONFIG_S and CONFIG_SUB and CONFIG_NET'],
  ['arch/x86/kernel/process_64.c', 'nothing'],
  ['arch/x86/kernel/tls.c', 'CONFIG_X86_32'],
  ['arch/x86/kernel/smp.c', 'CONFIG_SMP'],
  ['arch/x86/kernel/up.c', 'not CONFIG_SMP'],
  ['arch/x86/pci/fixup.c', 'CONFIG_PCI'],
  ['drivers/brace.c', 'CONFIG_BRACE'],
];

describe('what a source needs to be compiled', () => {
  it.each(TABLE)('%s: %s', async (path, words) => {
    const needs = await openNeeds(TREE).of(path);
    expect(needs.kind === 'options' ? describeCondition(needs.condition) : needs.text).toBe(words);
  });

  it.each(['kernel/never.c', 'net/sub/recipe.c', 'drivers/not-read.c', 'nowhere/x.c', 'top.c'])('%s cannot be told', async (path) => {
    expect((await openNeeds(TREE).of(path)).kind).toBe('unknown');
  });

  it('ends for Makefiles that name each other', async () => {
    const needs = openNeeds(treeOf({ Kbuild: 'obj-y += a/\n', 'a/Makefile': 'a-y := b.o\nb-y := a.o\nx := $(y)\ny := $(x) $(x)\nobj-y += $(x) a.o\n' }));
    expect((await needs.of('a/b.c')).kind).toBe('options');
  });

  it('of a condition that is not known says neither yes nor no', () => {
    expect(holds({ kind: 'unknown', text: '?' }, () => 'y')).toBeUndefined();
  });
});
