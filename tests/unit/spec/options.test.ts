import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../harness/spec/command-line.js';
import { checkFragment, isInlineConfig } from '../../../harness/spec/inline-config.js';
import { checkQemuArgs, tuneProfile } from '../../../harness/spec/machine.js';
import { parseCpus, parseMemory } from '../../../harness/spec/memory.js';
import { findProfile } from '../../../harness/spec/profile.js';

const usage = (code: string): unknown => expect.objectContaining({ kind: 'usage', code });

describe('parseMemory', () => {
  it.each([['512M', 512], ['2G', 2048], ['2GiB', 2048], ['300', 300], ['64m', 64]])('%s is %d MiB', (text, mib) => {
    expect(parseMemory(text)).toBe(mib);
  });
  it.each(['', '0', '63', '1.5G', '-5', '2T', '9999999G', 'M', '1e3'])('refuses %j', (text) => {
    expect(() => parseMemory(text)).toThrow(usage('memory.invalid'));
  });
});

describe('parseCpus', () => {
  it('takes what a guest can have', () => {
    expect(['1', ' 64 '].map(parseCpus)).toEqual([1, 64]);
    for (const text of ['0', '65', '2.5', '', 'two', '0x2']) expect(() => parseCpus(text)).toThrow(usage('cpus.invalid'));
  });
});

describe('parseCommandLine', () => {
  it('splits words, and leaves quoted parts whole', () => {
    expect(parseCommandLine(' slub_debug=FZP  dyndbg="file a.c +p; file b.c +p" nokaslr ')).toEqual(['slub_debug=FZP', 'dyndbg="file a.c +p; file b.c +p"', 'nokaslr']);
    expect(parseCommandLine('')).toEqual([]);
  });
  it.each(['console=tty0', 'init=/bin/sh', 'rdinit=/x', 'respin.mode=shell', 'respin_x', 'panic=0', 'reboot=k', 'quiet', 'loglevel=1', '-- x', 'a init=x', '"init=/x"', 'early-con printk.devkmsg=off'])(
    'refuses %s',
    (text) => {
      expect(() => parseCommandLine(text)).toThrow(usage('append.reserved'));
    },
  );
  it.each(['a\nb', 'a"b', 'ä', 'x'.repeat(2000)])('refuses %j', (text) => {
    expect(() => parseCommandLine(text)).toThrow(usage('append.invalid'));
  });
  it('does not take longer names for reserved ones', () => {
    expect(parseCommandLine('consoleblank=0 initcall_debug panic_on_warn=1 tsc_watchdog')).toHaveLength(4);
  });
});

describe('checkFragment', () => {
  it('takes what Kconfig takes, as respin builds it', () => {
    const text = '# a comment\nCONFIG_A=y\nCONFIG_B=m\nCONFIG_C=n\n# CONFIG_D is not set\nCONFIG_E="x y"\nCONFIG_F=0x10\nCONFIG_G=-3\n\n';
    expect(checkFragment('f', text)).toBe('# a comment\nCONFIG_A=y\nCONFIG_B=y\n# CONFIG_C is not set\n# CONFIG_D is not set\nCONFIG_E="x y"\nCONFIG_F=0x10\nCONFIG_G=-3\n\n');
  });
  it.each(['A=y', 'CONFIG_A', 'CONFIG_A=yes', 'CONFIG_A=', 'config A', 'CONFIG_A="x', '$(shell id)'])('refuses %j, with its line', (line) => {
    expect(() => checkFragment('f', `CONFIG_X=y\n${line}\n`)).toThrow(expect.objectContaining({ kind: 'usage', code: 'config.fragment', message: expect.stringContaining('line 2') as string }) as Error);
  });
  it('keeps what the guest needs', () => {
    expect(() => checkFragment('f', '# CONFIG_PRINTK is not set')).toThrow(usage('config.needed'));
  });
  it('tells a line from a path', () => {
    expect(['CONFIG_A=y', './CONFIG_A=y', 'CONFIG_A', 'a.config'].map(isInlineConfig)).toEqual([true, false, false, false]);
  });
});

describe('checkQemuArgs', () => {
  it('takes devices, and refuses what is respin\'s', () => {
    expect(checkQemuArgs(['-device', 'virtio-rng-device'])).toHaveLength(2);
    for (const arg of ['-kernel', '--kernel', '-m', '-append=x', '-S', '-daemonize', '-serial']) expect(() => checkQemuArgs([arg])).toThrow(usage('qemu.reserved'));
    for (const arg of ['', 'a\nb']) expect(() => checkQemuArgs([arg])).toThrow(usage('qemu.arg'));
  });
});

describe('tuneProfile', () => {
  const plain = findProfile('plain');
  const none = { append: [] };

  it('leaves a profile alone that nobody asks anything of', () => {
    expect(tuneProfile(plain, none, none, [])).toEqual({ ...plain, qemuArgs: [] });
  });
  it('gives a suite what it needs and no less than the profile has, and the user what is asked for', () => {
    expect(tuneProfile(plain, { memoryMiB: 100, append: ['a'] }, { append: ['b'] }, [])).toMatchObject({ memoryMiB: plain.memoryMiB, append: ['a', 'b'] });
    expect(tuneProfile(plain, { memoryMiB: 1024, append: [] }, none, [])).toMatchObject({ memoryMiB: 1024 });
    expect(tuneProfile(plain, { memoryMiB: 1024, append: [] }, { memoryMiB: 128, append: [] }, [])).toMatchObject({ memoryMiB: 128 });
  });
  it('configures a kernel for several CPUs, and gives it the time that they take', () => {
    const four = tuneProfile(plain, none, { cpus: 4, append: [] }, []);
    expect(four).toMatchObject({ cpus: 4, slowness: 4 });
    expect(four.config).toContain('CONFIG_SMP=y');
    expect(tuneProfile(plain, none, { cpus: 16, append: [] }, []).config).toContain('CONFIG_NR_CPUS=16');
    expect(tuneProfile(findProfile('smp'), none, { cpus: 1, append: [] }, [])).toMatchObject({ cpus: 1, config: findProfile('smp').config });
  });
});
