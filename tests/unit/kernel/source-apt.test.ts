import { expect, test } from 'vitest';
import { parseCandidate } from '../../../harness/kernel/source-apt.js';
import { parseDistribution } from '../../../harness/kernel/resolve.js';

const RECORD = [
  'Package: linux-source-6.12',
  'Source: linux-6.12',
  'Version: 6.12.117-1~deb12u1',
  'Installed-Size: 149880',
  'Filename: pool/updates/main/l/linux-6.12/linux-source-6.12_6.12.117-1~deb12u1_all.deb',
  'Size: 153476148',
  'SHA256: e849faf31ca3555757f3a8877cb01af92122f744f75d1f3102734651c4e14703',
  '',
  '',
].join('\n');

test('apt-cache show gives version, digest and size of the candidate', () => {
  expect(parseCandidate(RECORD)).toEqual({
    package: 'linux-source-6.12',
    version: '6.12.117-1~deb12u1',
    digest: 'e849faf31ca3555757f3a8877cb01af92122f744f75d1f3102734651c4e14703',
    bytes: 153476148,
  });
});

test.each([
  ['no record', ''],
  ['an installed package that no archive has', RECORD.replace(/^SHA256.*\n/m, '')],
  ['a version that is a path', RECORD.replace('6.12.117-1~deb12u1', '../x')],
])('%s is no candidate', (_what, text) => {
  expect(parseCandidate(text)).toBeUndefined();
});

test.each([
  ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', 'debian'],
  ['ID=ubuntu\nID_LIKE=debian\n', 'ubuntu'],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'ubuntu'],
  ["ID='debian'\n", 'debian'],
  ['ID=fedora\n', undefined],
  ['', undefined],
])('the os-release %j has the packages of %s', (text, distribution) => {
  expect(parseDistribution(text)).toBe(distribution);
});
