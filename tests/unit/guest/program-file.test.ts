import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elfKind } from '../../../harness/guest/elf.js';
import { checkProgramFiles, interpreterOf, kselftestProgram, plainProgram, readTests } from '../../../harness/guest/program-file.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import type { ProgressEvent } from '../../../harness/progress.js';

let folder: string;
const events: ProgressEvent[] = [];
const ctx = { effects: realEffects(), progress: (event: ProgressEvent) => void events.push(event) };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'respin tests-'));
  writeFileSync(join(folder, 'a.c'), 'int main(void) { return 0; }\n');
  execFileSync('gcc', ['-static', '-o', join(folder, 'static'), join(folder, 'a.c')]);
  execFileSync('gcc', ['-o', join(folder, 'dynamic'), join(folder, 'a.c')]);
  execFileSync('gcc', ['-c', '-o', join(folder, 'object.o'), join(folder, 'a.c')]);
  execFileSync('gcc', ['-shared', '-fPIC', '-o', join(folder, 'library.so'), join(folder, 'a.c')]);
  writeFileSync(join(folder, 'sh'), '#!/bin/sh\nexit 0\n');
  writeFileSync(join(folder, 'python'), '#!/usr/bin/env python3\n');
  writeFileSync(join(folder, 'text'), 'no test\n');
  mkdirSync(join(folder, 'many'));
  for (const name of ['z.c', 'b.sh', 'b.c', 'x.h', '.hidden.c']) writeFileSync(join(folder, 'many', name), name.endsWith('.sh') ? '#!/bin/sh\n' : '');
  writeFileSync(join(folder, 'many', 'README'), 'words\n');
  mkdirSync(join(folder, 'many', 'deeper'));
  mkdirSync(join(folder, 'empty'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('interpreterOf', () => {
  it.each<[string, object]>([
    ['#!/bin/sh\n', { kind: 'sh', options: [] }],
    ['#! /bin/sh -e\n', { kind: 'sh', options: ['-e'] }],
    ['#!/usr/bin/env sh\r\n', { kind: 'sh', options: [] }],
    ['#!/bin/busybox ash\n', { kind: 'sh', options: [] }],
    ['#!/bin/dash', { kind: 'sh', options: [] }],
    ['echo no first line\n', { kind: 'sh', options: [] }],
    ['#!/bin/bash -e\n', { kind: 'other', name: 'bash' }],
    ['#!/usr/bin/env -S python3 -u\n', { kind: 'other', name: 'python3' }],
    ['#!/usr/bin/env A=b perl\n', { kind: 'other', name: 'perl' }],
    ['#!\n', { kind: 'other', name: '' }],
  ])('%j', (text, expected) => {
    expect(interpreterOf(Buffer.from(text))).toEqual(expected);
  });
});

describe('readTests', () => {
  it.each([
    ['a.c', 'source', 'a'],
    ['static', 'static', 'static'],
    ['sh', 'script', 'sh'],
  ])('%s is %s', async (name, kind, program) => {
    expect(await readTests(ctx, join(folder, name))).toMatchObject([{ name: program, from: { kind, path: join(folder, name) }, judge: 'auto' }]);
  });

  it('takes the tests of a folder in the order of their names, each with a name of its own, and tells what it leaves out', async () => {
    events.length = 0;
    const tests = await readTests(ctx, join(folder, 'many'));
    expect(tests.map(({ name }) => name)).toEqual(['b.c', 'b.sh', 'z']);
    expect(events).toEqual([{ type: 'notice', level: 'info', text: `${join(folder, 'many')}: no tests, left out: README, deeper/` }]);
  });

  it.each([
    ['text', /neither a C file/],
    ['empty', /no test in this folder/],
    ['nothing', /no such file/],
    ['text/below', /no such file/],
  ])('refuses %s', async (name, message) => {
    await expect(readTests(ctx, join(folder, name))).rejects.toMatchObject({ kind: 'usage', code: 'test.file', message: expect.stringMatching(message) as string, hint: expect.stringMatching(/./) as string });
  });
});

describe('checkProgramFiles', () => {
  const check = async (kind: 'source' | 'static' | 'script', name: string): Promise<void> =>
    checkProgramFiles(ctx, { programs: [plainProgram('x', { kind, path: join(folder, name) })] });

  it('takes what is what it says', async () => {
    await expect(check('source', 'a.c')).resolves.toBeUndefined();
    await expect(check('static', 'static')).resolves.toBeUndefined();
    await expect(check('script', 'sh')).resolves.toBeUndefined();
  });

  it.each<['source' | 'static' | 'script', string, RegExp]>([
    ['static', 'dynamic', /dynamic program, and the guest has no libraries/],
    ['static', 'object.o', /no program: an object file/],
    ['static', 'library.so', /no program: an object file, a library/],
    ['static', 'sh', /no program/],
    ['script', 'python', /a script for python3/],
    ['script', 'static', /no script/],
    ['source', 'static', /no C file/],
    ['source', 'many', /no regular file/],
    ['source', 'gone.c', /no such file/],
  ])('refuses as %s: %s', async (kind, name, message) => {
    await expect(check(kind, name)).rejects.toMatchObject({ kind: 'usage', code: 'test.file', message: expect.stringMatching(message) as string });
  });

  it('refuses a file for a program that is not there', async () => {
    const program = { ...plainProgram('x', { kind: 'script', path: join(folder, 'sh') }), files: [{ path: join(folder, 'gone'), to: 'gone' }] };
    await expect(checkProgramFiles(ctx, { programs: [program] })).rejects.toMatchObject({ code: 'test.file' });
  });
});

it('knows a program for another machine', () => {
  const bytes = Buffer.alloc(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  bytes.writeUInt16LE(183, 18);
  expect(elfKind(bytes)).toBe('foreign');
  expect(elfKind(Buffer.from('#!'))).toBeUndefined();
});

describe('kselftestProgram', () => {
  it.each([
    ['ipc', 'ipc', 'ipc', undefined],
    ['ipc:msgque', 'ipc.msgque', 'ipc', 'msgque'],
    ['net/forwarding:a-b.sh', 'net.forwarding.a-b.sh', 'net/forwarding', 'a-b.sh'],
  ])('%s', (text, name, target, program) => {
    expect(kselftestProgram(text)).toMatchObject({ name, from: { kind: 'kselftest', target, program }, timeoutMs: undefined });
  });

  it.each(['', 'ipc:', ':msgque', '../ipc', 'ipc/../x', 'a b', 'ipc:a:b', '/ipc', 'ipc:../x', 'a'.repeat(300)])('refuses %j', (text) => {
    expect(() => kselftestProgram(text)).toThrow(expect.objectContaining({ kind: 'usage', code: 'kselftest.form' }));
  });
});

it('does not mind a file that is not executable', async () => {
  chmodSync(join(folder, 'static'), 0o644);
  expect(await readTests(ctx, join(folder, 'static'))).toHaveLength(1);
});
