import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isStaticElf } from '../../../harness/guest/elf.js';
import { initramfsSpec, programList } from '../../../harness/guest/initramfs.js';

describe('initramfsSpec', () => {
  it('lists folders, devices and files with modes and owner', () => {
    const spec = initramfsSpec([
      { guestPath: '/init', from: 'file0', mode: '0755' },
      { guestPath: '/respin/programs', from: 'file1', mode: '0644' },
    ]).split('\n');
    expect(spec).toContain('dir /respin/bin 0755 0 0');
    expect(spec).toContain('nod /dev/console 0600 0 0 c 5 1');
    expect(spec).toContain('file /init file0 0755 0 0');
    expect(spec).toContain('file /respin/programs file1 0644 0 0');
    expect(spec.at(-1)).toBe('');
  });
});

describe('programList', () => {
  it('is a line for each program, with whole milliseconds', () => {
    const programs = [{ name: 'a', path: '/respin/bin/a', timeoutMs: 1500.5, judge: 'exit', tests: [], env: ['A=b'] }] as const;
    expect(programList(programs)).toBe('a\t1501\tA=b\t/respin/bin/a\n');
  });
});

describe('what programs bring', () => {
  it('has its folders, each after the one that holds it, and commands for scripts', () => {
    const files = [
      { guestPath: '/respin/kselftest/net/lib/a.sh', from: 'file0', mode: '0755' },
      { guestPath: '/etc/x', from: 'file1', mode: '0644' },
      { guestPath: '/usr/share/y', from: 'file2', mode: '0644' },
    ] as const;
    const lines = initramfsSpec(files, ['[', 'busybox', 'ls', 'no such name', 'sh']).split('\n');
    const folders = lines.filter((line) => line.startsWith('dir ')).map((line) => line.split(' ')[1]);
    expect(folders.slice(-5)).toEqual(['/usr', '/respin/kselftest', '/respin/kselftest/net', '/respin/kselftest/net/lib', '/usr/share']);
    expect(new Set(folders).size).toBe(folders.length);
    expect(lines.filter((line) => line.startsWith('slink '))).toEqual([
      ...['/sbin', '/usr/bin', '/usr/sbin'].map((path) => `slink ${path} /bin 0777 0 0`),
      'slink /bin/sh busybox 0777 0 0',
      'slink /bin/[ busybox 0777 0 0',
      'slink /bin/ls busybox 0777 0 0',
    ]);
  });

  it('is in the list with folder, environment and arguments, escaped', () => {
    const program = { name: 'a', path: '/bin/sh', timeoutMs: 1, judge: 'auto', tests: [], env: ['A=b c'], args: ['x\ty', '', 'n\n\\t'], cwd: '/respin/work/a' } as const;
    expect(programList([program])).toBe('a\t1\t@/respin/work/a\tA=b c\t/bin/sh\tx\\ty\t\tn\\n\\\\t\n');
    expect(() => programList([{ ...program, args: ['x'.repeat(40_000)] }])).toThrow(expect.objectContaining({ code: 'suite.invalid' }) as Error);
  });
});

describe('isStaticElf', () => {
  it('tells busybox-static from a program with a loader', () => {
    expect(isStaticElf(readFileSync('/bin/busybox'))).toBe(true);
    expect(isStaticElf(readFileSync('/bin/ls'))).toBe(false);
  });

  it('takes nothing else for static', () => {
    const whole = readFileSync('/bin/busybox');
    for (const bytes of [Buffer.alloc(0), Buffer.from('#!/bin/sh\n'), Buffer.alloc(200), whole.subarray(0, 70)]) {
      expect(isStaticElf(bytes)).toBe(false);
    }
  });
});
