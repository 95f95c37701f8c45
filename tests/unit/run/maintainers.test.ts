import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { proveSandbox } from '../../../harness/host/sandbox.js';
import { askMaintainers, knownMaintainers } from '../../../harness/run/maintainers.js';
import type { Plan } from '../../../harness/run/plan.js';
import { fill, makePlace, seriesOf, type Place } from '../series/support.js';

let place: Place;

beforeEach(() => {
  place = makePlace();
});

afterEach(() => {
  place.remove();
});

const SCRIPT = 'open(F, "<", "MAINTAINERS") or die; my $who = <F>; open(P, "<", $ARGV[-1]) or die; print "$who (maintainer:X)\\n" if grep(/^\\+b/, <P>);';
const DIFF = 'diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n';

async function planOf(): Promise<Plan> {
  const environment = { sandbox: await proveSandbox(place.ctx, 'auto') };
  return { source: place.tree.source, series: seriesOf(DIFF), environment } as unknown as Plan;
}

it('asks the script of the clean tree about the patches, whatever becomes of the tree meanwhile, and once', async () => {
  fill(place.tree.src, { 'scripts/get_maintainer.pl': SCRIPT, MAINTAINERS: 'Ada <a@example.org>' });
  const plan = await planOf();
  expect(await knownMaintainers(place.ctx, plan)).toBeUndefined();
  const asking = askMaintainers(place.ctx, plan, place.tree);
  await asking.begun;
  fill(place.tree.src, { 'scripts/get_maintainer.pl': 'print "Mallory <m@example.org> (maintainer:X)\\n";', MAINTAINERS: 'Mallory <m@example.org>' });
  await asking.done;
  const expected = { kind: 'ran', maintainers: [{ who: 'Ada <a@example.org>', role: 'maintainer:X' }] };
  expect(await knownMaintainers(place.ctx, plan)).toEqual(expected);
  await askMaintainers(place.ctx, plan, place.tree).done;
  expect(await knownMaintainers(place.ctx, plan)).toEqual(expected);
  expect(readFileSync(join(place.tree.src, 'MAINTAINERS'), 'utf8')).toContain('Mallory');
});

it('is no fault of a run where there is no script, or one that names nobody', async () => {
  const plan = await planOf();
  for (const script of [undefined, 'die "no";']) {
    if (script !== undefined) fill(place.tree.src, { 'scripts/get_maintainer.pl': script });
    const { begun, done } = askMaintainers(place.ctx, plan, place.tree);
    await begun;
    await done;
    expect(await knownMaintainers(place.ctx, plan)).toBeUndefined();
  }
});
