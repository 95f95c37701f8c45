import { describe, expect, it } from 'vitest';
import type { CompareEvidence } from '../../../harness/evidence/compare-schema.js';
import { compareEvidenceSchema } from '../../../harness/evidence/compare-schema.js';
import { renderCompareJson } from '../../../harness/report/compare-json.js';
import { renderCompareText } from '../../../harness/report/compare-text.js';
import { renderRerunJson, renderRerunText, type RerunReport } from '../../../harness/report/rerun.js';
import { sampleEvidence } from '../evidence/sample.js';

const HOSTILE = 'x\u001b[2Jy';

function sample(more: Partial<CompareEvidence> = {}): CompareEvidence {
  const { base, tip, verdict: _, kind: __, ...common } = sampleEvidence();
  const finding = { class: 'warning', title: `WARNING in ${HOSTILE}`, fingerprint: 'w', lines: [HOSTILE], line: 1 };
  const built = { ok: true, what: 'vmlinux', argv: [], ms: 1, objects: 1, reused: false, diagnostics: [], tail: [] };
  return {
    ...common,
    kind: 'compare',
    older: { ...common.series, name: 'v7' },
    patches: [
      { change: 'changed', old: 1, now: 2, subject: HOSTILE, moved: true, size: 4 },
      { change: 'dropped', old: 2, subject: 'two', moved: false, size: 0 },
      { change: 'new', now: 1, subject: 'three', moved: false, size: 0 },
    ],
    base: { ...base, build: built },
    old: tip,
    now: tip,
    sameKernel: false,
    size: { kind: 'measured', before: 1000, after: 1010, symbols: [{ name: HOSTILE, old: 10, now: 20, delta: 10 }, { name: 'gone', old: 5, delta: -5 }] },
    verdict: {
      ...{ name: 'mixed', exitCode: 1, doubts: [] },
      better: [{ code: 'test.fixed', text: 'a was fail and passes' }],
      worse: [{ code: 'test.regressed', text: `b was pass and is fail: ${HOSTILE}` }],
      tests: [
        { name: 'a', base: 'fail', old: 'fail', now: 'pass', change: 'fixed', reason: '' },
        { name: 'b', base: 'pass', old: 'pass', now: 'fail', change: 'regressed', reason: HOSTILE },
        { name: 'c', base: 'pass', old: 'pass', now: 'pass', change: 'same', reason: '' },
        { name: 'd', old: 'mixed', now: 'pass', change: 'flaky', reason: '' },
        { name: 'e', base: 'skip', old: 'skip', now: 'skip', change: 'same', reason: 'no' },
      ],
      findings: [{ finding, base: { times: 0, boots: 1 }, old: { times: 0, boots: 4 }, now: { times: 4, boots: 4 }, change: 'new' }],
      warnings: [{ diagnostic: { severity: 'warning', file: 'ipc/a.c', message: HOSTILE }, change: 'gone' }],
    },
    ...more,
  };
}

describe('a comparison', () => {
  it('fits its schema', () => {
    expect(compareEvidenceSchema.parse(sample())).toEqual(sample());
  });

  it('is one table, with nothing that a terminal would obey', () => {
    const text = renderCompareText(sample(), '/evidence');
    expect(text).not.toContain('\u001b');
    const rows = text.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));
    expect(rows).toEqual(
      expect.arrayContaining([
        'patch | x\\x1b[2Jy | 1 | 2 | changed, 4 lines, moved',
        'patch | two | 2 | - | dropped',
        'patch | three | - | 1 | new',
        'test | a | fail | fail | pass | fixed',
        'test | b | pass | pass | fail | regressed',
        'test | d | - | mixed | pass | flaky',
        'report | WARNING in x\\x1b[2Jy | 0/1 | 0/4 | 4/4 | new',
        'warning | ipc/a.c: x\\x1b[2Jy | warns | - | gone',
        'size | gone | 5 | - | -5',
        'size | all symbols, in bytes | 1000 | 1010 | +10',
        '1 more test passes on both',
        '1 more test is the same on both, and skipped',
        'MIXED: better in some things, worse in others',
      ]),
    );
    expect(text.indexOf('worse:')).toBeLessThan(text.indexOf('better:'));
  });

  it('says what was not compared', () => {
    const text = renderCompareText(sample({ size: { kind: 'not-measured', why: 'there is no python3' }, unasked: 'patch 2 of the old version does not apply', base: { boots: [] }, sameKernel: true }), '/evidence');
    expect(text).toContain('sizes were not compared: there is no python3');
    expect(text).toContain('not by git range-diff: patch 2 of the old version does not apply');
    expect(text).toContain('the base does not tell anything apart: it was not built');
    expect(text).toContain('the same byte for byte');
  });

  it('is one document as JSON', () => {
    expect(JSON.parse(renderCompareJson(sample(), '/evidence'))).toMatchObject({
      ...{ verdict: 'mixed', exitCode: 1, rangeDiff: true, evidence: '/evidence' },
      patches: [{ old: 1, new: 2, lines: 4, moved: true }, { old: 2, new: null }, { old: null, new: 1 }],
      size: { symbols: [{ old: 10, new: 20, delta: 10 }, { new: null }] },
    });
  });
});

describe('a repetition', () => {
  const report: RerunReport = {
    ...{ exitCode: 1, of: '/then', folder: '/now', objects: { base: 0, tip: undefined } },
    items: [
      { what: 'source', then: 'a'.repeat(64), now: 'a'.repeat(64), same: true, decides: true, details: [] },
      { what: 'compiler', then: 'gcc 12', now: 'gcc 13', same: false, decides: false, details: [] },
      { what: 'tip results', then: '1 of 2 pass', now: '2 of 2 pass', same: false, decides: true, details: [`b was fail and is pass ${HOSTILE}`] },
    ],
  };

  it('says item by item what came out the same', () => {
    const text = renderRerunText(report);
    expect(text).not.toContain('\u001b');
    expect(text).toMatch(/^source +a{16} +a{16} +same$/m);
    expect(text).toMatch(/^compiler +gcc 12 +gcc 13 +another$/m);
    expect(text).toMatch(/^tip results .*DIFFERENT$/m);
    expect(text).toContain('tip results: b was fail and is pass');
    expect(text).toContain('compiled: base 0 objects, tip not built');
    expect(text).toContain('DIFFERENT: not everything came out as it did; the tools of this machine are not those of then');
    expect(renderRerunText({ ...report, exitCode: 0, items: [] })).toContain('SAME:');
  });

  it('is one document as JSON', () => {
    expect(JSON.parse(renderRerunJson(report))).toMatchObject({ verdict: 'different', exitCode: 1, objects: { base: 0, tip: null }, repeated: '/then' });
  });
});
