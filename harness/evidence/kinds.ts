import { z } from 'zod';
import { bisectEvidenceSchema, type BisectEvidence } from './bisect-schema.js';
import { checkReportSchema, type CheckReport } from './check-schema.js';
import { compareEvidenceSchema, type CompareEvidence } from './compare-schema.js';
import { matrixEvidenceSchema, type MatrixEvidence } from './matrix-schema.js';
import { evidenceSchema, walkEvidenceSchema, type Evidence, type WalkEvidence } from './schema.js';
import { stepEvidenceSchema, type StepEvidence } from './step-schema.js';

/** Every kind of evidence, by its name: a new kind is one line here, and one in report/formats.ts. */
export interface EvidenceKinds {
  readonly run: Evidence;
  readonly walk: WalkEvidence;
  readonly bisect: BisectEvidence;
  readonly step: StepEvidence;
  readonly compare: CompareEvidence;
  readonly check: CheckReport;
  readonly matrix: MatrixEvidence;
}

export type EvidenceKind = keyof EvidenceKinds;

/** Evidence of any kind. */
export type KnownEvidence = EvidenceKinds[EvidenceKind];

/** Evidence of one thing that was judged, and not of a plan of many. */
export type SingleEvidence = Exclude<KnownEvidence, MatrixEvidence>;

/** Evidence of what built and booted kernels, which lies in a folder. */
export type AnyEvidence = Exclude<SingleEvidence, CheckReport>;

/** One version for all kinds. */
export const KIND_SCHEMAS = {
  run: evidenceSchema,
  walk: walkEvidenceSchema,
  bisect: bisectEvidenceSchema,
  step: stepEvidenceSchema,
  compare: compareEvidenceSchema,
  check: checkReportSchema,
  matrix: matrixEvidenceSchema,
} as const;

export const EVIDENCE_KINDS = Object.keys(KIND_SCHEMAS) as readonly EvidenceKind[];

/** The JSON Schema (2020-12) of every kind of evidence, which the package publishes: what a file must have to be read. */
export function evidenceJsonSchema(): Readonly<Record<string, unknown>> {
  const { run, walk, bisect, step, compare, check, matrix } = KIND_SCHEMAS;
  const { $schema, ...schema } = z.toJSONSchema(z.discriminatedUnion('kind', [run, walk, bisect, step, compare, check, matrix]), { target: 'draft-2020-12', io: 'input' });
  return { $schema, $id: 'urn:respin:evidence:v1', title: 'Evidence of respin, version 1', ...schema };
}
