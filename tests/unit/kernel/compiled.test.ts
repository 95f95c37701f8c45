import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realEffects } from '../../../harness/host/real-effects.js';
import { kindOfFile } from '../../../harness/kernel/code-paths.js';
import { compiledFiles } from '../../../harness/kernel/compiled.js';
import { fill } from '../series/support.js';

let objects: string;

beforeEach(async () => {
  objects = await mkdtemp(join(tmpdir(), 'respin-compiled-'));
});

afterEach(async () => {
  await rm(objects, { recursive: true, force: true });
});

/** What kbuild leaves beside an object. */
function cmd(object: string, source: string, ...reads: readonly string[]): string {
  const deps = reads.map((path) => `  /respin/src/${path} \\\n`).join('');
  return `savedcmd_${object} := gcc -c -o ${object} /respin/src/${source}\n\nsource_${object} := /respin/src/${source}\n\ndeps_${object} := \\\n${deps}\n${object}: $(deps_${object})\n`;
}

async function compiled(...paths: readonly string[]): Promise<readonly string[]> {
  const room = { path: (path: string) => path.replace('/host/src', '/respin/src') };
  return [...(await compiledFiles({ effects: realEffects() }, { src: '/host/src', objects, room }, paths))].sort();
}

describe('compiledFiles', () => {
  it('has sources, headers and what a source includes, by what kbuild noted', async () => {
    fill(objects, {
      'ipc/.sem.o.cmd': cmd('ipc/sem.o', 'ipc/sem.c', 'include/linux/sem.h', 'ipc/part.c'),
      'ipc/.built-in.a.cmd': 'savedcmd_ipc/built-in.a := rm -f ipc/built-in.a; printf "ipc/%s " util.o sem.o | xargs ar cDPrST ipc/built-in.a\n',
    });
    expect(await compiled('ipc/sem.c', 'include/linux/sem.h', 'ipc/part.c', 'ipc/msg.c', 'ipc/se.c', 'linux/sem.h')).toEqual(['include/linux/sem.h', 'ipc/part.c', 'ipc/sem.c']);
  });

  it.each([
    ['a FIFO, which would wait for ever', 'mkfifo ipc/.x.cmd', 'file.not-plain'],
    ['a link to a device', 'ln -s /dev/zero ipc/.x.cmd', 'file.not-plain'],
    ['a link to a file of the host', 'ln -s /etc/passwd ipc/.x.cmd', 'file.not-plain'],
    ['a file larger than any such file is', 'truncate -s 64M ipc/.x.cmd', 'file.too-large'],
    ['a file of a size that fits nowhere', 'truncate -s 1T ipc/.x.cmd', 'file.too-large'],
  ])('does not read %s', async (_what, command, code) => {
    fill(objects, { 'ipc/.sem.o.cmd': cmd('ipc/sem.o', 'ipc/sem.c') });
    await realEffects().processes.run({ file: '/bin/sh', args: ['-c', command], cwd: objects });
    await expect(compiled('ipc/sem.c')).rejects.toMatchObject({ kind: 'host', code });
  });

  it('does not look into a folder that a build made a link of', async () => {
    fill(objects, { 'outside/.built-in.a.cmd': 'savedcmd_ipc/built-in.a := printf "ipc/%s " sem.o\n', 'ipc/.sem.o.cmd': cmd('ipc/sem.o', 'ipc/sem.c') });
    const inside = join(objects, 'inside');
    // grep does not go through the link; a folder with a line break in its name says that it did.
    const plant = "mkdir inside && cd inside && ln -s ../outside ipc && mkdir -p $'x\\n./ipc' && cp ../ipc/.sem.o.cmd $'x\\n./ipc'";
    expect((await realEffects().processes.run({ file: 'bash', args: ['-c', plant], cwd: objects })).exitCode).toBe(0);
    const room = { path: (path: string) => path.replace('/host/src', '/respin/src') };
    const found = await compiledFiles({ effects: realEffects() }, { src: '/host/src', objects: inside, room }, ['ipc/sem.c']);
    expect([...found]).toEqual([]);
  });

  it('does not count an object that a build of before left', async () => {
    fill(objects, {
      'lib/.old.o.cmd': cmd('lib/old.o', 'lib/old.c'),
      'lib/.new.o.cmd': cmd('lib/new.o', 'lib/new.c'),
      'lib/.built-in.a.cmd': 'savedcmd_lib/built-in.a := printf "lib/%s " new.o very-old.o old.o.x\n',
    });
    expect(await compiled('lib/old.c', 'lib/new.c')).toEqual(['lib/new.c']);
  });

  it('counts what is linked from a folder above, or into an image of its own', async () => {
    fill(objects, {
      'drv/sub/.part.o.cmd': cmd('drv/sub/part.o', 'drv/sub/part.c'),
      'drv/.built-in.a.cmd': 'savedcmd_drv/built-in.a := printf "drv/%s " main.o sub/part.o\n',
      'vdso/.note.o.cmd': cmd('vdso/note.o', 'vdso/note.S'),
      'vdso/.vdso64.so.dbg.cmd': 'savedcmd_vdso/vdso64.so.dbg := ld -o vdso/vdso64.so.dbg vdso/note.o\n',
      'kernel/.bounds.s.cmd': cmd('kernel/bounds.s', 'kernel/bounds.c'),
    });
    expect(await compiled('drv/sub/part.c', 'vdso/note.S', 'kernel/bounds.c')).toEqual(['drv/sub/part.c', 'kernel/bounds.c', 'vdso/note.S']);
  });

  it('is empty without paths', async () => {
    expect(await compiled()).toEqual([]);
  });
});

describe('kindOfFile', () => {
  it.each([
    ['ipc/sem.c', 'source'],
    ['arch/x86/entry/entry_64.S', 'source'],
    ['arch/x86/kernel/vmlinux.lds.S', 'build'],
    ['include/linux/sem.h', 'header'],
    ['arch/arm64/kernel/setup.c', 'other-arch'],
    ['arch/arm64/Kconfig', 'other-arch'],
    ['arch/Kconfig', 'build'],
    ['kernel/Kconfig.preempt', 'build'],
    ['drivers/net/Makefile', 'build'],
    ['tools/testing/selftests/ipc/msgque.c', 'aside'],
    ['Documentation/a.rst', 'aside'],
    ['scripts/mod/modpost.c', 'aside'],
    ['MAINTAINERS', 'aside'],
  ])('%s is %s', (path, kind) => {
    expect(kindOfFile(path)).toBe(kind);
  });
});
