import { describe, expect, it } from 'vitest';
import { hostFaultIn, hostFaultOf, parseDiagnostics } from '../../../harness/kernel/diagnostics.js';
import type { AddedLines, Diagnostic } from '../../../harness/model.js';

function parse(text: string, added: readonly AddedLines[] = [], roots = ['/src', '/objects']): readonly Diagnostic[] {
  return parseDiagnostics(text.split('\n'), roots, added);
}

function brief(diagnostics: readonly Diagnostic[]): readonly (readonly unknown[])[] {
  return diagnostics.map(({ severity, file, line, column, message, option }) => [severity, file, line, column, message, option]);
}

/** Patch numbers by line. */
function added(path: string, patches: Readonly<Record<number, number>>): AddedLines {
  return { path, patchOfLine: Array.from({ length: 100 }, (_, line) => patches[line] ?? 0) };
}

// gcc 12.2, with the paths of a build out of the tree
const GCC = `  CC      ipc/sem.o
In file included from ../ipc/sem.c:1:
../ipc/sem.c: In function ‘f’:
../ipc/../include/m.h:1:36: error: ‘undeclared_thing’ undeclared (first use in this function)
    1 | #define BAD(x) do { int *p = (x) + undeclared_thing; } while (0)
      |                                    ^~~~~~~~~~~~~~~~
../ipc/sem.c:4:22: note: in expansion of macro ‘BAD’
    4 | int f(void) { int u; BAD(3); return "x"; }
      |                      ^~~
../ipc/sem.c:4:37: warning: returning ‘char *’ from a function with return type ‘int’ makes integer from pointer without a cast [-Wint-conversion]
    4 | int f(void) { int u; BAD(3); return "x"; }
      |                                     ^~~
../ipc/sem.c: At top level:
../ipc/sem.c:3:12: warning: ‘unused_fn’ defined but not used [-Wunused-function]
    3 | static int unused_fn(void) { return 1; }
      |            ^~~~~~~~~
make[4]: *** [../scripts/Makefile.build:229: ipc/sem.o] Error 1
make[3]: *** [../scripts/Makefile.build:478: ipc] Error 2
make[2]: *** [/src/Makefile:1936: .] Error 2
make: *** [Makefile:224: __sub-make] Error 2`;

describe('parseDiagnostics', () => {
  it('reads gcc, and leaves out make where gcc said why', () => {
    expect(brief(parse(GCC))).toEqual([
      ['error', 'include/m.h', 1, 36, '‘undeclared_thing’ undeclared (first use in this function)', undefined],
      [
        'warning',
        'ipc/sem.c',
        4,
        37,
        'returning ‘char *’ from a function with return type ‘int’ makes integer from pointer without a cast',
        '-Wint-conversion',
      ],
      ['warning', 'ipc/sem.c', 3, 12, '‘unused_fn’ defined but not used', '-Wunused-function'],
    ]);
  });

  it('names the patch that added the line, or the line that expands or includes it', () => {
    expect(parse(GCC, [added('ipc/sem.c', { 3: 1, 4: 2 })]).map(({ patch }) => patch)).toEqual([2, 2, 1]);
    expect(parse(GCC, [added('ipc/sem.c', { 1: 7 })]).map(({ patch }) => patch)).toEqual([7, undefined, undefined]);
    expect(parse(GCC).map(({ patch }) => patch)).toEqual([undefined, undefined, undefined]);
  });

  it('makes paths relative to the tree, in whichever way it is seen', () => {
    const paths = ['/src/ipc/sem.c', '../ipc/sem.c', 'ipc/sem.c', './ipc/sem.c', '/cache/x/src/ipc/sem.c', '/objects/ipc/sem.c', '../../ipc/sem.c'];
    const text = paths.map((path, index) => `${path}:1:${index + 1}: error: x`).join('\n');
    const files = parse(text, [], ['/src', '/objects/', '/cache/x/src']).map(({ file }) => file);
    expect(new Set(files)).toEqual(new Set(['ipc/sem.c']));
    expect(files).toHaveLength(7);
    expect(parse('/src/objects/include/generated/a.h:1:1: error: x', [], ['/src', '/src/objects'])[0]?.file).toBe('include/generated/a.h');
    expect(parse('/usr/include/stdio.h:1:1: error: x')[0]?.file).toBe('/usr/include/stdio.h');
    expect(parse('/srcx/a.h:1:1: error: x')[0]?.file).toBe('/srcx/a.h');
  });

  it('keeps the patch of the first line that expands it, and of the first time it is said', () => {
    const error = 'm.h:1:1: error: x';
    const note = (line: number): string => `a.c:${line}:1: note: in expansion of macro ‘BAD’`;
    const patches = [added('a.c', { 4: 2, 5: 3 })];
    const text = [error, note(3), note(4), note(5), error, note(9)].join('\n');
    expect(parse(text, patches).map(({ patch }) => patch)).toEqual([2]);
  });

  it('gives each once', () => {
    const line = '/src/include/linux/a.h:3:1: warning: x [-Wfoo]';
    expect(parse([line, line, line.replace('/src', '..')].join('\n'))).toHaveLength(1);
  });

  it.each<[string, string, readonly unknown[]]>([
    ['-Werror', 'a.c:1:2: error: unused [-Werror=unused-variable]', ['error', 'a.c', 1, 2, 'unused', '-Werror=unused-variable']],
    ['clang with two options', 'a.c:1:2: error: x [-Werror,-Wfoo]', ['error', 'a.c', 1, 2, 'x', '-Werror']],
    ['a missing header', 'a.c:1:2: fatal error: x.h: No such file or directory', ['error', 'a.c', 1, 2, 'x.h: No such file or directory', undefined]],
    ['the assembler', "a.S:1: Error: no such instruction: `foo %eax'", ['error', 'a.S', 1, undefined, "no such instruction: `foo %eax'", undefined]],
    [
      'the linker with debug information',
      "ld: /src/ipc/sem.c:12: undefined reference to `nope'",
      ['error', 'ipc/sem.c', 12, undefined, "undefined reference to `nope'", undefined],
    ],
    [
      'the linker without it',
      "ld: ipc/sem.o: in function `exit_sem':\nsem.c:(.text+0x5): undefined reference to `nope'",
      ['error', 'ipc/sem.c', undefined, undefined, "undefined reference to `nope'", undefined],
    ],
    [
      'the linker with an archive',
      "ld: vmlinux.o: in function `exit_sem':\nsem.c:(.text+0x5): undefined reference to `nope'",
      ['error', 'sem.c', undefined, undefined, "undefined reference to `nope'", undefined],
    ],
    ['two definitions', "ld: ipc/msg.o:(.bss+0x0): multiple definition of `x'; ipc/sem.o:(.bss+0x0): first defined here", [
      'error', 'ipc/msg.o', undefined, undefined, "multiple definition of `x'; ipc/sem.o:(.bss+0x0): first defined here", undefined,
    ]],
    ['a warning of the linker', 'ld: warning: vmlinux has a LOAD segment with RWX permissions', [
      'warning', 'vmlinux', undefined, undefined, 'vmlinux has a LOAD segment with RWX permissions', undefined,
    ]],
    ['ld.lld', 'ld.lld: error: undefined symbol: nope', ['error', 'vmlinux', undefined, undefined, 'undefined symbol: nope', undefined]],
    ['modpost', 'ERROR: modpost: "nope" [ipc/x.ko] undefined!', ['error', 'ipc/x.ko', undefined, undefined, '"nope" [ipc/x.ko] undefined!', undefined]],
    [
      'a section mismatch',
      'WARNING: modpost: vmlinux: section mismatch in reference: f+0x1 (section: .text) -> g (section: .init.text)',
      ['warning', 'vmlinux', undefined, undefined, 'vmlinux: section mismatch in reference: f+0x1 (section: .text) -> g (section: .init.text)', undefined],
    ],
    [
      'objtool',
      'vmlinux.o: warning: objtool: do_exit+0x1f: unreachable instruction',
      ['warning', 'vmlinux.o', undefined, undefined, 'objtool: do_exit+0x1f: unreachable instruction', undefined],
    ],
    ['Kconfig', 'ipc/Kconfig:7: syntax error', ['error', 'ipc/Kconfig', 7, undefined, 'syntax error', undefined]],
    ['a warning of Kconfig', 'init/Kconfig:9:warning: ignoring unsupported character', [
      'warning', 'init/Kconfig', 9, undefined, 'ignoring unsupported character', undefined,
    ]],
    ['a loop in Kconfig', 'error: recursive dependency detected!', ['error', 'Kconfig', undefined, undefined, 'recursive dependency detected!', undefined]],
    ['unmet dependencies', 'WARNING: unmet direct dependencies detected for FOO', [
      'warning', 'Kconfig', undefined, undefined, 'unmet direct dependencies detected for FOO', undefined,
    ]],
    ['a Makefile', '/src/ipc/Makefile:7: *** missing separator.  Stop.', ['error', 'ipc/Makefile', 7, undefined, 'missing separator.  Stop.', undefined]],
    [
      'a file that no rule makes',
      "make[3]: *** No rule to make target 'ipc/gone.o', needed by 'ipc/built-in.a'.  Stop.",
      ['error', 'Makefile', undefined, undefined, "No rule to make target 'ipc/gone.o', needed by 'ipc/built-in.a'.  Stop.", undefined],
    ],
    ['a compiler without a place', 'cc1: error: unrecognized command-line option ‘-fnope’', [
      'error', 'cc1', undefined, undefined, 'unrecognized command-line option ‘-fnope’', undefined,
    ]],
    ['make where nothing else says why', 'make[3]: *** [scripts/Makefile.build:229: ipc/sem.o] Error 1\nmake: *** [Makefile:224: __sub-make] Error 2', [
      'error', 'ipc/sem.o', undefined, undefined, 'make: Error 1', undefined,
    ]],
    ['colours', '\u001b[01m\u001b[Ka.c:1:2:\u001b[m\u001b[K \u001b[01;31m\u001b[Kerror: \u001b[m\u001b[Kx\u0000\u0007', ['error', 'a.c', 1, 2, 'x', undefined]],
  ])('reads %s', (_, text, expected) => {
    expect(brief(parse(text))).toEqual([expected]);
  });

  it('is bounded: in number, in length, and in time', () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `a.c:${index + 1}:1: error: x`);
    expect(parseDiagnostics(lines, [], [])).toHaveLength(500);
    expect(parse(`a.c:1:1: error: ${'y'.repeat(1_000_000)}`)[0]?.message).toHaveLength(500);
    expect(parse('x: '.repeat(500_000))).toEqual([]);
    expect(parse(' '.repeat(500_000))).toEqual([]);
    expect(parse('a'.repeat(500_000))).toEqual([]);
  });

  it('takes nothing for a diagnostic that is none', () => {
    const text = '  CC      ipc/error.o\n  LD      vmlinux.o\ncc1: all warnings being treated as errors\ncollect2: error: ld returned 1 exit status\n    1 | a.c:1:1: error: x';
    expect(parse(text)).toEqual([]);
  });
});

describe('hostFaultIn', () => {
  it.each([
    'make[3]: *** [../scripts/Makefile.build:229: ipc/sem.o] Killed',
    'gcc: fatal error: Killed signal terminated program cc1',
    'x86_64-linux-gnu-gcc-12: internal compiler error: Killed (program cc1)',
    'ipc/sem.c:2345: fatal error: error writing to /tmp/ccA1b2.s: No space left on device',
    'ld: final link failed: No space left on device',
    '/bin/sh: 1: cannot create ipc/.sem.o.d: No space left on device',
    'cc1: out of memory allocating 65536 bytes after a total of 1000000 bytes',
    'virtual memory exhausted: Cannot allocate memory',
    '/src/scripts/link-vmlinux.sh: line 113: 12345 Killed                  ld -o vmlinux',
    'make: fork: Resource temporarily unavailable',
    'make[2]: *** [/respin/src/Makefile:1167: vmlinux.o] File size limit exceeded',
    'ld: final link failed: File too large',
    'bwrap: Creating new namespace failed: No space left on device',
    "bwrap: Can't bind mount /oldroot/x on /newroot/respin/src: Unable to remount destination",
    'sh: 1: exec: bwrap: not found',
  ])('sees a host that failed: %s', (line) => {
    expect(hostFaultIn(['  CC      ipc/sem.o', line, 'make: *** [Makefile:224: __sub-make] Error 2'])).toBe(line);
  });

  it('takes no source and no message about source for one', () => {
    const text = `   12 | /* write: No space left on device */
ipc/sem.c:12:2: error: #error x: No space left on device
make[3]: *** [../scripts/Makefile.build:229: ipc/sem.o] Error 1
  CC      Killed.o
  GEN     a: No space left on device`;
    expect(hostFaultIn(text.split('\n'))).toBeUndefined();
    expect(hostFaultIn(GCC.split('\n'))).toBeUndefined();
  });
});

describe('hostFaultOf', () => {
  const of = (exitCode: number | undefined, signal?: string, lines: readonly string[] = []): string | undefined => hostFaultOf({ exitCode, signal }, lines);

  it('is a signal that ended the program, however that is told', () => {
    expect(of(undefined, 'SIGKILL')).toBe('it was ended by SIGKILL');
    expect(of(undefined)).toBe('it was ended by a signal');
    expect(of(137)).toBe('it was ended by signal 9');
    expect(of(129)).toBe('it was ended by signal 1');
    expect(of(192)).toBe('it was ended by signal 64');
  });

  it('is what the program said of it', () => {
    expect(of(1, undefined, ['ld: final link failed: No space left on device'])).toContain('No space left');
  });

  it('is none of a program that succeeded, or failed by itself', () => {
    expect(of(0, undefined, ['ld: final link failed: No space left on device'])).toBeUndefined();
    for (const code of [1, 2, 4, 127, 128, 193, 255]) expect(of(code)).toBeUndefined();
  });
});
