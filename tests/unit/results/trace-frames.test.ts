import { describe, expect, it } from 'vitest';
import { parseFrame, sourceName } from '../../../harness/results/trace-frames.js';

describe('a frame', () => {
  it.each([
    [' f+0x1f/0x280', 'f', false],
    [' ? f+0x1f/0x280', 'f', true],
    [' [<ffffffff81234567>] f.isra.3+0x1f/0x280 fs/a.c:7', 'f', false],
    [' [<ffffffff81234567>] ? f+0x1f/0x280', 'f', true],
    [' <EOI>  ? f+0x1f/0x280', undefined, false],
    ['[c00000007a3efa20] [c00000000030a060] f+0x7b0/0x13a0 (unreliable)', 'f', true],
    ['[<ffffffe00008c762>] f+0x72/0xb2', 'f', false],
    ['([<000000000010a0e2>] f+0x72/0xb2)', 'f', false],
    ['[<802b3ffc>] (f) from [<802e1324>] (g+0x6c/0x120)', 'f', false],
    [' f from g+0x6c/0x120', 'f', false],
    [' <crate::Type as Trait>::method+0x1/0x2', '<crate::Type as Trait>::method', false],
    [' __x64_sys_read+0x1/0x2', 'sys_read', false],
    ['\tslab_track+0x1/0x2', undefined, false],
    ['\tkernel::print::call+0xaf/0x1f0', 'kernel::print::call', false],
    ['   k::a+0x1/0x2', 'k::a', false],
    ['<a>::b+0xaf/0x1f0', '<a>::b', false],
    ['at kernel::a+0x1/0x2', undefined, false],
    [' kernel::a b+0x1/0x2', undefined, false],
    [' 7kernel::a+0x1/0x2', undefined, false],
    [' inlined_one fs/a.c:7 [inline]', undefined, false],
    ['RAX: 0000000000000000', undefined, false],
  ])('%s', (line, name, isGuess) => {
    expect(parseFrame(line)).toEqual(name === undefined ? undefined : expect.objectContaining({ name, isGuess }));
  });

  it.each([
    ['f.constprop.0.isra.7', 'f'],
    ['f.cold', 'f'],
    ['SyS_read', 'sys_read'],
    ['__se_compat_sys_read', 'sys_read'],
    ['___sys_sendmsg', 'sys_sendmsg'],
    ['__arm64_sys_read', 'sys_read'],
    ['sys_read', 'sys_read'],
    ['__sys_', '__sys_'],
    ...['__x64_sys_', '__ia32_sys_', '__x32_compat_sys_', '__arm64_sys_', '__riscv_sys_', '__s390_sys_', '__s390x_sys_', '__powerpc_sys_', '__loongarch_sys_', '__mips_sys_'].map((prefix) => [`${prefix}read`, 'sys_read']),
    ...['__do_sys_', '__ia32_compat_sys_', 'SYSC_', 'C_SYSC_', 'compat_SYSC_', 'compat_SyS_', 'ksys_', '__sys_', '____sys_'].map((prefix) => [`${prefix}read`, 'sys_read']),
    ...['my__x64_sys_read', '_sys_read', '_____sys_read', '__x64_sys_7'].map((name) => [name, name]),
  ])('%s is %s in the sources', (symbol, name) => {
    expect(sourceName(symbol)).toBe(name);
  });
});

it('names who called, where a frame says so, and what the compiler appended not', () => {
  expect(parseFrame('[<802b3ffc>] (f) from [<802e1324>] (__se_sys_read+0x6c/0x120)')).toEqual({ name: 'f', isGuess: false, caller: 'sys_read' });
  expect(parseFrame(' <crate::Type as Trait>::method+0x1/0x2')).toEqual({ name: '<crate::Type as Trait>::method', isGuess: false, caller: undefined });
  expect(sourceName('long_name.isra.0.cold')).toBe('long_name');
  expect(sourceName('<crate>::long_name.x')).toBe('<crate>::long_name.x');
});
