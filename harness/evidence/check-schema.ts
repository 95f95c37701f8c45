import { z } from 'zod';
import { digestSchema } from '../store/schemas.js';
import { EVIDENCE_VERSION, maintainersSchema, rejectedSchema, statedSchema } from './schema.js';

const messageSchema = z.object({ severity: z.enum(['ERROR', 'WARNING', 'CHECK']), type: z.string(), text: z.string(), file: z.string().optional(), line: z.number().int().optional() });

const checkpatchSchema = z.union([
  z.object({ kind: z.literal('ran'), errors: z.number().int(), warnings: z.number().int(), checks: z.number().int(), messages: z.array(messageSchema) }),
  z.object({ kind: z.literal('not-run'), why: z.string() }),
]);

const patchSchema = z.object({
  /** 0 for a prerequisite. */
  number: z.number().int(),
  subject: z.string(),
  digest: digestSchema,
  outcome: z.enum(['applies', 'applies-again', 'contained', 'rejected', 'blocked']),
  /** Of `blocked`: the patch before it, on the same files, that does not apply. */
  behind: z.number().int().optional(),
  rejected: rejectedSchema.optional(),
  /** Absent for a prerequisite. */
  checkpatch: checkpatchSchema.optional(),
});

const fileSchema = z.object({
  path: z.string(),
  kind: z.enum(['source', 'header', 'other-arch', 'build', 'aside']),
  needs: z.string(),
  options: z.array(z.object({ name: z.string(), dependsOn: z.string() })),
});

const kernelSchema = z.object({
  spec: z.string(),
  version: z.string(),
  label: z.string(),
  digest: z.string(),
  checks: z.array(z.object({ name: z.string(), made: z.boolean(), detail: z.string() })),
  series: z.object({ name: z.string(), title: z.string(), origin: z.string(), digest: digestSchema, notes: z.array(z.string()) }),
  stated: z.array(statedSchema),
  patches: z.array(patchSchema),
  files: z.array(fileSchema),
  maintainers: maintainersSchema,
  ms: z.number(),
});

/** Evidence of a check, and what `respin check --json` prints: all that can be known of a series without a build. */
export const checkReportSchema = z.object({
  version: z.literal(EVIDENCE_VERSION),
  kind: z.literal('check'),
  respin: z.string(),
  command: z.array(z.string()),
  startedAt: z.string(),
  /** 0 when every patch applies to every kernel and checkpatch.pl found no error, 1 when not, 3 when checkpatch.pl could not be run. */
  exitCode: z.union([z.literal(0), z.literal(1), z.literal(3)]),
  kernels: z.array(kernelSchema),
  totalMs: z.number(),
});

export type CheckReport = z.infer<typeof checkReportSchema>;
export type CheckedKernel = z.infer<typeof kernelSchema>;
export type CheckedPatch = z.infer<typeof patchSchema>;
