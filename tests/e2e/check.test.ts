import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkReportSchema, type CheckReport } from '../../harness/evidence/check-schema.js';
import { sharedCache, useRespin } from './respin.js';
import { readPatch } from './series.js';
import { fingerprint } from './trees.js';

const respin = useRespin();

let trees: Readonly<Record<string, string>>;

beforeAll(async () => {
  // Brings the kernels into the cache where they are not.
  await respin.run(['check', 'semundo-v1', '--kernel', '6.12', '--kernel', '6.1']);
  trees = await fingerprint();
});

/** A check changes no tree and leaves nothing. */
afterEach(async () => {
  expect(await fingerprint()).toEqual(trees);
  expect((await readdir(sharedCache().tmp)).filter((name) => /^(?:survey|check|stated|merge|diagnose)-/.test(name))).toEqual([]);
});

async function check(...args: readonly string[]): Promise<CheckReport> {
  const done = await respin.run(['check', '--json', ...args]);
  const report = checkReportSchema.parse(JSON.parse(done.stdout));
  expect(done.exitCode).toBe(report.exitCode);
  return report;
}

async function folderWith(name: string, ...patches: readonly string[]): Promise<string> {
  const folder = join(respin.folder(), name);
  await mkdir(folder, { recursive: true });
  for (const [index, text] of patches.entries()) await writeFile(join(folder, `000${index + 1}-x.patch`), text);
  return folder;
}

describe('respin check', () => {
  test('every kernel that is named, with what the scripts and the Makefiles of the tree say', async () => {
    const report = await check('semundo-v1', '--kernel', '6.12', '--kernel', '6.1');
    expect(report.kernels.map(({ spec, version }) => [spec, version.slice(0, spec.length)])).toEqual([
      ['6.12', '6.12'],
      ['6.1', '6.1'],
    ]);
    for (const { patches, files, maintainers } of report.kernels) {
      expect(patches.map(({ outcome }) => outcome)).toEqual(['applies']);
      expect(patches[0]?.checkpatch?.kind).toBe('ran');
      expect(files.find(({ path }) => path === 'ipc/sem.c')).toMatchObject({ kind: 'source', needs: 'CONFIG_SYSVIPC' });
      expect(maintainers.kind === 'ran' ? maintainers.maintainers.map(({ who }) => who) : []).toContain('linux-kernel@vger.kernel.org');
    }
  });

  test('a patch that the tree does not take, with where and why', async () => {
    const patch = await readPatch('does-not-apply');
    const report = await check(await folderWith('rejected', patch));
    expect(report.exitCode).toBe(1);
    const [rejected] = report.kernels[0]?.patches ?? [];
    expect(rejected?.outcome).toBe('rejected');
    expect(rejected?.rejected?.rejections[0]).toMatchObject({ problem: 'the hunk does not match' });
    expect(rejected?.rejected?.causes).toBeDefined();
  });

  test('tabs that became blanks on the way', async () => {
    const patch = await readPatch();
    const report = await check(await folderWith('blanks', patch.replace(/^([ +-])(\t+)/gm, (_, sign: string, tabs: string) => sign + ' '.repeat(8 * tabs.length))));
    const [rejected] = report.kernels[0]?.patches ?? [];
    expect(rejected?.rejected?.causes?.map(({ kind }) => kind)).toEqual(['whitespace']);
    expect(rejected?.rejected?.causes?.[0]?.text).toMatch(/tabs became blanks, first at \S+:\d+/);
  });

  test('an error of checkpatch.pl makes it exit 1', async () => {
    const text = 'From: T <t@e>\nSubject: [PATCH] lib: x\n\nWhy.\n\nSigned-off-by: T <t@e>\n---\ndiff --git a/lib/respin_x.c b/lib/respin_x.c\nnew file mode 100644\n--- /dev/null\n+++ b/lib/respin_x.c\n@@ -0,0 +1,2 @@\n+// SPDX-License-Identifier: GPL-2.0\n+int respin_x; \n';
    const report = await check(await folderWith('style', text));
    const [patch] = report.kernels[0]?.patches ?? [];
    expect({ exitCode: report.exitCode, outcome: patch?.outcome }).toEqual({ exitCode: 1, outcome: 'applies' });
    expect(patch?.checkpatch?.kind === 'ran' ? patch.checkpatch.messages.filter(({ severity }) => severity === 'ERROR').map(({ file, line }) => [file, line]) : []).toContainEqual(['lib/respin_x.c', 2]);
  });

  test.each([
    ['no series', [], /missing required argument 'series'/],
    ['a series that is not there', ['./nowhere'], /series\.path-missing|there is no such|nowhere/],
    ['a kernel that is none', ['semundo-v1', '--kernel', '6.12', '--kernel', 'nonsense'], /"nonsense"/],
  ])('%s is a wrong request', async (_what, args, words) => {
    const done = await respin.run(['check', ...args]);
    expect(done.exitCode).toBe(2);
    expect(done.stderr).toMatch(words);
    expect(done.stdout).toBe('');
  });
});

/** Code that the configuration of the suites lacks: CONFIG_CRC7 is off in it. */
const CRC7 = `From: T <t@e>
Subject: [PATCH] lib/crc7: add crc7_once

diff --git a/lib/crc7.c b/lib/crc7.c
--- a/lib/crc7.c
+++ b/lib/crc7.c
@@ -70,5 +70,11 @@ u8 crc7_be(u8 crc, const u8 *buffer, size_t len)
 }
 EXPORT_SYMBOL(crc7_be);
 
+u8 crc7_once(u8 crc, u8 byte)
+{
+	return crc7_be(crc, &byte, 1);
+}
+EXPORT_SYMBOL(crc7_once);
+
 MODULE_DESCRIPTION("CRC7 calculations");
 MODULE_LICENSE("GPL");
`;

describe('code that the configuration does not compile', () => {
  test('is told, and proves nothing', async () => {
    const report = await respin.judge([await folderWith('crc', CRC7), '--suite', 'semundo']);
    expect({ verdict: report.verdict, codes: report.reasons.map(({ code }) => code) }).toEqual({ verdict: 'untestable', codes: expect.arrayContaining(['code.not-built']) as string[] });
    expect(report.reasons.map(({ text }) => text).join('\n')).toContain('lib/crc7.c is touched and was not built: needs CONFIG_CRC7');
  });

  test('is compiled with --config auto', async () => {
    const report = await respin.judge([await folderWith('crc', CRC7), '--suite', 'semundo', '--config', 'auto']);
    expect(report.reasons.map(({ code }) => code)).not.toContain('code.not-built');
    expect(report.timings.find(({ stage }) => stage === 'config')?.outcome).toBe('CONFIG_CRC7=y');
  });
});
