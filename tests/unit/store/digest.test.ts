import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { realEffects } from '../../../harness/host/real-effects.js';
import { canonicalJson, digestFile, digestOf, keyOf } from '../../../harness/store/digest.js';

test('digests are SHA-256 in lower-case hexadecimal, of text as of its UTF-8 bytes', () => {
  // FIPS 180-2, appendix B.1.
  expect(digestOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(digestOf('ü')).toBe(digestOf(Buffer.from('ü', 'utf8')));
});

test('a file that is longer than one read has the digest of its whole content', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'respin-digest-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const content = Buffer.alloc(2 * 1024 * 1024 + 17, 'kernel');
  await writeFile(join(folder, 'file'), content);
  expect(await digestFile(realEffects(), join(folder, 'file'))).toBe(createHash('sha256').update(content).digest('hex'));
});

test('equal values have one canonical text and one key, in whatever order their members were written', () => {
  expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: undefined, B: null })).toBe('{"B":null,"b":[1,{"c":2,"d":1}]}');
  expect(keyOf({ a: 1, b: 2 })).toBe(keyOf({ b: 2, a: 1 }));
  expect(keyOf(['a', 'b'])).not.toBe(keyOf(['b', 'a']));
  expect(keyOf({ '10': 1, '9': 2 })).toBe(keyOf({ '9': 2, '10': 1 }));
});

test('a member that is called __proto__ counts like any other', () => {
  expect(keyOf(JSON.parse('{"__proto__":{"a":1}}'))).not.toBe(keyOf({}));
});

test('what JSON cannot hold has no key', () => {
  expect(() => keyOf(undefined)).toThrow(TypeError);
});
