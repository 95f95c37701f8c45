import { expect, test } from 'vitest';
import { readEvidence } from './evidence.js';
import { imagesOf, useRespin } from './respin.js';
import { plantFault } from './series.js';
import { fingerprint } from './trees.js';

const respin = useRespin();

test('two runs at once on one kernel come to their own verdicts', async () => {
  const first = await readEvidence((await respin.judge(['semundo-v1', '--kernel', '6.12'])).evidence);
  const before = await fingerprint();
  const planted = await plantFault('wrong-width');
  const [good, bad] = await Promise.all(
    ['semundo-v1', planted].map(async (series) => respin.judge([series, '--kernel', '6.12', '--fresh'])),
  );
  expect(good?.verdict).toBe('good');
  expect(bad?.verdict).toBe('bad');
  expect(bad?.reasons.map(({ code }) => code)).toContain('promise.broken');

  // Neither was built from the other's files.
  expect(imagesOf(await readEvidence(good?.evidence ?? ''))).toEqual(imagesOf(first));
  const [base, tip] = imagesOf(await readEvidence(bad?.evidence ?? ''));
  expect(base).toBe(imagesOf(first)[0]);
  expect(imagesOf(first)).not.toContain(tip);
  expect(await fingerprint()).toEqual(before);
});
