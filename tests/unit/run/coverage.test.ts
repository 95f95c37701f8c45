import { describe, expect, it } from 'vitest';
import { readKconfig } from '../../../harness/kernel/kconfig-entries.js';
import { codeOf, diskReader, nothingBuilt } from '../../../harness/run/coverage.js';
import { decide } from '../../../harness/verdict/decide.js';
import { decideWalk } from '../../../harness/verdict/walk.js';
import type { SideOutcome } from '../../../harness/model.js';
import { fill, makePlace, seriesOf } from '../series/support.js';

const touching = (path: string): string => `--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n+b\n`;

describe('codeOf', () => {
  it('has what a series leaves of code, and nothing that it deletes or that is no kernel', () => {
    const renamed = 'diff --git a/lib/a.c b/lib/b.c\nsimilarity index 100%\nrename from lib/a.c\nrename to lib/b.c\n';
    const deleted = 'diff --git a/lib/c.c b/lib/c.c\ndeleted file mode 100644\n--- a/lib/c.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n';
    const series = seriesOf(touching('lib/a.c'), renamed, touching('lib/c.c'), deleted, touching('tools/x.c'), touching('Documentation/x.rst'), touching('lib/Makefile'), touching('arch/arm64/x.c'));
    expect(codeOf(series)).toEqual(['arch/arm64/x.c', 'lib/b.c']);
  });
});

describe('diskReader', () => {
  it('does not follow a Kconfig out of the tree, and not into what never ends', async () => {
    const place = makePlace();
    const up = '../'.repeat(30);
    fill(place.root, { outside: 'config OUTSIDE\n\tbool\n' });
    fill(place.tree.src, { Kconfig: `source "${up}dev/zero"\nsource "${up}${place.root.slice(1)}/outside"\nsource "fifo"\nsource "sub/../inside"\n`, inside: 'config INSIDE\n\tbool\n' });
    await place.ctx.effects.processes.run({ file: 'mkfifo', args: ['fifo'], cwd: place.tree.src });
    expect([...(await readKconfig(diskReader(place.ctx, place.tree).read)).keys()]).toEqual(['INSIDE']);
    place.remove();
  });
});

const UNBUILT = [{ path: 'lib/crc7.c', needs: 'needs CONFIG_CRC7' }];

describe('nothingBuilt', () => {
  it('is a series of code of which nothing is in a kernel that is the base', () => {
    expect(nothingBuilt({ compiled: [], unbuilt: UNBUILT }, 'a', 'a')).toMatch(/lib\/crc7\.c is touched and was not built: needs CONFIG_CRC7/);
  });

  it.each([
    ['a part that was built', { compiled: ['lib/a.c'], unbuilt: UNBUILT }, 'a', 'a'],
    ['a series without code of the kernel', { compiled: [], unbuilt: [] }, 'a', 'a'],
    ['another kernel', { compiled: [], unbuilt: UNBUILT }, 'a', 'b'],
    ['no kernel', { compiled: [], unbuilt: UNBUILT }, undefined, undefined],
    ['a base', undefined, 'a', 'a'],
  ])('is not %s', (_what, coverage, base, tip) => {
    expect(nothingBuilt(coverage, base, tip)).toBeUndefined();
  });
});

describe('the verdict on code that was not built', () => {
  const ran = (status: 'pass' | 'fail'): SideOutcome => ({
    ...{ kind: 'ran', end: { kind: 'complete' }, findings: [] },
    results: [{ name: 'a', program: 'p', status, reason: '', lines: [] }],
  });

  it('of a run is untestable where it would be good, and bad stays bad', () => {
    const judged = (tip: SideOutcome): unknown => decide({ base: ran('pass'), tip, promises: {}, unstable: [], nothingBuilt: 'why' });
    expect(judged(ran('pass'))).toMatchObject({ verdict: 'untestable', exitCode: 125, reasons: [{ code: 'code.not-built', text: 'why' }] });
    expect(judged(ran('fail'))).toMatchObject({ verdict: 'bad' });
  });

  it('of a walk is the same', () => {
    const points = [0, 1].map((number) => ({ number, subject: '', outcome: ran('pass'), warnings: [], unstable: [] }));
    expect(decideWalk(points, {}, 'why')).toMatchObject({ verdict: 'untestable', reasons: [{ code: 'code.not-built' }] });
    expect(decideWalk(points, {})).toMatchObject({ verdict: 'good' });
  });
});
