import { z } from 'zod';

/** Schemas of values of `model.ts` that more than one file on disk holds. */

export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const diagnosticSchema = z.object({
  severity: z.enum(['error', 'warning']),
  file: z.string(),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  message: z.string(),
  option: z.string().optional(),
  patch: z.number().int().optional(),
});

export const configMissSchema = z.object({ option: z.string(), wanted: z.string(), got: z.string(), dependsOn: z.array(z.string()) });

export const configurationSchema = z.object({ text: z.string(), digest: digestSchema, misses: z.array(configMissSchema) });
