import { z } from 'zod';
import { digestSchema } from '../store/schemas.js';
import { idSchema, planSchema } from './plan-schema.js';
import { EVIDENCE_VERSION, exitCode, letterSchema, maintainersSchema, reasons } from './schema.js';

const judgedSchema = z.object({
  kind: z.literal('judged'),
  name: z.enum(['good', 'bad', 'untestable']),
  exitCode,
  reasons,
  /** The evidence of this cell, relative to that of the whole. */
  folder: z.string(),
  kernel: z.object({ version: z.string(), label: z.string(), digest: z.string() }),
  /** Title, number of patches and letters are absent in evidence of before they were kept. */
  series: z.object({ name: z.string(), digest: digestSchema, title: z.string().optional(), patches: z.number().int().optional(), letters: z.array(letterSchema).default([]) }),
  maintainers: maintainersSchema.optional(),
  /** Of a walk: what each prefix came to, in order; 0 is the base. */
  along: z.array(z.object({ patch: z.number().int(), state: z.enum(['good', 'fails', 'stops', 'none']) })).default([]),
});

/** A cell that came to no verdict. */
const failedSchema = z.object({
  kind: z.literal('failed'),
  /** Whose fault: of the host or respin, or of the request. */
  fault: z.enum(['host', 'usage']),
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
});

/** `evidence.json` of a plan that was carried out, or of one shard of it: a verdict for each cell, and one of all. */
export const matrixEvidenceSchema = z.object({
  version: z.literal(EVIDENCE_VERSION),
  kind: z.literal('matrix'),
  respin: z.string(),
  command: z.array(z.string()),
  startedAt: z.string(),
  plan: planSchema,
  /** Which shard this is; absent for the whole. */
  shard: z.string().optional(),
  /** In the order of the plan; of a shard its parts. */
  cells: z.array(
    z.object({
      /** Of the cell; of a shard that of the part. */
      id: idSchema,
      kernel: z.string(),
      profile: z.string(),
      range: z.object({ from: z.number().int(), to: z.number().int() }).optional(),
      outcome: z.discriminatedUnion('kind', [judgedSchema, failedSchema]),
      ms: z.number(),
    }),
  ),
  verdict: z.object({
    name: z.enum(['good', 'bad', 'untestable', 'host', 'usage']),
    exitCode: z.union([exitCode, z.literal(2), z.literal(3)]),
    reasons,
  }),
  totalMs: z.number(),
});

export type MatrixEvidence = z.infer<typeof matrixEvidenceSchema>;
export type MatrixCell = MatrixEvidence['cells'][number];
