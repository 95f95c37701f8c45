import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readEvidence } from '../e2e/evidence.js';
import { imagesOf, useRespin } from '../e2e/respin.js';
import { tarballOf, treeOf } from '../e2e/trees.js';

const respin = useRespin();

test('two builds in two folders give the same bytes', async () => {
  const first = await readEvidence((await respin.judge(['semundo-v1', '--kernel', '6.12'])).evidence);
  // Another cache: another tree, other build folders, and no compiler cache to copy from.
  const elsewhere = { env: { RESPIN_CACHE: join(respin.folder(), 'a', 'much', 'longer', 'path', 'of', 'a', 'cache') } };
  const second = await readEvidence((await respin.judge(['semundo-v1', '--kernel', `tar:${await tarballOf('6.12')}`], elsewhere)).evidence);
  expect(imagesOf(second)).toEqual(imagesOf(first));
  expect([second.base.initramfs, second.tip.initramfs]).toEqual([first.base.initramfs, first.tip.initramfs]);
});

test('a base that panics at boot is no fault of the series: exit 125', async () => {
  const src = await treeOf('6.12');
  const broken = join(respin.folder(), 'panics');
  await execa('cp', ['-a', '--reflink=auto', src, broken]);
  const path = join(broken, 'ipc/util.c');
  await writeFile(path, `${await readFile(path, 'utf8')}\nstatic int __init planted(void)\n{\n\tpanic("planted in the base");\n}\nlate_initcall(planted);\n`);
  const report = await respin.judge(['semundo-v1', '--kernel', `dir:${broken}`], { env: { RESPIN_CACHE: join(respin.folder(), 'cache') } });
  expect(report).toMatchObject({ verdict: 'untestable', exitCode: 125 });
  expect(report.reasons.map(({ code }) => code)).toEqual(['base.boot.panic']);
  expect(report.reasons[0]?.text).toContain('planted in the base');
});
