import { z } from 'zod';
import { configMissSchema, diagnosticSchema, digestSchema } from '../store/schemas.js';

/** Raised when a reader of older files could misread a newer one. */
export const EVIDENCE_VERSION = 1;

export const status = z.enum(['pass', 'fail', 'skip', 'crash', 'timeout', 'missing']);

const verdictName = z.enum(['good', 'bad', 'untestable']);
export const exitCode = z.union([z.literal(0), z.literal(1), z.literal(125)]);
export const reasons = z.array(z.object({ code: z.string(), text: z.string() }));

export const findingSchema = z.object({
  class: z.string(),
  title: z.string(),
  function: z.string().optional(),
  fingerprint: z.string(),
  lines: z.array(z.string()),
  line: z.number().int(),
  /** The report is cut, or another's lines are in it. */
  corrupt: z.boolean().optional(),
  /** The lines of the sources that lines of it (`index` into `lines`) name; a patch where one added the line. */
  places: z.array(z.object({ index: z.number().int(), file: z.string(), line: z.number().int(), patch: z.number().int().optional() })).optional(),
}).meta({ id: 'finding' });

const resultSchema = z.object({
  name: z.string(),
  program: z.string(),
  status,
  reason: z.string(),
  lines: z.array(z.string()),
}).meta({ id: 'result' });

/** One boot of one side. */
const bootSchema = z.object({
  /** The whole argument vector of QEMU. */
  argv: z.array(z.string()),
  end: z.object({
    kind: z.string(),
    description: z.string(),
    /** What belongs to this kind: of `panic`, `stopped` and `corrupt`; of `silent` and `overtime`; of `flood`. */
    detail: z.string().optional(),
    afterMs: z.number().optional(),
    phase: z.enum(['boot', 'tests']).optional(),
    bytes: z.number().optional(),
  }),
  bootMs: z.number().optional(),
  totalMs: z.number(),
  /** When it was booted; earlier than this run when it was taken from the cache. */
  at: z.string(),
  reused: z.boolean(),
  results: z.array(resultSchema),
  findings: z.array(findingSchema),
  /** Path of the console in the evidence folder. */
  console: z.string(),
  /** Of that file; absent in evidence of before it was kept. */
  consoleDigest: digestSchema.optional(),
}).meta({ id: 'boot' });

const rejectionSchema = z.object({
  file: z.string(),
  hunk: z.string().optional(),
  problem: z.string(),
  expected: z.array(z.string()),
  found: z.array(z.string()),
  line: z.number().int().optional(),
});

/** What explains that a patch does not apply, the likeliest first; absent when nothing was tried. */
const causeSchema = z.object({ kind: z.string(), text: z.string(), hint: z.string(), patches: z.array(z.number().int()).optional() });

/** A patch that the tree does not take. */
export const rejectedSchema = z.object({
  patch: z.number().int(),
  subject: z.string(),
  rejections: z.array(rejectionSchema),
  causes: z.array(causeSchema).optional(),
}).meta({ id: 'rejected' });

/** Everything that was done on one side, as far as it came. */
export const sideSchema = z.object({
  rejected: rejectedSchema.optional(),
  config: z
    .object({
      digest: digestSchema.optional(),
      misses: z.array(configMissSchema),
      failure: z.string().optional(),
      /** What --config auto added, and what it could not. */
      auto: z.object({ settings: z.record(z.string(), z.string()), failed: z.array(z.object({ path: z.string(), why: z.string() })) }).optional(),
    })
    .optional(),
  build: z
    .object({
      ok: z.boolean(),
      /** What was built: `vmlinux`, or the test program that does not build. */
      what: z.string(),
      argv: z.array(z.string()),
      ms: z.number(),
      objects: z.number().int(),
      reused: z.boolean(),
      vmlinux: digestSchema.optional(),
      bytes: z.number().int().optional(),
      diagnostics: z.array(diagnosticSchema),
      tail: z.array(z.string()),
      log: z.string().optional(),
    })
    .optional(),
  initramfs: digestSchema.optional(),
  /** Which of the code that the series touches was compiled; absent for a base. */
  coverage: z.object({ compiled: z.array(z.string()), unbuilt: z.array(z.object({ path: z.string(), needs: z.string() })) }).optional(),
  boots: z.array(bootSchema),
}).meta({ id: 'side' });

const patchSchema = z.object({
  ...{ number: z.number().int(), subject: z.string(), author: z.string().optional(), digest: digestSchema },
  messageId: z.string().optional(),
}).meta({ id: 'patch' });

/** The mail that a report answers: the cover letter of a series, else its first patch. */
export const letterSchema = z.object({
  /** Without `<>`. */
  messageId: z.string(),
  subject: z.string(),
  date: z.string().optional(),
  from: z.string().optional(),
  to: z.array(z.string()),
  cc: z.array(z.string()),
  /** What it answers itself, the oldest first. */
  references: z.array(z.string()),
}).meta({ id: 'letter' });

/** What get_maintainer.pl of the tree says. */
export const maintainersSchema = z.union([
  z.object({ kind: z.literal('ran'), maintainers: z.array(z.object({ who: z.string(), role: z.string() })) }),
  z.object({ kind: z.literal('not-run'), why: z.string() }),
]);

export const statedSchema = z.object({ what: z.string(), outcome: z.enum(['matches', 'differs', 'unknown']), text: z.string(), hint: z.string() }).meta({ id: 'stated' });

/** A series as it was applied. */
export const seriesSchema = z.object({
  name: z.string(),
  title: z.string(),
  origin: z.string(),
  digest: digestSchema,
  promises: z.record(z.string(), z.number().int()),
  /** The suites that judge it when the user names no tests. */
  suites: z.array(z.string()).default([]),
  /** What belongs to the base; their number is 0. */
  prerequisites: z.array(patchSchema).default([]),
  patches: z.array(patchSchema),
  /** What was picked of what was named, and how. */
  notes: z.array(z.string()).default([]),
  /** What replies gave; for the whole series where `patch` is 0. */
  trailers: z.array(z.object({ patch: z.number().int(), text: z.string() })).default([]),
  /** Whether what the series says of its base (base-commit, prerequisite-patch-id) is true of this kernel. */
  stated: z.array(statedSchema).default([]),
  /** One for each of the series that were posted as mail, in order. */
  letters: z.array(letterSchema).default([]),
  /** Patches that did not apply and were merged three-way; their digest is that of the merge. */
  merged: z.array(z.object({ patch: z.number().int(), subject: z.string(), files: z.array(z.string()) })).default([]),
});

/** What every kind of evidence says: what was asked, of what, where, and how long it took. */
export const commonShape = {
  version: z.literal(EVIDENCE_VERSION),
  respin: z.string(),
  command: z.array(z.string()),
  startedAt: z.string(),
  kernel: z.object({
    spec: z.string(),
    provider: z.string(),
    version: z.string(),
    label: z.string(),
    digest: z.string(),
    checks: z.array(z.object({ name: z.string(), made: z.boolean(), detail: z.string() })),
  }),
  series: seriesSchema,
  /** Who should hear of it; absent in evidence of before it was kept. */
  maintainers: maintainersSchema.optional(),
  suite: z.object({
    name: z.string(),
    programs: z.array(z.string()),
    /** Kernel reports that it provokes on purpose, with the reason. */
    declared: z.record(z.string(), z.string()).default({}),
  }),
  profile: z.object({ name: z.string(), cpus: z.number().int(), memoryMiB: z.number().int() }),
  /** What was asked for beside kernel, series, suite and profile; the machine as it was run is in `profile` and in the argv of the boots. */
  options: z
    .object({
      append: z.array(z.string()),
      qemuArgs: z.array(z.string()),
      config: z.array(z.object({ name: z.string(), text: z.string() })),
      repeat: z.number().int(),
    })
    .optional(),
  /** What else has to be known to ask the same again; absent in files of before this was kept. Paths are of the machine it ran on. */
  request: z
    .object({
      suites: z.array(z.string()),
      tests: z.array(z.string()),
      kselftests: z.array(z.string()),
      append: z.array(z.string()),
      memory: z.string().optional(),
      cpus: z.string().optional(),
      timeoutMs: z.number().optional(),
      autoConfig: z.boolean(),
    })
    .optional(),
  host: z.object({
    compiler: z.string(),
    linker: z.string(),
    make: z.string(),
    qemu: z.string(),
    accelerator: z.object({ name: z.string(), detail: z.string() }),
    sandbox: z.object({ kind: z.string(), detail: z.string() }),
    ccache: z.boolean(),
  }),
  /** `startMs` is from the beginning of the command. */
  timings: z.array(z.object({ stage: z.string(), what: z.string(), startMs: z.number().optional(), ms: z.number(), outcome: z.string() })),
  totalMs: z.number(),
};

/** `evidence.json` of a run: what was asked, what was done and what came out, so that another person can check and repeat it. */
export const evidenceSchema = z.object({
  ...commonShape,
  kind: z.literal('run'),
  base: sideSchema,
  tip: sideSchema,
  verdict: z.object({
    name: verdictName,
    exitCode,
    reasons,
    tests: z.array(
      z.object({
        name: z.string(),
        base: status.optional(),
        tip: status.optional(),
        change: z.enum(['same', 'fixed', 'regressed', 'new', 'gone']),
        promised: z.number().int().optional(),
        reason: z.string(),
      }),
    ),
    newFindings: z.array(findingSchema),
    knownFindings: z.array(findingSchema),
    goneFindings: z.array(findingSchema),
    notes: z.array(z.string()).default([]),
  }),
});

/** `evidence.json` of a walk along a series. */
export const walkEvidenceSchema = z.object({
  ...commonShape,
  kind: z.literal('walk'),
  points: z.array(
    z.object({
      /** The last patch that is applied; 0 for the base. */
      patch: z.number().int(),
      subject: z.string(),
      /** `ran`, or what kept it from that: `rejected`, `config-failed`, `build-failed`. */
      outcome: z.string(),
      /** The point before, whose kernel and initramfs are the same byte for byte: its boot counts here too. */
      sameAs: z.number().int().optional(),
      side: sideSchema,
    }),
  ),
  verdict: z.object({
    name: verdictName,
    exitCode,
    reasons,
    bisectable: z.boolean(),
    rows: z.array(z.object({ name: z.string(), cells: z.array(z.union([status, z.literal('not built')])), promised: z.number().int().optional() })),
    brings: z.array(z.object({ patch: z.number().int(), tests: z.array(z.string()) })),
  }),
});

export type EvidenceRejected = z.infer<typeof rejectedSchema>;
export type Evidence = z.infer<typeof evidenceSchema>;
export type WalkEvidence = z.infer<typeof walkEvidenceSchema>;
export type EvidenceSide = z.infer<typeof sideSchema>;
/** What `respin rerun` asks again. */
export type EvidenceRequest = NonNullable<Evidence['request']>;
export type EvidenceBoot = z.infer<typeof bootSchema>;
