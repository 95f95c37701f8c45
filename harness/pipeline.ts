import { join } from 'node:path';
import type { Context } from './context.js';
import { usageError } from './errors.js';
import type { Evidence } from './evidence/schema.js';
import { evidenceHome, evidenceName, refuseUsedFolder, writeEvidence } from './evidence/write.js';
import { requireTools } from './host/install.js';
import { withLock } from './host/lock.js';
import { resolveSource } from './kernel/resolve.js';
import type { AcceleratorChoice, KernelSpec, SandboxChoice, Series, Suite } from './model.js';
import { assembleEvidence } from './run/assemble.js';
import { runBothSides } from './run/both-sides.js';
import { readEnvironment } from './run/environment.js';
import { readSeriesStack } from './series/read-stack.js';
import { parseKernelSpec } from './spec/kernel-spec.js';
import { findProfile } from './spec/profile.js';
import { findSuite, listSuites, suiteIn } from './spec/suite.js';
import { startStopwatch } from './stages.js';
import { decide } from './verdict/decide.js';

/** A run as the command line asks for it. */
export interface JudgeRequest {
  readonly kernel: string;
  readonly series: readonly string[];
  readonly profile: string;
  /** Undefined for the suite that the series names. */
  readonly suite: string | undefined;
  /** Limit of one boot in milliseconds. */
  readonly timeoutMs: number | undefined;
  readonly fresh: boolean;
  readonly keepGoing: boolean;
  readonly accelerator: AcceleratorChoice;
  readonly sandbox: SandboxChoice;
  /** Absolute path of the evidence folder; undefined for a new one. */
  readonly out: string | undefined;
  /** What relative paths are relative to. */
  readonly cwd: string;
  readonly packageRoot: string;
  /** Version of respin. */
  readonly version: string;
  /** What was typed. */
  readonly command: readonly string[];
}

export interface Judged {
  readonly evidence: Evidence;
  /** Where it lies. */
  readonly folder: string;
}

/** The kernel version as far as the request tells it, to refuse a wrong series before anything is fetched. */
function versionIn(spec: KernelSpec): string | undefined {
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

/** What is promised of a program that is for other profiles is promised there. */
function inProfile(series: Series, whole: Suite, profile: string): { readonly series: Series; readonly suite: Suite } {
  const { suite, left } = suiteIn(whole, profile);
  const elsewhere = new Set(left.flatMap(({ name, judge, tests }) => (judge === 'exit' ? [name] : tests)));
  const promises = Object.entries(series.promises).filter(([test]) => !elsewhere.has(test));
  return { series: { ...series, promises: Object.fromEntries(promises) }, suite };
}

async function readRequested(ctx: Context, request: JudgeRequest, kernelVersion: string): Promise<{ readonly series: Series; readonly suite: Suite }> {
  const { packageRoot, cwd } = request;
  const series = await readSeriesStack(ctx, { texts: request.series, packageRoot, kernelVersion, cwd });
  const name = request.suite ?? series.suite;
  if (name !== undefined) return inProfile(series, await findSuite(ctx, packageRoot, name), request.profile);
  const names = (await listSuites(ctx, packageRoot)).map((suite) => suite.name);
  throw usageError('suite.none', `the series ${series.name} names no suite to judge it with`, {
    hint: `name one with --suite; there is: ${names.join(', ')}`,
  });
}

/**
 * Judges series on a kernel: base and tip are built and booted, their tests and findings compared, and the evidence is
 * written. Every fault of the kernel or of the series is in the verdict.
 * @throws HarnessError `usage` for a request that is wrong; `host` for a host that failed; Interrupted
 */
export async function judge(ctx: Context, request: JudgeRequest): Promise<Judged> {
  const { clock } = ctx.effects;
  const begun = clock.now();
  const startedAt = clock.date();
  const stopwatch = startStopwatch(ctx);
  const spec = parseKernelSpec(request.kernel);
  const profile = findProfile(request.profile);
  if (request.out !== undefined) await refuseUsedFolder(ctx, request.out);
  if (request.suite !== undefined) await findSuite(ctx, request.packageRoot, request.suite);
  const early = versionIn(spec);
  if (early !== undefined) await readRequested(ctx, request, early);
  await requireTools(ctx);
  return withLock(
    ctx,
    'cache',
    async () => {
      const source = await stopwatch.measure('source', request.kernel, () => resolveSource(ctx, spec, { cwd: request.cwd }), ({ label }) => label);
      const { series, suite } = await readRequested(ctx, request, source.version);
      const environment = await readEnvironment(ctx, request);
      const { packageRoot, timeoutMs, fresh, keepGoing } = request;
      const plan = { source, series, suite, profile, environment, packageRoot, timeoutMs, fresh, keepGoing };
      const { base, tip, sides } = await runBothSides(ctx, stopwatch, plan);
      const { provider, version, label, digest, checks } = source;
      const { evidence, files } = assembleEvidence({
        ...{ respin: request.version, command: request.command, startedAt: startedAt.toISOString(), kernelSpec: request.kernel },
        source: { provider, version, label, digest, checks },
        ...{ series, suite, profile, environment, base, tip },
        verdict: decide(sides),
        timings: stopwatch.timings(),
        totalMs: clock.now() - begun,
      });
      const folder = request.out ?? join(evidenceHome(ctx), evidenceName(startedAt, [series.name, version, profile.name]));
      await writeEvidence(ctx, folder, evidence, files);
      return { evidence, folder };
    },
    { mode: 'shared' },
  );
}
