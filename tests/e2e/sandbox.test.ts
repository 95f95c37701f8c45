import { randomUUID } from 'node:crypto';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Evidence } from '../../harness/evidence/schema.js';
import { readEvidence } from './evidence.js';
import { plantSeries } from './plants.js';
import { sharedCache, useRespin, type CommandOptions, type ReportedError } from './respin.js';
import { hostilePatch, plantHostile } from './series.js';
import { fingerprint, treeOf } from './trees.js';

const respin = useRespin();

let good: Evidence;
let trees: Readonly<Record<string, string>>;

beforeAll(async () => {
  good = await readEvidence((await respin.judge(['semundo-v1', '--kernel', '6.12'])).evidence);
  trees = await fingerprint();
});

afterEach(async () => {
  expect(await fingerprint()).toEqual(trees);
});

test('what code of a patch tries in a build does not reach the host', async (context) => {
  if (good.host.sandbox.kind === 'none') context.skip(`this host has no usable sandbox: ${good.host.sandbox.detail}`);
  const mark = join(tmpdir(), `respin-escape-${randomUUID()}`);
  onTestFinished(async () => {
    await rm(mark, { force: true });
  });
  const server = createServer((_request, response) => response.end('reached')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const secret = randomUUID();
  const home = process.env['HOME'] ?? '/root';
  const tree = await treeOf('6.12');
  const cache = join(tree, 'escaped');
  const series = await plantHostile(
    'echo shell-ran',
    `touch ${mark} && echo wrote-tmp-of-its-own`,
    `for file in ${cache} $(srctree)/escaped; do touch $$file && echo WROTE-$$file; done`,
    'for file in /escaped /dev/shm/escaped /usr/escaped; do touch $$file && echo WROTE-$$file; done',
    'cat /etc/shadow >/dev/null && echo READ-SHADOW',
    `ls ${home}/.* >/dev/null && echo READ-HOME`,
    `for folder in ${sharedCache().root} ${tree} $(srctree)/../../objects; do ls $$folder >/dev/null && echo READ-$$folder; done`,
    'ls -d /respin/ccache >/dev/null && echo READ-CCACHE',
    'echo token=$$RESPIN_E2E_SECRET=',
    'grep -l RESPIN_E2E_SECRET /proc/[0-9]*/environ && echo READ-ENVIRONMENT',
    'echo interfaces=$$(grep -c : /proc/net/dev)=',
    'echo processes=$$(ls -d /proc/[0-9]* | grep -c .)=',
    `perl -MIO::Socket::INET -e 'print "REACHED-HOST" if IO::Socket::INET->new("127.0.0.1:${port}")'`,
    'cat /proc/sys/kernel/core_pattern >/tmp/is && cat /tmp/is >/proc/sys/kernel/core_pattern && echo WROTE-A-SETTING',
    'for fd in 3 4 5 6 7 8 9; do flock -u $$fd; done',
    'setsid sleep 4242 >/dev/null </dev/null &',
  );
  const options = { env: { RESPIN_E2E_SECRET: secret } };
  const report = await respin.judge([series, '--kernel', '6.12', '--sandbox', 'required'], options);
  expect(report.verdict).toBe('good');
  const log = await readFile(join(report.evidence, 'tip', 'build.log'), 'utf8');
  const saw = /respin-saw: (.*)/.exec(log)?.[1] ?? '';
  expect(saw).toContain('shell-ran');
  expect(saw).toContain('token==');
  // Only the loopback device, and only what the build itself runs.
  expect(saw).toContain('interfaces=1=');
  expect(Number(/processes=(\d+)=/.exec(saw)?.[1])).toBeLessThan(100);
  expect(saw).not.toMatch(/WROTE|READ|REACHED/);
  expect(saw).not.toContain(secret);
  for (const path of [mark, cache]) await expect(access(path)).rejects.toThrow('ENOENT');
});

/** On a small patch instead of semundo-v1: what spoils a build folder must not cost the other tests theirs. */
async function refuse(commands: readonly string[], options: CommandOptions = {}): Promise<ReportedError> {
  const folder = await plantSeries({}, 2, 'hostile');
  await writeFile(join(folder, '0002.patch'), hostilePatch(commands));
  const begun = performance.now();
  const error = await respin.refuse([folder, '--kernel', '6.12', '--suite', 'semundo'], options);
  process.stdout.write(`${error.code} after ${Math.round(performance.now() - begun)} ms\n`);
  return error;
}

test('a build that forks, leaves its session and never ends is ended with all that it started', async () => {
  const error = await refuse(['for i in $$(seq 300); do setsid sleep 4242 </dev/null >/dev/null & done; sleep 4242'], { env: { RESPIN_BUILD_MINUTES: '0.15' } });
  expect(error).toMatchObject({ kind: 'host', code: 'build.limit-time' });
});

test('a FIFO and links where respin reads of a build folder are refused, and nothing is read through them', async () => {
  const error = await refuse(['rm -f ipc/.z.cmd; mkfifo ipc/.z.cmd; ln -sf /etc/shadow ipc/.y.cmd']);
  expect(error).toMatchObject({ kind: 'host', code: 'file.not-plain', message: expect.stringMatching(/\.[yz]\.cmd is no regular file/) as string });
});

test('a build that fills the disk is ended, and what it wrote is gone', async () => {
  const error = await refuse(['for i in 1 2 3 4; do fallocate -l 100M filler$$i; sleep 1; done; sleep 1000'], { env: { RESPIN_BUILD_GIB: '0.25' } });
  expect(error).toMatchObject({ kind: 'host', code: 'build.limit-space', message: expect.stringContaining('0.3 GiB') as string });
});

test('after all of this the series as it is shipped is good, from the same bytes', async () => {
  const again = await readEvidence((await respin.judge(['semundo-v1', '--kernel', '6.12', '--fresh'])).evidence);
  expect(again.verdict.name).toBe('good');
  expect([again.base.build?.vmlinux, again.tip.build?.vmlinux, again.tip.initramfs]).toEqual([good.base.build?.vmlinux, good.tip.build?.vmlinux, good.tip.initramfs]);
});
