import { expect, test } from 'vitest';
import { sourcePaths } from '../../../harness/kernel/source-artefacts.js';

test('what make mrproper removes is no source', () => {
  const sources = ['Makefile', 'Kconfig', '.gitignore', 'arch/x86/include/asm/a.h', 'arch/x86/boot/header.S', 'kernel/config.c', 'include/config.h', 'include/linux/generated.h'];
  const built = [
    ...['.config', '.config.old', 'vmlinux', 'System.map', 'Module.symvers', '.tmp_vmlinux1', '.tmp_versions/x', 'certs/signing_key.pem'],
    ...['include/config/auto.conf', 'include/generated/autoconf.h', 'arch/x86/include/generated/asm/x.h', 'kernel/fork.o', 'lib/lib.a', 'a/b.ko'],
    ...['a/b.mod', 'a/b.mod.c', 'kernel/.fork.o.cmd', 'kernel/.fork.o.d', 'scripts/kconfig/lexer.lex.c', 'scripts/kconfig/parser.tab.h', 'modules.order'],
    ...['.git/HEAD', 'tools/.git'],
  ];
  expect([...sourcePaths([...sources, ...built], [])].sort()).toEqual([...sources].sort());
});

test('what kbuild left a command for was made by it', () => {
  expect([...sourcePaths(['scripts/mod/modpost', 'scripts/mod/.modpost.cmd', 'scripts/mod/modpost.c', 'modpost'], [])]).toEqual(['scripts/mod/modpost.c', 'modpost']);
});

test('what git ignores is no source, unless it ignores everything', () => {
  const paths = ['Makefile', 'lib/crc32table.h', 'out/a/b.c', 'outer.c'];
  expect([...sourcePaths(paths, ['lib/crc32table.h', 'out/'])]).toEqual(['Makefile', 'outer.c']);
  expect([...sourcePaths(paths, ['Makefile', 'lib/', 'out/', 'outer.c'])]).toEqual(paths);
});
