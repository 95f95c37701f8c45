import { expect, it } from 'vitest';
import { readMakeOutput } from '../../../harness/kernel/make-output.js';

it('counts compiled objects and keeps what each printed', () => {
  const output = readMakeOutput();
  for (const line of [
    '  HOSTCC  scripts/basic/fixdep',
    '  CC      ipc/sem.o',
    'ipc/sem.c:1:1: warning: x',
    '  AS      arch/x86/entry/entry_64.o',
    '  CC [M]  drivers/a.o',
    '  LD      vmlinux.o',
    'vmlinux.o: warning: objtool: f() falls through',
  ]) {
    output.add(line);
  }
  expect(output.objects()).toBe(3);
  expect(output.byObject().get('ipc/sem.o')).toEqual(['ipc/sem.c:1:1: warning: x']);
  expect(output.byObject().get('drivers/a.o')).toEqual([]);
  expect(output.byObject().get('')).toEqual(['vmlinux.o: warning: objtool: f() falls through']);
});

it('keeps the last lines, and not more of an object than anyone reads', () => {
  const output = readMakeOutput();
  output.add('  CC      ipc/sem.o');
  for (let line = 0; line < 5000; line += 1) output.add(`ipc/sem.c:${line}:1: warning: x`);
  expect(output.tail()).toHaveLength(60);
  expect(output.tail().at(-1)).toBe('ipc/sem.c:4999:1: warning: x');
  expect(output.byObject().get('ipc/sem.o')).toHaveLength(2000);
});

it('gives what make says for itself to no object, whichever it came after', () => {
  const output = readMakeOutput();
  for (const line of ['  CC      ipc/sem.o', 'make[3]: *** [scripts/Makefile.build:229: ipc/msgutil.o] Error 1', '  CC      mm/slab.o', 'make: *** [Makefile:224: __sub-make] Error 2']) {
    output.add(line);
  }
  expect(output.byObject().get('ipc/sem.o')).toEqual([]);
  expect(output.byObject().get('mm/slab.o')).toEqual([]);
  expect(output.byObject().get('')).toHaveLength(2);
});
