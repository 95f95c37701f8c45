import { expect, it } from 'vitest';
import { refuseOldQemu } from '../../../harness/vm/qemu-version.js';

const arch = { qemu: 'qemu-system-x86_64', qemuPackage: 'qemu-system-x86' };

it.each(['4.2.1', '5.2.0', '5.10'])('refuses QEMU %s, and says what is needed', (version) => {
  expect(() => {
    refuseOldQemu(`QEMU emulator version ${version} (Debian 1:${version}+dfsg-3)`, arch);
  }).toThrow(`qemu-system-x86_64 is version ${version}, and respin needs 6.0 or later`);
});

it.each(['QEMU emulator version 6.0.0', 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)', 'QEMU emulator version 10.0.2', 'a build of my own', undefined])('takes %s', (words) => {
  expect(() => {
    refuseOldQemu(words, arch);
  }).not.toThrow();
});
