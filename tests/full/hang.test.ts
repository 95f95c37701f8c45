import { expect, test } from 'vitest';
import { plantSeries } from '../e2e/plants.js';
import { useRespin } from '../e2e/respin.js';

const respin = useRespin();

test('a kernel that hangs with interrupts on has the time to say where, in each boot', async () => {
  const { verdict, reasons, findings } = await respin.judge([await plantSeries({ 1: 'hang' }, 1), '--kernel', '6.12', '--suite', 'msgque', '--fresh']);
  expect({ verdict, codes: reasons.map(({ code }) => code) }).toEqual({ verdict: 'bad', codes: ['boot.overtime', 'finding.new', 'test.regressed'] });
  expect(findings.map(({ title }) => title)).toEqual(['soft lockup in kernel_init']);
});
