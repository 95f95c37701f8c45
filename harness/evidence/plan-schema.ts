import { z } from 'zod';
import { digestSchema } from '../store/schemas.js';

/** Raised when a reader of older plans could misread a newer one. */
export const PLAN_VERSION = 1;

const words = z.array(z.string()).default([]);

/** What every cell is asked for beside its kernel and its profile, as it was typed. */
export const planOptionsSchema = z.object({
  suite: words,
  test: words,
  kselftest: words,
  config: words,
  append: words,
  qemuArg: words,
  memory: z.string().optional(),
  smp: z.string().optional(),
  repeat: z.string().optional(),
  version: z.string().optional(),
  timeout: z.string().optional(),
  '3way': z.boolean().default(false),
  keepGoing: z.boolean().default(false),
});

/** Names content and goes into paths. */
export const idSchema = z.string().regex(/^[A-Za-z0-9][\w.+-]{0,150}$/);

/** A piece of a cell that one machine does: of a walk some of the prefixes. */
const partSchema = z.object({
  id: idSchema,
  /** Of a walk: from which prefix to which; the first is what the others are judged against. */
  range: z.object({ from: z.number().int(), to: z.number().int() }).optional(),
  /** How long it is expected to take. */
  ms: z.number().int(),
});

const cellSchema = z.object({
  id: idSchema,
  kernel: z.string(),
  profile: z.string(),
  /** Of the series as it is for this kernel; absent where only the kernel itself tells. */
  series: digestSchema.optional(),
  parts: z.array(partSchema).min(1),
});

/** A plan: what is judged on which kernels and profiles, and which machine does what of it. */
export const planSchema = z.object({
  version: z.literal(PLAN_VERSION),
  kind: z.literal('plan'),
  respin: z.string(),
  /** Of everything below. */
  digest: digestSchema,
  judges: z.enum(['run', 'walk']),
  /** As they were typed; empty for those of respin.yaml, or the default. */
  series: z.array(z.string()),
  /** The kernels were typed; else they are those of respin.yaml, or the default. */
  kernelNamed: z.boolean(),
  options: planOptionsSchema,
  cells: z.array(cellSchema).min(1),
  shards: z.array(z.object({ id: idSchema, ms: z.number().int(), parts: z.array(idSchema).min(1) })).min(1),
});

export type MatrixPlan = z.infer<typeof planSchema>;
export type PlanOptions = z.infer<typeof planOptionsSchema>;
export type PlanCell = MatrixPlan['cells'][number];
export type PlanPart = PlanCell['parts'][number];
export type PlanShard = MatrixPlan['shards'][number];
