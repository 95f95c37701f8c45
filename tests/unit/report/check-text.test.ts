import { describe, expect, it } from 'vitest';
import type { CheckReport } from '../../../harness/evidence/check-schema.js';
import { renderCheckText } from '../../../harness/report/check-text.js';

const DIGEST = 'a'.repeat(64);
const HOSTILE = '\u001b[31mred\u0000\n';

function report(text: string): CheckReport {
  const rejected = { patch: 3, subject: text, rejections: [{ file: text, problem: 'the hunk does not match', expected: [text], found: [text], line: 3 }], causes: [{ kind: 'fuzz', text, hint: text }] };
  const message = { severity: 'ERROR' as const, type: 'SPACING', text, file: 'ipc/sem.c', line: 7 };
  return {
    ...{ version: 1, kind: 'check', respin: '0.1.0', command: [], startedAt: '2026-11-20T00:00:00.000Z', exitCode: 1, totalMs: 5 },
    kernels: [
      {
        ...{ spec: '6.12', version: '6.12.117', label: text, digest: DIGEST, checks: [], ms: 3 },
        series: { name: text, title: text, origin: text, digest: DIGEST, notes: [text] },
        stated: [{ what: 'base-commit', outcome: 'differs', text, hint: text }],
        patches: [
          { number: 1, subject: text, digest: DIGEST, outcome: 'applies', checkpatch: { kind: 'ran', errors: 1, warnings: 0, checks: 0, messages: [message] } },
          { number: 2, subject: text, digest: DIGEST, outcome: 'contained', checkpatch: { kind: 'not-run', why: text } },
          { number: 3, subject: text, digest: DIGEST, outcome: 'rejected', rejected },
          { number: 4, subject: text, digest: DIGEST, outcome: 'blocked', behind: 3 },
        ],
        files: [{ path: text, kind: 'source', needs: 'CONFIG_X', options: [{ name: 'CONFIG_X', dependsOn: text }] }],
        maintainers: { kind: 'ran', maintainers: [{ who: text, role: text }] },
      },
    ],
  };
}

describe('renderCheckText', () => {
  it('says what became of each patch, why, and what comes next', () => {
    const text = renderCheckText(report('words'));
    for (const words of [
      '1      applies         1       0         0       words',
      '2      there already   -',
      '3      DOES NOT APPLY',
      'patch 2 is in 6.12.117 already',
      'patch 3 "words" does not apply to words: the hunk does not match',
      'likeliest cause: words\n    words',
      'patch 4 does not apply either: it changes files of patch 3, which does not apply',
      'patch 1: ipc/sem.c:7: ERROR SPACING: words',
      'checkpatch.pl was not run: words',
      'words  needs CONFIG_X',
      'CONFIG_X  words',
      '6.12.117: 1 of 4 patches apply, checkpatch.pl was not run',
      'NOT CLEAN',
    ]) {
      expect(text).toContain(words);
    }
  });

  it('obeys no hostile text', () => {
    expect(renderCheckText(report(HOSTILE))).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
