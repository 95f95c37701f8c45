import { join } from 'node:path';
import type { Context } from './context.js';
import type { AnyEvidence } from './evidence/kinds.js';
import type { EvidenceRequest } from './evidence/schema.js';
import { evidenceHome, evidenceName, refuseUsedFolder, writeEvidence, type EvidenceFile } from './evidence/write.js';
import { requireTools } from './host/install.js';
import { withLock } from './host/lock.js';
import { resolveSource } from './kernel/resolve.js';
import type { AcceleratorChoice, KernelSpec, SandboxChoice, Series, Suite } from './model.js';
import { checkTests, readSuites, userFragments, userMachine, type TestRequest } from './own-tests.js';
import type { CommonRecord } from './run/assemble.js';
import { readEnvironment } from './run/environment.js';
import { knownMaintainers } from './run/maintainers.js';
import type { Plan } from './run/plan.js';
import type { Gathered } from './series/gather.js';
import { NOT_THE_NEWEST } from './series/posting.js';
import { noSeries } from './series/no-series.js';
import { readSeriesStack } from './series/read-stack.js';
import { checkStated } from './series/check-stated.js';
import { mergeSeries } from './series/three-way.js';
import { parseKernelSpec } from './spec/kernel-spec.js';
import { findProfile } from './spec/profile.js';
import { tuneProfile } from './spec/machine.js';
import { judgedPromises } from './spec/promises.js';
import { suiteIn } from './spec/suite.js';
import { startStopwatch, type Stopwatch } from './stages.js';
import { proveExtraArgs } from './vm/extra-args.js';

/** A run as the command line asks for it. */
export interface JudgeRequest {
  readonly kernel: string;
  /** Empty for the kernel itself. */
  readonly series: readonly string[];
  /** A series that was read already, in place of `series`. */
  readonly seriesRead?: Series | undefined;
  /** The older version that it is compared with, in the same forms; undefined where nothing is compared. */
  readonly older?: readonly string[] | undefined;
  /** The version of a series that is wanted of a thread; undefined for the newest. */
  readonly seriesVersion: number | undefined;
  readonly profile: string;
  readonly tests: TestRequest;
  /** Whether it can be told without a test: by the build, the boot or what the kernel reports. */
  readonly testless?: boolean | undefined;
  /** How often each kernel is booted. */
  readonly repeat: number;
  /** Limit of one boot in milliseconds. */
  readonly timeoutMs: number | undefined;
  readonly fresh: boolean;
  /** Build in empty folders. */
  readonly fromNothing?: boolean | undefined;
  /** Merge a patch that does not apply, as git am --3way does. */
  readonly threeWay: boolean;
  /** Add to the configuration what the touched code needs to be compiled. */
  readonly autoConfig: boolean;
  readonly keepGoing: boolean;
  readonly accelerator: AcceleratorChoice;
  readonly sandbox: SandboxChoice;
  /** Absolute path of the evidence folder; undefined for a new one. */
  readonly out: string | undefined;
  /** What relative paths of series are relative to. */
  readonly cwd: string;
  /** The same of the kernel's path. */
  readonly kernelCwd: string;
  readonly packageRoot: string;
  /** Version of respin. */
  readonly version: string;
  /** What was typed. */
  readonly command: readonly string[];
}

/** What a command that judges leaves. */
export interface Judged<E extends AnyEvidence> {
  readonly evidence: E;
  /** Where it lies. */
  readonly folder: string;
}

/** The kernel version as far as the request tells it, to refuse a wrong series before anything is fetched. */
export function versionIn(spec: KernelSpec): string | undefined {
  switch (spec.kind) {
    case 'line':
    case 'distribution':
      return spec.line;
    case 'release':
      return spec.version;
    case 'tarball':
    case 'directory':
    case 'git':
      return undefined;
  }
}

/** The suite as it is run in a profile, and the series with the promises that are judged there. */
function inProfile(series: Series, whole: Suite, { profile, tests }: JudgeRequest): { readonly series: Series; readonly suite: Suite } {
  const { suite, left } = suiteIn(whole, profile);
  const named = tests.suites.length + tests.tests.length + tests.kselftests.length > 0;
  return { series: { ...series, promises: judgedPromises(series.promises, suite.programs, { left, named }) }, suite };
}

interface Requested {
  readonly series: Series;
  readonly older: Series | undefined;
  /** Of two versions, the tests that either asks for. */
  readonly suite: Suite;
}

async function readRequested(ctx: Context, request: JudgeRequest, kernelVersion: string, kept: Map<string, Gathered>): Promise<Requested> {
  const series = await readAsked(ctx, request, kernelVersion, kept);
  const older = request.older === undefined ? undefined : await readAsked(ctx, { ...request, series: request.older, seriesRead: undefined }, kernelVersion, kept);
  const suites = [...new Set([...(older?.suites ?? []), ...series.suites])];
  const suite = await readSuites(ctx, request.tests, { ...series, suites }, { packageRoot: request.packageRoot, testless: request.testless === true });
  return { ...inProfile(series, suite, request), older: older && inProfile(older, suite, request).series };
}

/**
 * The series of a request as it is for a kernel of this version.
 * @throws HarnessError `usage` as `readSeriesStack`
 */
export async function readAsked(ctx: Context, request: JudgeRequest, kernelVersion: string, kept: Map<string, Gathered>): Promise<Series> {
  const { packageRoot, cwd } = request;
  if (request.seriesRead) return request.seriesRead;
  if (request.series.length === 0) return noSeries(request.kernel);
  return readSeriesStack(ctx, { texts: request.series, packageRoot, kernelVersion, cwd, version: request.seriesVersion, kept });
}

/** Says what the user should know of the base before hours go into it. */
function tellBase(ctx: Context, stated: Plan['stated'], merged: Plan['merged']): void {
  for (const { outcome, text, hint } of stated) {
    if (outcome !== 'matches') ctx.progress({ type: 'notice', level: outcome === 'differs' ? 'warning' : 'info', text: [text, hint].filter(Boolean).join('; ') });
  }
  for (const { patch, subject, files } of merged) {
    const text = `MERGED: patch ${patch} "${subject}" does not apply and was merged three-way into ${files.join(', ')}: what is tested is the merge`;
    ctx.progress({ type: 'notice', level: 'warning', text });
  }
}

function evidenceRequest({ tests, timeoutMs, autoConfig }: JudgeRequest): EvidenceRequest {
  const { suites, tests: paths, kselftests, append, memory, cpus } = tests;
  return { suites: [...suites], tests: [...paths], kselftests: [...kselftests], append: [...append], memory, cpus, timeoutMs, autoConfig };
}

/** What came of a plan, and how to put it down. */
type Work<E> = (plan: Plan, stopwatch: Stopwatch) => Promise<(common: CommonRecord) => { readonly evidence: E; readonly files: readonly EvidenceFile[] }>;

/**
 * Makes a plan of what the user asks for, has it carried out, and writes the evidence. Everything that is wrong with the
 * request is told before anything is fetched or built, as far as it can be known then.
 * @throws HarnessError `usage` for a request that is wrong; `host` for a host that failed; Interrupted
 */
export async function carryOut<E extends AnyEvidence>(ctx: Context, request: JudgeRequest, work: Work<E>): Promise<Judged<E>> {
  const { clock } = ctx.effects;
  const begun = clock.now();
  const startedAt = clock.date();
  const stopwatch = startStopwatch(ctx);
  const spec = parseKernelSpec(request.kernel);
  const profile = findProfile(request.profile);
  if (request.out !== undefined) await refuseUsedFolder(ctx, request.out);
  await checkTests(ctx, request.tests, request.packageRoot);
  const early = versionIn(spec);
  // Standard input can be read once, and a thread that is fetched again may have grown.
  const kept = new Map<string, Gathered>();
  if (early !== undefined) await readRequested(ctx, request, early, kept);
  await requireTools(ctx);
  return withLock(
    ctx,
    'cache',
    async () => {
      const source = await stopwatch.measure('source', request.kernel, () => resolveSource(ctx, spec, { cwd: request.kernelCwd }), ({ label }) => label);
      const { series: asked, older: askedOlder, suite } = await readRequested(ctx, request, source.version, kept);
      for (const text of [...(askedOlder?.notes ?? []), ...asked.notes]) ctx.progress({ type: 'notice', level: text.includes(NOT_THE_NEWEST) ? 'warning' : 'info', text: `series: ${text}` });
      const { series, merged } = request.threeWay ? await mergeSeries(ctx, source, asked) : { series: asked, merged: [] };
      const older = askedOlder && request.threeWay ? (await mergeSeries(ctx, source, askedOlder)).series : askedOlder;
      const stated = await checkStated(ctx, source, asked);
      tellBase(ctx, stated, merged);
      const environment = await readEnvironment(ctx, request);
      const { packageRoot, timeoutMs, fresh, keepGoing, repeat, autoConfig, fromNothing = false } = request;
      const machine = userMachine(request.tests);
      await proveExtraArgs(ctx, environment.arch, machine.qemuArgs);
      const tuned = tuneProfile(profile, suite.machine, machine, machine.qemuArgs);
      const fragments = await userFragments(ctx, request.tests);
      const plan: Plan = { source, series, older, merged, stated, suite, profile: tuned, fragments, repeat, environment, packageRoot, timeoutMs, fresh, fromNothing, keepGoing, autoConfig };
      const assemble = await work(plan, stopwatch);
      const { evidence, files } = assemble({
        ...{ respin: request.version, command: request.command, startedAt: startedAt.toISOString(), kernelSpec: request.kernel, request: evidenceRequest(request) },
        ...{ plan, timings: stopwatch.timings(), totalMs: clock.now() - begun, maintainers: await knownMaintainers(ctx, plan) },
      });
      const folder = request.out ?? join(evidenceHome(ctx), evidenceName(startedAt, [series.name, source.version, profile.name]));
      await writeEvidence(ctx, folder, evidence, files);
      return { evidence, folder };
    },
    { mode: 'shared' },
  );
}
