import { z } from 'zod';
import { digestSchema } from '../store/schemas.js';
import { commonShape, exitCode, reasons, sideSchema } from './schema.js';

/** What one kernel of a bisection showed. */
export const stepSchema = z.object({
  /** `patch 3`, `base`, or a commit's id. */
  point: z.string(),
  subject: z.string(),
  mark: z.enum(['shown', 'absent', 'unclear']),
  /** In one line: what was seen. */
  why: z.string(),
  /** How often the symptom was shown, in how many boots. */
  shown: z.number().int(),
  runs: z.number().int(),
  vmlinux: digestSchema.optional(),
  initramfs: digestSchema.optional(),
  /** The point whose kernel and initramfs are the same byte for byte: what it showed counts here too. */
  sameAs: z.string().optional(),
  ms: z.number(),
  side: sideSchema,
});

export type Step = z.infer<typeof stepSchema>;

/** What the ends of a bisection proved. */
export const endsSchema = z.object({
  /** What was searched for, in words. */
  symptom: z.string(),
  confidence: z.number(),
  /** How often the end that shows it showed it. */
  shown: z.number().int(),
  runs: z.number().int(),
  /** How often in a row a kernel must be without it to count as such. */
  needed: z.number().int(),
});

/** One thing that was looked at again. */
export const confirmationSchema = z.object({ what: z.string(), held: z.boolean().optional(), text: z.string() });

const optionSchema = z.object({
  option: z.string(),
  good: z.string().nullable(),
  bad: z.string().nullable(),
  /** What is seen when it alone is as in the good configuration. */
  without: z.enum(['absent', 'unclear']),
  why: z.string(),
});

/** `evidence.json` of a bisection. */
export const bisectEvidenceSchema = z.object({
  ...commonShape,
  kind: z.literal('bisect'),
  /** Whether the change that fixes was searched for, and not the one that breaks. */
  fixed: z.boolean(),
  ends: endsSchema.optional(),
  steps: z.array(stepSchema),
  /** Of a configuration: the smallest set of options that makes the difference; null for one that is not said. */
  difference: z.array(optionSchema).optional(),
  /** What was known before each step and after the last: `.` before the change, `#` behind it, `?` not known yet, `s` skipped. */
  ranges: z.array(z.object({ cells: z.string(), left: z.number().int() })).default([]),
  confirmations: z.array(confirmationSchema),
  verdict: z.object({
    name: z.enum(['found', 'untestable']),
    exitCode,
    reasons,
    /** The first point that differs; undefined when it is not one. */
    culprit: z.string().optional(),
    /** The points among which it is, in order. */
    suspects: z.array(z.string()),
  }),
});

export type BisectEvidence = z.infer<typeof bisectEvidenceSchema>;
