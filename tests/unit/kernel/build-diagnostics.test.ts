import { expect, it } from 'vitest';
import { diagnosticsOfBuild, type BuildDiagnostics } from '../../../harness/kernel/build-diagnostics.js';
import { readMakeOutput } from '../../../harness/kernel/make-output.js';
import type { SlotDiagnostics } from '../../../harness/kernel/slot.js';

const FAILED = ['make[3]: *** [scripts/Makefile.build:229: ipc/msgutil.o] Error 1', 'make: *** [Makefile:224: __sub-make] Error 2'];

function build(lines: readonly string[], before: SlotDiagnostics = {}): BuildDiagnostics {
  const output = readMakeOutput();
  for (const line of lines) output.add(line);
  return diagnosticsOfBuild(before, output.byObject(), [], []);
}

function messages({ all }: BuildDiagnostics): readonly string[] {
  return all.map(({ file, severity, message }) => `${file}: ${severity}: ${message}`);
}

it('names one error once, whatever other jobs printed in between', () => {
  const failed = ['  CC      ipc/msgutil.o', "ipc/msgutil.c:9:3: error: 'x' undeclared", ...FAILED.slice(0, 1)];
  for (const between of ['  CC      kernel/fork.o', '  AR      kernel/built-in.a']) {
    expect(messages(build([...failed, between, ...FAILED.slice(1)]))).toEqual(["ipc/msgutil.c: error: 'x' undeclared"]);
  }
});

it('says what make says where nothing else tells why', () => {
  expect(messages(build(['  CC      ipc/msgutil.o', ...FAILED]))).toEqual(['ipc/msgutil.o: error: make: Error 1']);
});

it('repeats the warnings of what is not compiled again, and forgets those of what is', () => {
  const first = build(['  CC      ipc/sem.o', 'ipc/sem.c:1:1: warning: old', '  CC      ipc/shm.o', 'ipc/shm.c:1:1: warning: shm', '  LD      vmlinux.o', 'vmlinux.o: warning: objtool: f']);
  expect(Object.keys(first.kept)).toEqual(['ipc/sem.o', 'ipc/shm.o']);
  const second = build(['  CC      ipc/sem.o'], first.kept);
  expect(messages(second)).toEqual(['ipc/shm.c: warning: shm']);
  expect(Object.keys(second.kept)).toEqual(['ipc/shm.o']);
});

it('never repeats an error of a build before', () => {
  const first = build(['  CC      ipc/planted.o', 'ipc/planted.c:2:1: warning: w', 'ipc/planted.c:3:1: error: e', ...FAILED]);
  expect(messages(build(['  CC      ipc/sem.o'], first.kept))).toEqual(['ipc/planted.c: warning: w']);
  // A state that was saved with one.
  expect(messages(build(['  CC      ipc/sem.o'], { 'ipc/planted.o': first.all }))).toEqual(['ipc/planted.c: warning: w']);
});
