import { expect, test } from 'vitest';
import { HarnessError } from '../../../harness/errors.js';
import { parseKernelSpec } from '../../../harness/spec/kernel-spec.js';

test.each([
  ['6.12', { kind: 'line', line: '6.12' }],
  ['5.0', { kind: 'line', line: '5.0' }],
  ['v6.12', { kind: 'release', version: '6.12' }],
  ['v6.12.9', { kind: 'release', version: '6.12.9' }],
  ['6.12.9', { kind: 'release', version: '6.12.9' }],
  ['6.12.0', { kind: 'release', version: '6.12' }],
  ['debian:6.12', { kind: 'distribution', distribution: 'debian', line: '6.12' }],
  ['ubuntu:6.8', { kind: 'distribution', distribution: 'ubuntu', line: '6.8' }],
  ['tar:/tmp/a b.tar.xz', { kind: 'tarball', location: '/tmp/a b.tar.xz' }],
  ['tar:https://example.org/linux.tar.xz', { kind: 'tarball', location: 'https://example.org/linux.tar.xz' }],
  ['dir:../linux', { kind: 'directory', path: '../linux' }],
  ['git:/src/linux#v6.12', { kind: 'git', location: '/src/linux', ref: 'v6.12' }],
  ['git:/src/linux#HEAD~3', { kind: 'git', location: '/src/linux', ref: 'HEAD~3' }],
  ['git:/src/linux#topic^2~1', { kind: 'git', location: '/src/linux', ref: 'topic^2~1' }],
  ['git:/src/a#b#HEAD', { kind: 'git', location: '/src/a#b', ref: 'HEAD' }],
  ['git:https://example.org/linux.git#linux-6.12.y', { kind: 'git', location: 'https://example.org/linux.git', ref: 'linux-6.12.y' }],
])('%s', (text, spec) => {
  expect(parseKernelSpec(text)).toEqual(spec);
});

test.each([
  ...['', 'latest', '6', '06.12', '6.012', '6.12.', '6.12.9.1', '-6.12', ' 6.12', '6.12\n', 'v6.12-rc3', '6.12:debian'],
  ...['debian:', 'debian:6.12.9', 'fedora:6.12', 'tar:', 'dir:', 'git:', 'git:/src/linux', 'git:#v6.12', 'git:/src/linux#'],
  ...['git:/src/linux#--upload-pack=x', 'git:--upload-pack=x#HEAD', 'git:/src/linux#a..b', 'git:/src/linux#HEAD^{tree}', 'git:/src/linux#~1', 'git:/src/linux#a b'],
  ...['dir:/a\0b', 'tar:/tmp/\x1b[31m', `dir:/${'a'.repeat(5000)}`],
])('refuses %j with the valid forms and an example', (text) => {
  const thrown: unknown = (() => {
    try {
      return parseKernelSpec(text);
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(HarnessError);
  expect(thrown).toMatchObject({ kind: 'usage', code: 'kernel.spec', hint: expect.stringMatching(/^for example: --kernel /) as string });
  expect((thrown as HarnessError).message).toContain('git:PATH-or-URL#REF');
  expect((thrown as HarnessError).message).not.toMatch(/[\0\x1b]/);
  expect((thrown as HarnessError).message.length).toBeLessThan(1000);
});
