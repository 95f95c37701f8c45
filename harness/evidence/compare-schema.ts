import { z } from 'zod';
import { diagnosticSchema } from '../store/schemas.js';
import { commonShape, exitCode, findingSchema, reasons, seriesSchema, sideSchema, status } from './schema.js';

/** How a test came out in all boots of a kernel; absent where it was not run. */
const seen = z.union([status, z.literal('mixed')]).optional();
const times = z.object({ times: z.number().int(), boots: z.number().int() });

/** The lines of a text as far as there is room for them, and how many more it has. */
const cutSchema = z.object({ lines: z.array(z.string()), left: z.number().int() });

/** A patch of either version, and what became of it. */
const matchSchema = z.object({
  change: z.enum(['unchanged', 'changed', 'new', 'dropped']),
  /** Its number in each version; absent where it is not there. */
  old: z.number().int().optional(),
  now: z.number().int().optional(),
  subject: z.string(),
  moved: z.boolean(),
  /** Lines of its diff or message that differ. */
  size: z.number().int(),
  /** How the two differ, as git range-diff prints it; absent where nothing differs, it could not be asked, or it was not kept yet. */
  difference: cutSchema.optional(),
  /** Author, subject, message and diff in either version; of an unchanged patch those of the new one alone. */
  oldText: cutSchema.optional(),
  nowText: cutSchema.optional(),
});

const sizeSchema = z.union([
  z.object({
    kind: z.literal('measured'),
    /** Bytes of all symbols. */
    before: z.number().int(),
    after: z.number().int(),
    symbols: z.array(z.object({ name: z.string(), old: z.number().int().optional(), now: z.number().int().optional(), delta: z.number().int() })),
  }),
  z.object({ kind: z.literal('not-measured'), why: z.string() }),
]);

/** `evidence.json` of a comparison; `series` is the newer version. */
export const compareEvidenceSchema = z.object({
  ...commonShape,
  kind: z.literal('compare'),
  older: seriesSchema,
  patches: z.array(matchSchema),
  /** Why patches were matched by diff and subject and not by git range-diff, whose output is else in `range-diff.txt`. */
  unasked: z.string().optional(),
  base: sideSchema,
  old: sideSchema,
  now: sideSchema,
  /** Kernel and initramfs of both versions are the same byte for byte: the boots of the old one count for both. */
  sameKernel: z.boolean(),
  size: sizeSchema,
  verdict: z.object({
    name: z.enum(['better', 'same', 'worse', 'mixed', 'untestable']),
    exitCode,
    better: reasons,
    worse: reasons,
    doubts: reasons,
    tests: z.array(
      z.object({
        ...{ name: z.string(), base: seen, old: seen, now: seen },
        change: z.enum(['same', 'fixed', 'regressed', 'still failing', 'new', 'gone', 'flaky']),
        reason: z.string(),
      }),
    ),
    findings: z.array(z.object({ finding: findingSchema, base: times, old: times, now: times, change: z.enum(['new', 'gone', 'staying', 'flaky']) })),
    warnings: z.array(z.object({ diagnostic: diagnosticSchema, change: z.enum(['new', 'gone']) })),
  }),
});

export type CutText = z.infer<typeof cutSchema>;
export type CompareEvidence = z.infer<typeof compareEvidenceSchema>;
