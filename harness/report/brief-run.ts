import type { Evidence } from '../evidence/schema.js';
import { count } from '../spec/count.js';
import { diagnosticKey } from '../verdict/diagnostic-key.js';
import { shortTable, verdictCase, type Brief, type BriefTable, type Case, type CaseGroup, type Outcome } from './brief.js';
import { diagnosticExcerpt, factsOf, findingCase, findingExcerpt, kernelCases, rejectionExcerpt, unbuiltNotes } from './brief-parts.js';
import { HEADLINES } from './text-parts.js';

export const TONES = { good: 'good', bad: 'bad', untestable: 'unclear' } as const;

type Test = Evidence['verdict']['tests'][number];

/** A test as the verdict has it: a failure is the series' only when the verdict says so. */
export function testOutcome({ name, base, tip, change, promised }: Test, { name: verdict, reasons }: Evidence['verdict']): Outcome {
  if (tip === 'pass') return 'pass';
  const fault = verdict === 'bad' ? 'fail' : 'untold';
  if (promised !== undefined || change === 'regressed' || change === 'gone') return fault;
  if (tip === 'skip') return 'skip';
  if (base === 'missing' && tip === 'missing') return 'untold';
  if (change !== 'new') return 'known';
  // A suite may know that a new test fails: then there is no reason that names it.
  return reasons.some(({ code, text }) => code === 'test.new-failure' && text.startsWith(`${name} does not pass (`)) ? fault : 'known';
}

function testGroups(evidence: Evidence): readonly CaseGroup[] {
  const { base, tip, verdict } = evidence;
  const found = new Map([...(base.boots[0]?.results ?? []), ...(tip.boots[0]?.results ?? [])].map((result) => [result.name, result]));
  const groups = new Map<string, Case[]>();
  for (const test of verdict.tests) {
    const result = found.get(test.name);
    const program = result?.program ?? 'never seen';
    const cases = groups.get(program) ?? [];
    groups.set(program, cases);
    const outcome = testOutcome(test, verdict);
    const sides = `base ${test.base ?? '-'}, tip ${test.tip ?? '-'}`;
    const promise = test.promised === undefined ? '' : `, promised from patch ${test.promised}`;
    const detail = outcome === 'pass' ? (test.change === 'fixed' ? `fixed: ${sides}` : '') : `${sides}${promise}${test.reason === '' ? '' : `: ${test.reason}`}`;
    cases.push({ name: test.name, outcome, status: test.tip ?? 'missing', detail, lines: outcome === 'pass' ? [] : (result?.lines ?? []) });
  }
  return [...groups].map(([name, cases]) => ({ name, cases }));
}

function tables(evidence: Evidence): readonly BriefTable[] {
  const { verdict } = evidence;
  if (verdict.tests.length === 0) return [];
  const outcomes = verdict.tests.map((test) => ({ test, outcome: testOutcome(test, verdict) }));
  const of = (outcome: Outcome): number => outcomes.filter((one) => one.outcome === outcome).length;
  const fixed = verdict.tests.filter(({ change }) => change === 'fixed').length;
  const counts = [`${of('pass')} (${fixed} fixed)`, ...(['fail', 'known', 'skip', 'untold'] as const).map((outcome) => String(of(outcome)))];
  const order: readonly Outcome[] = ['fail', 'untold', 'known', 'skip', 'pass'];
  const changed = outcomes
    .filter(({ test, outcome }) => outcome === 'fail' || outcome === 'untold' || outcome === 'known' || test.change === 'fixed')
    .sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome));
  return [
    { title: count(verdict.tests.length, 'test'), head: ['pass', 'new failures', 'base failures', 'skipped', 'not told'], rows: [counts], note: undefined },
    ...(changed.length === 0 ? [] : [shortTable('what changed, and what fails', ['test', 'base', 'tip', 'change'], changed.map(({ test, outcome }) => [test.name, test.base ?? '-', test.tip ?? '-', outcome === 'known' ? 'fails on both' : test.change]))]),
  ];
}

/** A run in brief. Pure. */
export function briefRun(evidence: Evidence): Brief {
  const { verdict, base, tip } = evidence;
  const tone = TONES[verdict.name];
  const fault = verdict.name === 'bad' ? 'fail' : 'untold';
  const reasons = verdict.reasons.map(({ text }) => text);
  const promised = verdict.tests.filter((test) => test.promised !== undefined).length;
  const kept = promised > 0 ? `${count(promised, 'promise')} kept, nothing new broke` : 'nothing new broke; nothing was promised of this series';
  const sentence = { good: kept, bad: 'the series is at fault', untestable: 'it cannot be told whether the series is good' }[verdict.name];
  const known = new Set(base.build?.diagnostics.map(diagnosticKey));
  const kernels: readonly Case[] = [
    ...kernelCases('base', base, 'untold'),
    ...kernelCases('tip', tip, fault),
    ...verdict.newFindings.map((finding) => findingCase('new kernel report', finding, fault)),
    ...verdict.knownFindings.map((finding) => findingCase('kernel report on both', finding, 'known')),
  ];
  return {
    ...{ tone, headline: HEADLINES[verdict.name], sentence, reasons, facts: factsOf(evidence), tables: tables(evidence) },
    notes: [...verdict.notes, ...unbuiltNotes(tip)],
    groups: [...testGroups(evidence), { name: 'respin', cases: [...kernels, verdictCase({ tone, sentence, reasons })] }],
    excerpts: [
      ...(tip.rejected === undefined ? [] : [rejectionExcerpt(tip.rejected)]),
      ...diagnosticExcerpt('the tip', tip, known),
      ...verdict.newFindings.map((finding) => findingExcerpt('new on the tip', finding)),
      ...verdict.knownFindings.map((finding) => findingExcerpt('on both', finding)),
      ...verdict.goneFindings.map((finding) => findingExcerpt('gone from the base', finding)),
    ],
    ...{ command: evidence.command, startedAt: evidence.startedAt, totalMs: evidence.totalMs },
  };
}
