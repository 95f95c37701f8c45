import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../../../harness/host/package-root.js';
import { knownImage, knownSide, rememberGuest, rememberImage } from '../../../harness/run/known-side.js';
import type { KnownImage, SideRequest } from '../../../harness/run/side.js';
import { digestOf } from '../../../harness/store/digest.js';
import { flipByte } from '../../e2e/flip-byte.js';
import { makePlace, seriesOf, type Place } from '../series/support.js';

let place: Place;
let request: SideRequest;
let image: KnownImage;
let guest: { readonly path: string; readonly digest: string; readonly programs: []; readonly leftOut: [] };

function stored(path: string, content: string): { readonly path: string; readonly digest: string; readonly bytes: number } {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return { path, digest: digestOf(content), bytes: content.length };
}

beforeEach(async () => {
  place = makePlace();
  const { cache } = place.ctx;
  request = {
    ...{ tree: place.tree, series: seriesOf(), suite: { programs: [] }, packageRoot: packageRoot() },
    ...{ profile: { makeVariables: [], slowness: 1 }, environment: { toolchain: { digest: 'd' }, sandbox: { kind: 'none' } } },
  } as unknown as SideRequest;
  const configuration = { text: 'CONFIG_A=y\n', digest: digestOf('CONFIG_A=y\n'), misses: [] };
  const vmlinux = stored(join(cache.images, 'vmlinux'), 'kernel');
  image = { configuration, build: { kind: 'built', image: vmlinux, diagnostics: [], objects: 1, ms: 1, argv: [], log: '', reused: true }, coverage: undefined };
  const { path, digest } = stored(join(cache.initramfs, 'x.cpio'), 'initramfs');
  guest = { path, digest, programs: [], leftOut: [] };
  await rememberImage(place.ctx, request, [], image);
  await rememberGuest(place.ctx, request, [], { guest, reads: [] });
});

afterEach(() => {
  place.remove();
});

it('takes a kernel and an initramfs from the cache as they were put there', async () => {
  expect(await knownImage(place.ctx, request, [])).toEqual(image);
  expect(await knownSide(place.ctx, request, [], image)).toEqual({ ...image, guest, reads: [] });
});

it('knows no kernel of which a byte changed', async () => {
  await flipByte(image.build.image.path);
  expect(await knownImage(place.ctx, request, [])).toBeUndefined();
});

it('knows no initramfs of which a byte changed', async () => {
  await flipByte(guest.path);
  expect(await knownSide(place.ctx, request, [], image)).toBeUndefined();
});
