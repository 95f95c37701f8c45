import { z } from 'zod';
import { commonShape, exitCode, reasons, sideSchema } from './schema.js';

/** `evidence.json` of one step of somebody's `git bisect run`. */
export const stepEvidenceSchema = z.object({
  ...commonShape,
  kind: z.literal('step'),
  /** What counts as bad, in words. */
  fault: z.string(),
  /** How often it was shown, in how many boots. */
  shown: z.number().int(),
  runs: z.number().int(),
  side: sideSchema,
  verdict: z.object({ name: z.enum(['good', 'bad', 'untestable']), exitCode, reasons }),
});

export type StepEvidence = z.infer<typeof stepEvidenceSchema>;
