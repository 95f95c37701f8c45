import { expect, test } from 'vitest';
import { compareVersions, lineOf, makefileVersion } from '../../../harness/kernel/source-version.js';

test('versions sort by number, with candidates before their release and nonsense before everything', () => {
  const sorted = ['x', '6.1.100', '6.9', '6.12-rc3', '6.12.0-rc10', '6.12', '6.12.2', '6.12.10'];
  expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted);
  expect(compareVersions('6.12', 'v6.12.0')).toBe(0);
});

test('a version belongs to a line', () => {
  expect([lineOf('6.12.117'), lineOf('6.12'), lineOf('6.12.0-rc3'), lineOf('6'), lineOf('../6.12')]).toEqual(['6.12', '6.12', '6.12', undefined, undefined]);
});

test.each([
  ['VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 117\nEXTRAVERSION =\nNAME = x\n', '6.12.117'],
  ['VERSION = 6\nPATCHLEVEL = 13\nSUBLEVEL = 0\nEXTRAVERSION = -rc3\n', '6.13.0-rc3'],
  ['VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 9\nEXTRAVERSION = -mine\n', '6.12.9'],
  ['VERSION := 6\nPATCHLEVEL := 12\nSUBLEVEL :=\n', '6.12.0'],
  ['all:\n\techo\n', undefined],
  ['VERSION = ../../etc\nPATCHLEVEL = 12\nSUBLEVEL = 1\n', undefined],
  ['', undefined],
])('the Makefile %j states %s', (makefile, version) => {
  expect(makefileVersion(makefile)).toBe(version);
});
