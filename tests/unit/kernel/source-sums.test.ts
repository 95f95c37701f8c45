import { expect, test } from 'vitest';
import { newestOfLines, releasesIn, signedText } from '../../../harness/kernel/source-sums.js';

const digest = (letter: string): string => letter.repeat(64);

const SUMS = [
  `${digest('a')}  linux-6.12.9.tar.xz`,
  `${digest('b')}  linux-6.12.10.tar.xz`,
  `${digest('c')}  linux-6.12.tar.xz`,
  `${digest('d')}  linux-6.9.3.tar.xz`,
  `${digest('e')}  linux-6.12.10.tar.gz`,
  `${digest('e')}  patch-6.12.99.xz`,
  `${digest('e')}  ../linux-6.12.98.tar.xz`,
  `${'e'.repeat(63)}  linux-6.12.97.tar.xz`,
].join('\n');

const message = (text: string): string =>
  `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${text}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`;

test('releases come newest first, and only kernels', () => {
  expect(releasesIn(SUMS).map(({ version }) => version)).toEqual(['6.12.10', '6.12.9', '6.12', '6.9.3']);
  expect(releasesIn(SUMS)[0]).toEqual({ version: '6.12.10', file: 'linux-6.12.10.tar.xz', digest: digest('b') });
  expect(newestOfLines(releasesIn(SUMS)).map(({ version }) => version)).toEqual(['6.12.10', '6.9.3']);
});

test('only what lies inside the signature counts', () => {
  expect(signedText(message(SUMS))).toBe(SUMS);
  expect(signedText(message(SUMS).replace('Hash: SHA256', `Hash: SHA256\n${digest('f')}  linux-6.12.99.tar.xz`))).toBe(SUMS);
  expect(signedText(message(SUMS).replaceAll('\n', '\r\n'))).toBe(SUMS);
});

test.each([
  ['text before it', `${digest('f')}  linux-6.12.99.tar.xz\n${message(SUMS)}`],
  ['a second message', message(SUMS) + message('x')],
  ['no signature', message(SUMS).split('-----BEGIN PGP SIGNATURE')[0] ?? ''],
  ['a login page', '<!DOCTYPE html>\n\n<html></html>'],
  ['nothing', ''],
])('a list with %s is no signed list', (_what, text) => {
  expect(signedText(text)).toBeUndefined();
});
