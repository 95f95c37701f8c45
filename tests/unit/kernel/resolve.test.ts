import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostError } from '../../../harness/errors.js';
import type { Answer, Provider } from '../../../harness/kernel/providers/provider.js';
import { listKernels, resolveSource } from '../../../harness/kernel/resolve.js';
import { rememberSource } from '../../../harness/kernel/source-records.js';
import type { KernelSource, KernelSpec } from '../../../harness/model.js';
import { testContext } from './source-support.js';

const LINE: KernelSpec = { kind: 'line', line: '6.12' };

function sourceOf(changes: Partial<KernelSource> = {}): KernelSource {
  return { provider: 'kernel.org', version: '6.12.9', label: 'x', digest: 'a'.repeat(64), checks: [], content: { kind: 'archive', path: '/nowhere' }, ...changes };
}

function provider(title: string, answer: Answer): Provider {
  return { title, serves: () => true, resolve: () => Promise.resolve(answer), list: () => Promise.resolve([]) };
}

const unavailable: Answer = { kind: 'unavailable', error: hostError('source.unreachable', 'no such host', { hint: 'plug it in' }) };
const unknown: Answer = { kind: 'unknown', choices: ['debian:6.1', 'debian:6.12'] };

test('providers are asked in order until one has it', async () => {
  const ctx = await testContext();
  const found: Answer = { kind: 'found', source: sourceOf() };
  const never: Provider = { ...provider('c', unknown), resolve: () => Promise.reject(new Error('must not be asked')) };
  const providers = { a: provider('a', unavailable), b: provider('b', found), c: never };
  expect(await resolveSource(ctx, LINE, { providers })).toEqual(sourceOf());
  expect(ctx.events).toEqual([{ type: 'notice', level: 'warning', text: 'a: no such host' }]);
});

test('a kernel that those who answered do not have is a wrong request, with what there is', async () => {
  const ctx = await testContext();
  const providers = { a: provider('kernel.org', unavailable), b: provider('b', unknown) };
  await expect(resolveSource(ctx, LINE, { providers })).rejects.toMatchObject({
    kind: 'usage',
    code: 'kernel.unknown',
    message: 'there is no kernel 6.12; there are debian:6.1, debian:6.12\nkernel.org could not be asked: no such host',
  });
});

test('when nobody answers the host is at fault', async () => {
  const ctx = await testContext();
  await expect(resolveSource(ctx, LINE, { providers: { a: provider('a', unavailable) } })).rejects.toMatchObject({ kind: 'host', message: 'no such host' });
  const both = { a: provider('a', unavailable), b: provider('b', unavailable) };
  await expect(resolveSource(ctx, LINE, { providers: both })).rejects.toMatchObject({ kind: 'host', code: 'source.unreachable' });
});

test('the newest known source of the line is taken from the cache, as long as its archive is there', async () => {
  const ctx = await testContext();
  const archive = join(ctx.folder, 'archive');
  await writeFile(archive, '');
  const content = { kind: 'archive', path: archive } as const;
  await rememberSource(ctx, sourceOf({ content, version: '6.12.9' }));
  await rememberSource(ctx, sourceOf({ content, version: '6.12.10', provider: 'debian' }));
  await rememberSource(ctx, sourceOf({ content, version: '6.13.1' }));
  await rememberSource(ctx, sourceOf({ content, version: '6.12.99', provider: 'git' }));
  await rememberSource(ctx, sourceOf({ version: '6.12.98' }));
  const from = async (spec: KernelSpec): Promise<string> =>
    (await resolveSource(ctx, spec, { providers: { a: provider('a', { kind: 'found', source: sourceOf({ version: '0.0.0' }) }) } })).version;
  expect(await from(LINE)).toBe('6.12.10');
  expect(await from({ kind: 'release', version: '6.12.9' })).toBe('6.12.9');
  // Debian's 6.12.10 is not the release 6.12.10.
  expect(await from({ kind: 'release', version: '6.12.10' })).toBe('0.0.0');
  expect(await from({ kind: 'distribution', distribution: 'debian', line: '6.12' })).toBe('6.12.10');
  expect(await from({ kind: 'distribution', distribution: 'ubuntu', line: '6.12' })).toBe('0.0.0');
});

test('a record of another version of respin, or one that is cut, is as good as none', async () => {
  const ctx = await testContext();
  await rememberSource(ctx, sourceOf({ content: { kind: 'archive', path: ctx.folder } }));
  await writeFile(join(ctx.cache.sources, 'other.json'), '{"format":99}');
  await writeFile(join(ctx.cache.sources, 'cut.json'), '{"format":1,"source":{"prov');
  expect((await listKernels(ctx, { providers: {} })).map(({ spec, where, detail }) => [spec, where, detail])).toEqual([['v6.12.9', 'cache', 'downloaded']]);
});
