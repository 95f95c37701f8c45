import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realEffects } from '../../../harness/host/real-effects.js';
import { byteKey, parseSourceLines, parseSymbols, sourceLines, type WantedByte } from '../../../harness/kernel/source-lines.js';
import type { KernelTree } from '../../../harness/model.js';

describe('what the tools print', () => {
  it('reads functions with their section, and nothing else', () => {
    const text = [
      './ipc/sem.o:semundo_show        |0000000000000120|   t  |              FUNC|00000000000001a3|     |.text',
      './init/main.o:start_kernel|0000000000000000|   T  |              FUNC|0000000000000010|     |.init.text',
      './ipc/sem.o:sem_ops             |0000000000000000|   d  |            OBJECT|0000000000000020|     |.data',
      './ipc/sem.o:kfree               |                |   U  |            NOTYPE|                |     |*UND*',
      './a b.o:x|00|   t  |              FUNC|01|     |.text',
    ].join('\n');
    expect(parseSymbols(text)).toEqual([
      { object: 'ipc/sem.o', symbol: 'semundo_show', section: '.text', value: 0x120, size: 0x1a3 },
      { object: 'init/main.o', symbol: 'start_kernel', section: '.init.text', value: 0, size: 0x10 },
    ]);
  });

  it.each<[string, { file: string; line: number } | undefined]>([
    ['/tree/ipc/sem.c:2310', { file: 'ipc/sem.c', line: 2310 }],
    ['/tree/ipc/sem.c:2310 (discriminator 3)', { file: 'ipc/sem.c', line: 2310 }],
    ['/tree/ipc/../include/linux/list.h:12', { file: 'include/linux/list.h', line: 12 }],
    ['/tree/../etc/passwd:1', undefined],
    ['/trees/a.c:1', undefined],
    ['./include/a.h:1', undefined],
    ['/tree/ipc/sem.c:?', undefined],
    ['/tree/ipc/sem.c:0', undefined],
    ['??:0', undefined],
    ['', undefined],
  ])('%s', (text, line) => {
    expect(parseSourceLines(`0x00000a42\n${text}\n`, '/tree')).toEqual([line === undefined ? [] : [line]]);
  });
});

it('keeps the addresses apart, and what their code was inlined into', () => {
  const text = ['0x0000000000000010', '/tree/include/linux/refcount.h:347', '/tree/kernel/a.c:9 (discriminator 2)', '0x0000000000000020', '??:?', '0x0000000000000030', '/tree/kernel/a.c:10', ''].join('\n');
  const header = { file: 'include/linux/refcount.h', line: 347 };
  expect(parseSourceLines(text, '/tree')).toEqual([[header, { file: 'kernel/a.c', line: 9 }], [], [{ file: 'kernel/a.c', line: 10 }]]);
});

describe('a build folder', () => {
  let folder: string;
  const effects = realEffects();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'respin-lines-'));
    for (const path of ['src/kernel', 'obj/kernel']) mkdirSync(join(folder, path), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const SOURCE = [
    ...['int sink;', 'int inner(int a);', 'static inline __attribute__((always_inline)) int inlined(int a)', '{', '\treturn inner(a) + 1;', '}'],
    ...['int outer(int a)', '{', '\tsink = a;', '\treturn inlined(a);', '}', ''],
  ].join('\n');

  /** Compiles as kbuild does, and leaves its record of it. */
  function build(name: string, source = SOURCE): void {
    writeFileSync(join(folder, `src/kernel/${name}.c`), source);
    const command = `gcc -O2 -fno-optimize-sibling-calls -Wp,-MMD,kernel/.${name}.o.d -c -o kernel/${name}.o ${folder}/src/kernel/${name}.c`;
    execFileSync('sh', ['-c', command], { cwd: join(folder, 'obj') });
    writeFileSync(join(folder, `obj/kernel/.${name}.o.cmd`), `savedcmd_kernel/${name}.o := ${command} ; true kernel/${name}.o\n\nsource_kernel/${name}.o := x\n`);
    writeFileSync(join(folder, 'obj/vmlinux'), '');
    utimesSync(join(folder, 'obj/vmlinux'), new Date(Date.now() + 1000), new Date(Date.now() + 1000));
  }

  /** The call of `inner`. */
  function theCall(): WantedByte {
    const listing = execFileSync('objdump', ['-dr', 'kernel/a.o'], { cwd: join(folder, 'obj'), encoding: 'latin1' });
    const offset = parseInt(/^ *([0-9a-f]+):.*\bcall/m.exec(listing)?.[1] ?? '', 16);
    const size = parseInt(/\|\s*FUNC\|([0-9a-f]+)/.exec(execFileSync('nm', ['-f', 'sysv', 'kernel/a.o'], { cwd: join(folder, 'obj'), encoding: 'latin1' }))?.[1] ?? '', 16);
    return { symbol: 'outer', offset, size: Math.ceil(size / 16) * 16, isMain: true };
  }

  async function lineOf(byte: WantedByte, ...files: readonly string[]): Promise<unknown> {
    const tree = { src: join(folder, 'src') } as KernelTree;
    const lines = await sourceLines({ effects }, { sandbox: { kind: 'none', flags: [], detail: '' }, tree, objects: join(folder, 'obj'), files: new Set(files) }, [byte]);
    return lines.get(byteKey(byte));
  }

  it('gives the line of a byte of a function, and of the call that it was inlined into', async () => {
    build('a');
    expect(await lineOf(theCall())).toEqual([5, 10].map((line) => ({ file: 'kernel/a.c', line })));
  });

  it('compiles no file again that is neither touched nor that of the function that is blamed', async () => {
    build('a');
    const byte = { ...theCall(), isMain: false };
    expect(await lineOf(byte)).toBeUndefined();
    expect(await lineOf(byte, 'kernel/a.c')).toHaveLength(2);
  });

  it('gives none where the source is not what was compiled', async () => {
    build('a');
    const byte = theCall();
    writeFileSync(join(folder, 'src/kernel/a.c'), SOURCE.replace('+ 1', '+ 2'));
    expect(await lineOf(byte)).toBeUndefined();
  });

  it('gives none where two functions could be meant', async () => {
    build('a');
    build('b');
    expect(await lineOf(theCall())).toBeUndefined();
  });

  it('gives none for a function of another size, and for an object that was compiled after the kernel', async () => {
    build('a');
    const byte = theCall();
    expect(await lineOf({ ...byte, size: byte.size + 64 })).toBeUndefined();
    utimesSync(join(folder, 'obj/vmlinux'), new Date(0), new Date(0));
    expect(await lineOf(byte)).toBeUndefined();
  });
});
