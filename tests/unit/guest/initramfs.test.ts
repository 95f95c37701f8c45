import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { isStaticElf } from '../../../harness/guest/elf.js';
import { buildInitramfs, initramfsSpec, programList } from '../../../harness/guest/initramfs.js';
import { readBuildLimits } from '../../../harness/host/build-limits.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { digestOf } from '../../../harness/store/digest.js';

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

describe('buildInitramfs', () => {
  it('writes an archive again of which a byte changed in the cache, to the same bytes', async () => {
    const root = mkdtempSync(join(tmpdir(), 'respin-initramfs-'));
    onTestFinished(() => {
      rmSync(root, { recursive: true });
    });
    const ctx: Context = { effects: realEffects(), cache: cacheAt(join(root, 'cache')), progress: () => undefined };
    // Instead of the archive of what it is told it writes what it is told.
    mkdirSync(join(root, 'usr'));
    writeFileSync(join(root, 'usr', 'gen_init_cpio.c'), '#include <stdio.h>\nint main(int n, char **v) { FILE *f = fopen(v[n - 1], "r"); int c; while ((c = getc(f)) != EOF) putchar(c); return 0; }\n');
    const tools = { sandbox: { kind: 'none', flags: [], detail: '' }, limits: readBuildLimits({}), compiler: 'gcc' } as const;
    const build = async (): Promise<string> => (await buildInitramfs(ctx, { tree: root, tools, programs: [] })).path;
    const path = await build();
    const whole = readFileSync(path, 'utf8');
    expect(whole).toContain('file /init file0 0755 0 0');
    writeFileSync(path, whole.replace('/init', '/imit'));
    expect(readFileSync(await build(), 'utf8')).toBe(whole);
    expect(path).toContain(digestOf(whole));
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
