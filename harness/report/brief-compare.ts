import type { CompareEvidence } from '../evidence/compare-schema.js';
import { shortTable, verdictCase, type Brief, type Case, type Outcome } from './brief.js';
import { diagnosticExcerpt, factsOf, findingExcerpt } from './brief-parts.js';

type Test = CompareEvidence['verdict']['tests'][number];

const TONES = { better: 'good', same: 'good', worse: 'bad', mixed: 'bad', untestable: 'unclear' } as const;

const SENTENCES = {
  better: 'the new version is better and nowhere worse',
  same: 'nothing came out differently',
  worse: 'the new version is worse',
  mixed: 'the new version is better in part and worse in part',
  untestable: 'it cannot be told which version is better',
} as const;

/** `+10`, `-5` */
export function signed(delta: number): string {
  return delta > 0 ? `+${delta}` : String(delta);
}

/** Only what the verdict holds against the new version is a failure of it. */
function outcomeOf({ name, now, change }: Test, { worse }: CompareEvidence['verdict']): Outcome {
  if (change === 'flaky') return 'untold';
  if (worse.some(({ code, text }) => code.startsWith('test.') && text.startsWith(`${name} `))) return 'fail';
  if (now === 'pass') return 'pass';
  if (now === undefined || now === 'skip') return 'skip';
  return 'known';
}

function patchRow({ change, old, now, subject, moved, size }: CompareEvidence['patches'][number]): readonly string[] {
  const what = change === 'changed' ? `changed, ${size} lines` : change;
  return [old === undefined ? '-' : String(old), now === undefined ? '-' : String(now), moved ? `${what}, moved` : what, subject];
}

/** A comparison of two versions in brief. Pure. */
export function briefCompare(evidence: CompareEvidence): Brief {
  const { verdict, patches, size } = evidence;
  const tone = TONES[verdict.name];
  const sentence = SENTENCES[verdict.name];
  const said = (word: string, all: CompareEvidence['verdict']['better']): readonly string[] => all.map(({ text }) => `${word}: ${text}`);
  const reasons = [...said('worse', verdict.worse), ...said('in doubt', verdict.doubts), ...said('better', verdict.better)];
  const tests = verdict.tests.map((test): Case => {
    const { name, base = '-', old = '-', now = '-', change, reason } = test;
    return { name, outcome: outcomeOf(test, verdict), status: change, detail: `base ${base}, old ${old}, new ${now}${reason === '' ? '' : `: ${reason}`}`, lines: [] };
  });
  const moving = verdict.tests.filter(({ change }) => change !== 'same');
  const sizes = size.kind === 'measured' ? size.symbols.map(({ name, old, now, delta }) => [name, old === undefined ? '-' : String(old), now === undefined ? '-' : String(now), signed(delta)]) : [];
  return {
    ...{ tone, headline: verdict.name.toUpperCase(), sentence, reasons },
    facts: [...factsOf(evidence), ['against', `${evidence.older.name}: ${evidence.older.title}`]],
    notes: [...(evidence.unasked === undefined ? [] : [`patches were matched without git range-diff: ${evidence.unasked}`]), ...(size.kind === 'measured' ? [] : [`no sizes: ${size.why}`])],
    groups: [...(tests.length === 0 ? [] : [{ name: 'tests', cases: tests }]), { name: 'respin', cases: [verdictCase({ tone, sentence, reasons })] }],
    tables: [
      ...(patches.length === 0 ? [] : [shortTable('patches', ['old', 'new', 'change', 'subject'], patches.map(patchRow))]),
      ...(moving.length === 0 ? [] : [shortTable('tests that changed or fail', ['test', 'base', 'old', 'new', 'change'], moving.map(({ name, base = '-', old = '-', now = '-', change }) => [name, base, old, now, change]))]),
      ...(sizes.length === 0 ? [] : [shortTable('bytes of vmlinux', ['symbol', 'old', 'new', 'change'], sizes)]),
    ],
    excerpts: [
      ...diagnosticExcerpt('the new version', evidence.now, new Set()),
      ...verdict.findings.filter(({ change }) => change !== 'staying').map(({ finding, change }) => findingExcerpt(`${change} kernel report`, finding)),
    ],
    ...{ command: evidence.command, startedAt: evidence.startedAt, totalMs: evidence.totalMs },
  };
}
