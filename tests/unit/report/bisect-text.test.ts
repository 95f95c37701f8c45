import { expect, test } from 'vitest';
import type { BisectEvidence, Step } from '../../../harness/evidence/bisect-schema.js';
import type { StepEvidence } from '../../../harness/evidence/step-schema.js';
import { renderBisectText } from '../../../harness/report/bisect-text.js';
import { renderStepText } from '../../../harness/report/step-text.js';
import { sampleEvidence } from '../evidence/sample.js';

const HOSTILE = '\u001b[31mx\r\n';

function step(point: string): Step {
  return { point, subject: HOSTILE, mark: 'absent', why: HOSTILE, shown: 0, runs: 1, ms: 1, side: { boots: [] } };
}

function bisected(more: Partial<BisectEvidence>): BisectEvidence {
  const { kind: _kind, base: _base, tip: _tip, verdict: _verdict, ...common } = sampleEvidence();
  return { ...common, kind: 'bisect', fixed: false, steps: [], ranges: [], confirmations: [], verdict: { name: 'found', exitCode: 0, reasons: [], culprit: 'patch 1', suspects: ['patch 1'] }, ...more };
}

const culprit = 'good with CONFIG_A="' + HOSTILE + '" CONFIG_B=y';

test('options that make a difference are told with what is seen without each', () => {
  const text = renderBisectText(
    bisected({
      difference: [
        { option: 'CONFIG_A', good: null, bad: 'y', without: 'absent', why: 'a passes' },
        { option: 'CONFIG_B', good: 'n', bad: 'y', without: 'unclear', why: 'its configuration lacks CONFIG_A=y' },
      ],
      verdict: { name: 'found', exitCode: 0, reasons: [], culprit, suspects: [culprit] },
    }),
    '/e',
  );
  expect(text).toMatch(/^FOUND: 2 options together make the difference\n {2}CONFIG_A: y, good with not said; without it: gone\n {2}CONFIG_B: y, good with n; without it nothing can be told: its configuration lacks CONFIG_A=y$/m);
  expect(text).not.toContain('first bad one');
});

test('without an answer the options are not told as one', () => {
  const text = renderBisectText(bisected({ difference: [], verdict: { name: 'untestable', exitCode: 125, reasons: [{ code: 'x', text: 'why' }], suspects: [] } }), '/e');
  expect(text).toMatch(/^UNTESTABLE\n {2}why$/m);
  expect(text).not.toContain('FOUND');
});

test('a bisection shows hostile text instead of obeying it', () => {
  const confirmations = [{ what: HOSTILE, held: true, text: HOSTILE }];
  const text = renderBisectText(bisected({ steps: [step(culprit)], confirmations, verdict: { name: 'untestable', exitCode: 125, reasons: [], suspects: [culprit, HOSTILE] } }), '/e');
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('a step for git says what it tells git, and why', () => {
  const { kind: _kind, base: _base, tip: _tip, verdict: _verdict, ...common } = sampleEvidence();
  const evidence: StepEvidence = { ...common, kind: 'step', fault: `the test ${HOSTILE} does not pass`, shown: 1, runs: 1, side: { boots: [] }, verdict: { name: 'untestable', exitCode: 125, reasons: [{ code: 'step.skip', text: HOSTILE }] } };
  const text = renderStepText(evidence, '/e');
  expect(text).toMatch(/^SKIP \(exit 125\): /m);
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});
