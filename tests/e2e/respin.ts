import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Writable, Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { z } from 'zod';
import { bisectEvidenceSchema } from '../../harness/evidence/bisect-schema.js';
import { compareEvidenceSchema } from '../../harness/evidence/compare-schema.js';
import { evidenceSchema, walkEvidenceSchema, type Evidence } from '../../harness/evidence/schema.js';
import { cacheAt, cacheRoot, type Cache } from '../../harness/store/cache.js';
import { freshToken, tokened, waitForNone } from './processes.js';

/** The package under test. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** How long whatever respin started may outlive it. The promise is 2 s; a busy machine is not a broken promise. */
const GONE_WITHIN_MS = 5000;

/** The cache of the user, which all tests share that do not harm it: a kernel is built once. */
export function sharedCache(): Cache {
  return cacheAt(cacheRoot(inherited()));
}

function inherited(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

const { shape } = evidenceSchema;
const { shape: verdict } = shape.verdict;
const finding = verdict.newFindings.element.extend({ on: z.enum(['base', 'tip', 'both']) });
const status = verdict.tests.element.shape.base.unwrap().nullable();

/** What `respin run --json` prints for a run that came to a verdict. */
const reportSchema = z.object({
  verdict: verdict.name,
  exitCode: verdict.exitCode,
  reasons: verdict.reasons,
  kernel: shape.kernel.pick({ version: true, label: true, digest: true, checks: true }),
  series: shape.series.pick({ name: true, title: true, digest: true, patches: true }),
  tests: z.array(z.object({ name: z.string(), base: status, tip: status, change: verdict.tests.element.shape.change, reason: z.string() })),
  findings: z.array(finding),
  rejected: shape.tip.shape.rejected.unwrap().nullable(),
  diagnostics: z.object({
    base: shape.base.shape.build.unwrap().shape.diagnostics,
    tip: shape.base.shape.build.unwrap().shape.diagnostics,
  }),
  timings: shape.timings,
  totalMs: z.number(),
  evidence: z.string(),
});

export type Report = z.infer<typeof reportSchema>;

const walked = walkEvidenceSchema.shape;

/** What `respin walk --json` prints. */
const walkReportSchema = z.object({
  verdict: verdict.name,
  exitCode: verdict.exitCode,
  reasons: verdict.reasons,
  bisectable: z.boolean(),
  points: z.array(z.object({ patch: z.number(), outcome: z.string(), sameAs: z.number().nullable(), vmlinux: z.string().nullable(), findings: z.array(verdict.newFindings.element) })),
  tests: z.array(z.object({ name: z.string(), promised: z.number().nullable(), results: z.array(z.object({ patch: z.number(), status: walked.verdict.shape.rows.element.shape.cells.element })) })),
  brings: walked.verdict.shape.brings,
  timings: shape.timings,
  evidence: z.string(),
});

export type WalkReport = z.infer<typeof walkReportSchema>;

const bisected = bisectEvidenceSchema.shape;
const step = bisected.steps.element.shape;

/** What `respin bisect --json` prints. */
const bisectReportSchema = z.object({
  verdict: bisected.verdict.shape.name,
  exitCode: bisected.verdict.shape.exitCode,
  reasons: bisected.verdict.shape.reasons,
  culprit: z.string().nullable(),
  suspects: z.array(z.string()),
  ends: bisected.ends.unwrap().nullable(),
  steps: z.array(z.object({ point: step.point, mark: step.mark, why: step.why, shown: step.shown, runs: step.runs, sameAs: z.string().nullable() })),
  difference: bisected.difference.unwrap().nullable(),
  confirmations: z.array(z.object({ what: z.string(), held: z.boolean().nullable(), text: z.string() })),
  timings: shape.timings,
  evidence: z.string(),
});

export type BisectReport = z.infer<typeof bisectReportSchema>;

const compared = compareEvidenceSchema.shape.verdict.shape;
const seen = compared.tests.element.shape.now.unwrap().nullable();
const reason = z.array(z.object({ code: z.string(), text: z.string() }));

/** What `respin compare --json` prints. */
const compareReportSchema = z.object({
  verdict: compared.name,
  exitCode: compared.exitCode,
  ...{ better: reason, worse: reason, doubts: reason },
  patches: z.array(z.object({ change: z.string(), old: z.number().nullable(), new: z.number().nullable(), subject: z.string(), moved: z.boolean(), lines: z.number() })),
  rangeDiff: z.boolean(),
  sameKernel: z.boolean(),
  tests: z.array(z.object({ name: z.string(), base: seen, old: seen, new: seen, change: compared.tests.element.shape.change })),
  size: z.object({ kind: z.string(), symbols: z.array(z.object({ name: z.string(), delta: z.number() })).optional() }),
  timings: shape.timings,
  evidence: z.string(),
});

export type CompareReport = z.infer<typeof compareReportSchema>;

const errorSchema = z.object({
  verdict: z.null(),
  exitCode: z.union([z.literal(2), z.literal(3)]),
  error: z.object({ code: z.string(), kind: z.enum(['usage', 'host']), message: z.string(), hint: z.string().optional() }),
});

export type ReportedError = z.infer<typeof errorSchema>['error'];

/** How a command ended. */
export interface Done {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A command that is at work. */
export interface Started {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly kill: (signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL') => void;
  /** Waits for the line of standard error that matches; undefined when the command ended without it. */
  readonly line: (pattern: RegExp) => Promise<string | undefined>;
  readonly done: Promise<Done>;
  readonly token: number;
}

/** The real program, for the tests of one file. */
export interface Respin {
  /** A folder that goes with the file's tests. */
  readonly folder: () => string;
  readonly start: (args: readonly string[], options?: CommandOptions) => Started;
  readonly run: (args: readonly string[], options?: CommandOptions) => Promise<Done>;
  /** `run … --json`, to its verdict, which must be the exit code as well. */
  readonly judge: (args: readonly string[], options?: CommandOptions) => Promise<Report>;
  /** What a `run … --json` that has ended came to. */
  readonly report: (done: Done) => Report;
  /** The same as `judge` for `walk`. */
  readonly walk: (args: readonly string[], options?: CommandOptions) => Promise<WalkReport>;
  /** The same for `bisect`. */
  readonly bisect: (args: readonly string[], options?: CommandOptions) => Promise<BisectReport>;
  /** The same for `compare`. */
  readonly compare: (args: readonly string[], options?: CommandOptions) => Promise<CompareReport>;
  /** What a `run … --json` that has ended was refused for; its exit code goes with its kind. */
  readonly refusal: (done: Done) => ReportedError;
  /** `run … --json`, to an error of the request or of the host. */
  readonly refuse: (args: readonly string[], options?: CommandOptions) => Promise<ReportedError>;
}

function startCommand(folder: string, args: readonly string[], { env = {}, cwd }: CommandOptions): Started {
  const token = freshToken();
  const [file = '', ...rest] = tokened(token, process.execPath, [join(ROOT, 'dist', 'cli.js'), ...args]);
  const child = execa(file, rest, {
    cwd: cwd ?? ROOT,
    env: { ...inherited(), XDG_STATE_HOME: folder, ...env },
    extendEnv: false,
    reject: false,
    // What a shell says to its terminal may come without an end of line.
    stripFinalNewline: false,
    stdin: 'pipe',
  });
  const seen: string[] = [];
  const wanted = new Set<() => void>();
  const look = (): void => {
    for (const check of wanted) check();
  };
  createInterface({ input: child.stderr }).on('line', (line) => {
    seen.push(line);
    look();
  });
  const done = child.then(({ exitCode, signal, stdout, stderr }): Done => {
    look();
    return { exitCode, signal, stdout, stderr };
  });
  const line = async (pattern: RegExp): Promise<string | undefined> => {
    const appears = new Promise<string>((resolve) => {
      const check = (): void => {
        const found = seen.find((text) => pattern.test(text));
        if (found !== undefined) resolve(found);
      };
      wanted.add(check);
      check();
    });
    return Promise.race([appears, done.then(() => undefined)]);
  };
  const kill: Started['kill'] = (signal) => {
    child.kill(signal);
  };
  return { stdin: child.stdin, stdout: child.stdout, kill, line, done, token };
}

function parsed<T>(schema: z.ZodType<T>, { exitCode, signal, stdout, stderr }: Done): T {
  const story = `exit ${String(exitCode ?? signal)}\n${stderr}\n${stdout.slice(0, 4000)}`;
  expect(stdout, story).toMatch(/^\{[\s\S]*\}\n$/);
  const result = schema.safeParse(JSON.parse(stdout));
  expect(result.error?.issues, story).toBeUndefined();
  return result.data as T;
}

/** The report of a command that came to a verdict, which is its exit code too. */
function verdictOf<T extends { readonly exitCode: number }>(schema: z.ZodType<T>, done: Done): T {
  const report = parsed(schema, done);
  expect(done.exitCode).toBe(report.exitCode);
  return report;
}

/** Call at the top of a test file. Every command is seen to leave no process behind. */
export function useRespin(): Respin {
  let folder = '';
  const tokens: number[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'respin-e2e-'));
    return async () => {
      await rm(folder, { recursive: true, force: true });
    };
  });
  const noneLeft = async (): Promise<void> => {
    for (const token of tokens.splice(0)) {
      const { left } = await waitForNone(token, GONE_WITHIN_MS);
      // A test that fails must not leave to the next one what respin left.
      for (const { pid } of left) process.kill(pid, 'SIGKILL');
      expect(left).toEqual([]);
    }
  };
  afterEach(noneLeft);
  afterAll(noneLeft);
  const start: Respin['start'] = (args, options = {}) => {
    const started = startCommand(folder, args, options);
    tokens.push(started.token);
    return started;
  };
  const run: Respin['run'] = async (args, options) => {
    const started = start(args, options);
    started.stdin.end();
    return started.done;
  };
  const refusal: Respin['refusal'] = (done) => {
    const { error, exitCode } = parsed(errorSchema, done);
    expect({ exitCode: done.exitCode, kind: error.kind }).toEqual({ exitCode, kind: exitCode === 2 ? 'usage' : 'host' });
    return error;
  };
  const judging = <T extends { readonly exitCode: number }>(command: string, schema: z.ZodType<T>) =>
    async (args: readonly string[], options?: CommandOptions): Promise<T> => verdictOf(schema, await run([command, '--json', ...args], options));
  return {
    folder: () => folder,
    start,
    run,
    report: (done) => verdictOf(reportSchema, done),
    judge: judging('run', reportSchema),
    walk: judging('walk', walkReportSchema),
    bisect: judging('bisect', bisectReportSchema),
    compare: judging('compare', compareReportSchema),
    refusal,
    refuse: async (args, options) => refusal(await run(['run', '--json', ...args], options)),
  };
}

/** The `vmlinux` digests of base and tip. */
export function imagesOf({ base, tip }: Evidence): readonly (string | undefined)[] {
  return [base.build?.vmlinux, tip.build?.vmlinux];
}

/** The names of the tests with what became of them on one side. */
export function statusesOf({ tests }: Report, side: 'base' | 'tip'): Readonly<Record<string, string | null>> {
  return Object.fromEntries(tests.map((test) => [test.name, test[side]]));
}
