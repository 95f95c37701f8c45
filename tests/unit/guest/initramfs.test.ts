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
