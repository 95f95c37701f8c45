import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../../context.js';
import { confirmationSchema, endsSchema, stepSchema, type Step } from '../../evidence/bisect-schema.js';
import type { EvidenceFile } from '../../evidence/write.js';
import { readJson, writeAtomically } from '../../store/atomic.js';
import type { Confirmation } from '../../verdict/bisection.js';
import type { Symptom } from '../../verdict/symptom.js';

const status = z.enum(['pass', 'fail', 'skip', 'crash', 'timeout', 'missing']);
const end = z.enum(['complete', 'stopped', 'reset', 'panic', 'silent', 'overtime', 'flood', 'corrupt']);

const symptomSchema: z.ZodType<Symptom> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('test'), name: z.string(), statuses: z.array(status), ends: z.array(end) }),
  z.object({ kind: z.literal('finding'), fingerprint: z.string(), title: z.string() }),
  z.object({ kind: z.literal('build'), what: z.string(), errors: z.array(z.string()) }),
  z.object({ kind: z.literal('boot'), end: end.exclude(['complete', 'corrupt']), fingerprints: z.array(z.string()) }),
]);

const provenSchema = z.object({
  symptom: symptomSchema,
  /** Fingerprints of what the ends report. */
  known: z.array(z.string()),
  ends: endsSchema,
});

/** What the two ends proved, before anything between them is looked at. */
export type Proven = z.infer<typeof provenSchema>;

const journalSchema = z.object({ version: z.literal(1), proven: provenSchema.optional(), steps: z.array(stepSchema), confirmations: z.array(confirmationSchema).default([]) });

type Content = z.infer<typeof journalSchema>;

/** What a bisection has found out so far, on disk, so that one that was killed goes on where it was. */
export interface Journal {
  readonly proven: () => Proven | undefined;
  readonly prove: (proven: Proven) => Promise<void>;
  /** In the order in which they were looked at. */
  readonly steps: () => readonly Step[];
  readonly add: (step: Step, files: readonly EvidenceFile[]) => Promise<void>;
  /** What was looked at again, once there was a culprit. */
  readonly confirmations: () => readonly Confirmation[];
  readonly confirm: (confirmation: Confirmation) => Promise<void>;
  /** What was kept beside the steps. */
  readonly files: () => Promise<readonly EvidenceFile[]>;
  /** Forgets all of it, once it is in the evidence. */
  readonly remove: () => Promise<void>;
}

/**
 * Opens the journal of a bisection.
 * @param key the same for the same question about the same kernels, and for no other
 * @throws HarnessError `host` as `writeAtomically` and `readJson`
 */
export async function openJournal(ctx: Context, key: string): Promise<Journal> {
  const home = join(ctx.cache.bisections, key);
  const path = join(home, 'journal.json');
  let content: Content = (await readJson(ctx, path, journalSchema)) ?? { version: 1, steps: [], confirmations: [] };
  let last = Promise.resolve();
  // Several points may be looked at at once: one change is on disk before the next is made of it.
  const change = async (edit: (now: Content) => Content): Promise<void> => {
    const mine = last.then(async () => {
      const next = edit(content);
      await writeAtomically(ctx, path, JSON.stringify(next));
      content = next;
    });
    last = mine.catch(() => undefined);
    await mine;
  };
  return {
    proven: () => content.proven,
    prove: async (proven) => change((now) => ({ ...now, proven })),
    steps: () => content.steps,
    add: async (step, files) => {
      // The files first: a step that is written down has all of them.
      for (const file of files) await writeAtomically(ctx, join(home, 'files', file.path), file.content);
      await change((now) => ({ ...now, steps: [...now.steps, step] }));
    },
    confirmations: () => content.confirmations,
    confirm: async (confirmation) => change((now) => ({ ...now, confirmations: [...now.confirmations, confirmation] })),
    files: async () => {
      const folder = join(home, 'files');
      const entries = await ctx.effects.files.readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      return Promise.all(paths.map(async (file) => ({ path: file.slice(folder.length + 1), content: await ctx.effects.files.readFile(file) })));
    },
    remove: async () => ctx.effects.files.rm(home, { recursive: true, force: true }),
  };
}
