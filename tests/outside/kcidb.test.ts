import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { evidenceJsonSchema } from '../../harness/evidence/kinds.js';
import { everyEvidence, goodRun, hugeWalk } from '../unit/report/samples.js';
import { FIXTURES, reportOf } from './tools.js';

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const isSubmission = ajv.compile(JSON.parse(readFileSync(join(FIXTURES, 'schemas/kcidb-v5.3.schema.json'), 'utf8')) as object);
const isEvidence = ajv.compile(evidenceJsonSchema());

interface Submission {
  readonly checkouts: readonly { readonly id: string }[];
  readonly builds: readonly { readonly id: string; readonly checkout_id: string }[];
  readonly tests: readonly { readonly id: string; readonly build_id: string; readonly status: string }[];
}

describe('a submission to KernelCI, by its published schema', () => {
  it.each(everyEvidence())('is one of a %s', (_, evidence) => {
    const submission: unknown = JSON.parse(reportOf('kcidb', evidence));
    isSubmission(submission);
    expect(isSubmission.errors ?? []).toEqual([]);
  });

  it('names every object once, and only what it has', () => {
    for (const evidence of [...everyEvidence().map(([, one]) => one), hugeWalk(20, 50).evidence]) {
      const { checkouts, builds = [], tests = [] } = JSON.parse(reportOf('kcidb', evidence)) as Partial<Submission> & Pick<Submission, 'checkouts'>;
      for (const objects of [checkouts, builds, tests]) expect(new Set(objects.map(({ id }) => id)).size).toBe(objects.length);
      const known = new Set([...checkouts, ...builds].map(({ id }) => id));
      expect([...builds.map((build) => build.checkout_id), ...tests.map((test) => test.build_id)].filter((id) => !known.has(id))).toEqual([]);
    }
  });

  it('is refused with what the schema does not know', () => {
    expect(isSubmission({ ...(JSON.parse(reportOf('kcidb', goodRun())) as object), verdict: 'good' })).toBe(false);
  });
});

describe('the published schema of evidence', () => {
  it.each(everyEvidence())('takes a %s', (_, evidence) => {
    isEvidence(JSON.parse(JSON.stringify(evidence)));
    expect(isEvidence.errors ?? []).toEqual([]);
  });

  it('refuses what breaks it', () => {
    expect(isEvidence({ ...goodRun(), totalMs: 'long' })).toBe(false);
    expect(isEvidence({ ...goodRun(), kind: 'other' })).toBe(false);
  });
});
