import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../context.js';
import { EVIDENCE_VERSION } from '../evidence/schema.js';
import { checkReportSchema, type CheckedKernel, type CheckedPatch, type CheckReport } from '../evidence/check-schema.js';
import { withLock } from '../host/lock.js';
import { proveSandbox, type Sandbox } from '../host/sandbox.js';
import { explainNeeds } from '../kernel/explain-needs.js';
import { readKconfig } from '../kernel/kconfig-entries.js';
import { openNeeds, type TreeReader } from '../kernel/needs.js';
import { resolveSource } from '../kernel/resolve.js';
import { treeLockName } from '../kernel/tree.js';
import { openTreeScripts, type CheckpatchOutcome, type TreeScripts } from '../kernel/tree-scripts.js';
import type { KernelSource, KernelTree, Patch, SandboxChoice, Series } from '../model.js';
import { maintainersEvidence, rejectedEvidence } from '../run/assemble.js';
import { openHealed } from '../run/healed-tree.js';
import { asMail } from '../series/as-mail.js';
import { diffBytes } from '../series/patches.js';
import type { Gathered } from '../series/gather.js';
import { readSeriesStack } from '../series/read-stack.js';
import { withScratch } from '../series/scratch.js';
import { checkStated } from '../series/check-stated.js';
import { surveySeries, type Survey, type SurveyedPatch } from '../series/survey.js';
import { count } from '../spec/count.js';
import { parseKernelSpec } from '../spec/kernel-spec.js';
import { startStopwatch, type Stopwatch } from '../stages.js';

/** A check as the command line asks for it. */
export interface CheckRequest {
  readonly kernels: readonly string[];
  readonly series: readonly string[];
  /** The version of a series that is wanted of a thread; undefined for the newest. */
  readonly seriesVersion: number | undefined;
  readonly sandbox: SandboxChoice;
  readonly cwd: string;
  readonly packageRoot: string;
  /** Version of respin. */
  readonly version: string;
  readonly command: readonly string[];
}

/** The tree with the series on it, as far as it applies. */
function readerOf(ctx: Context, tree: KernelTree, { contents, patches }: Survey): TreeReader {
  const { files } = ctx.effects;
  const named = new Set(patches.flatMap(({ patch }) => patch.files.flatMap(({ from, to }) => [from, to])));
  return {
    read: async (path) => {
      if (named.has(path)) return contents.get(path);
      return files.readFile(join(tree.src, path), 'utf8').catch(() => undefined);
    },
    list: async (folder) => {
      const there = await files.readdir(join(tree.src, folder)).catch((): string[] => []);
      const added = [...contents.keys()].filter((path) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/'));
      return [...new Set([...there, ...added.map((path) => path.slice(folder.length + 1))])];
    },
  };
}

/** Runs a few at once, in order. */
async function inBatches<T, R>(items: readonly T[], atOnce: number, body: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += atOnce) results.push(...(await Promise.all(items.slice(start, start + atOnce).map(body))));
  return results;
}

interface Said {
  readonly checkpatch: ReadonlyMap<Patch, CheckpatchOutcome>;
  readonly maintainers: Awaited<ReturnType<TreeScripts['maintainers']>>;
}

/** A diff alone stays one: nothing is made up for checkpatch.pl to complain of. */
function forScripts(patch: Patch, total: number): Uint8Array {
  return patch.message === '' && patch.author === undefined ? diffBytes(patch) : asMail(patch, total);
}

async function askScripts(ctx: Context, sandbox: Sandbox, tree: KernelTree, { patches }: Series): Promise<Said> {
  return withScratch(ctx, 'check', async (folder) => {
    const scripts = openTreeScripts(ctx, sandbox, tree, folder);
    const named = patches.map((patch, index) => ({ patch, name: `${String(index + 1).padStart(4, '0')}.patch` }));
    for (const { patch, name } of named) await ctx.effects.files.writeFile(join(folder, name), forScripts(patch, patches.length));
    const maintainers = scripts.maintainers(named.map(({ name }) => name));
    const outcomes = await inBatches(named, availableParallelism(), async ({ patch, name }) => [patch, await scripts.checkpatch(name)] as const);
    return { checkpatch: new Map(outcomes), maintainers: await maintainers };
  });
}

function patchReport({ patch, outcome }: SurveyedPatch, said: Said): CheckedPatch {
  const checkpatch = said.checkpatch.get(patch);
  return {
    ...{ number: patch.number, subject: patch.subject, digest: patch.digest, outcome: outcome.kind },
    behind: outcome.kind === 'blocked' ? outcome.behind : undefined,
    rejected: outcome.kind === 'rejected' ? rejectedEvidence(outcome.rejected) : undefined,
    checkpatch: checkpatch?.kind === 'ran' ? { ...checkpatch, messages: checkpatch.messages.map((message) => ({ ...message })) } : checkpatch,
  };
}

async function checkOn(ctx: Context, stopwatch: Stopwatch, sandbox: Sandbox, request: CheckRequest, spec: string, source: KernelSource, kept: Map<string, Gathered>): Promise<CheckedKernel> {
  const begun = ctx.effects.clock.now();
  const { packageRoot, cwd } = request;
  const series = await readSeriesStack(ctx, { texts: request.series, packageRoot, kernelVersion: source.version, cwd, version: request.seriesVersion, kept });
  return withLock(ctx, treeLockName(source), async () => {
    const tree = await stopwatch.measure('tree', source.version, () => openHealed(ctx, source), ({ source: { label } }) => label);
    const applied = (survey: Survey): string => `${survey.patches.filter(({ outcome }) => outcome.kind.startsWith('applies')).length} of ${count(survey.patches.length, 'patch applies', 'patches apply')}`;
    const survey = await stopwatch.measure('series', series.name, () => surveySeries(ctx, { tree, source, series }), applied);
    const said = await askScripts(ctx, sandbox, tree, series);
    const reader = readerOf(ctx, tree, survey);
    const paths = [...new Set(survey.patches.flatMap(({ patch }) => patch.files.map(({ from, to }) => to ?? from)))].filter((path) => path !== undefined);
    const files = await explainNeeds(openNeeds(reader), await readKconfig(reader.read), paths.sort());
    return {
      ...{ spec, version: source.version, label: source.label, digest: source.digest, checks: source.checks.map((check) => ({ ...check })) },
      series: { name: series.name, title: series.title, origin: series.origin, digest: series.digest, notes: [...series.notes] },
      stated: (await checkStated(ctx, source, series)).map((check) => ({ ...check })),
      patches: survey.patches.map((one) => patchReport(one, said)),
      files: files.map((file) => ({ ...file, options: file.options.map((option) => ({ ...option })) })),
      maintainers: maintainersEvidence(said.maintainers),
      ms: ctx.effects.clock.now() - begun,
    };
  });
}

/** What was not looked at is not clean, and no fault of the series. */
function exitCodeOf(kernels: readonly CheckedKernel[]): CheckReport['exitCode'] {
  const patches = kernels.flatMap((kernel) => kernel.patches);
  if (patches.some(({ outcome, checkpatch }) => !outcome.startsWith('applies') || (checkpatch?.kind === 'ran' && checkpatch.errors > 0))) return 1;
  return patches.some(({ checkpatch }) => checkpatch?.kind === 'not-run') ? 3 : 0;
}

/**
 * All that can be known of series without a build, on every kernel that is named: which patches apply and why others do
 * not, what checkpatch.pl and get_maintainer.pl of the tree say, and what the touched files need to be compiled.
 * @throws HarnessError `usage` for a series that cannot be read and a kernel that is none; `host` for a host that failed
 */
export async function checkSeries(ctx: Context, request: CheckRequest): Promise<CheckReport> {
  const begun = ctx.effects.clock.now();
  const startedAt = ctx.effects.clock.date().toISOString();
  const stopwatch = startStopwatch(ctx);
  const specs = request.kernels.map((text) => ({ text, spec: parseKernelSpec(text) }));
  const sandbox = await proveSandbox(ctx, request.sandbox);
  // Standard input and what is fetched are read once, whatever the number of kernels.
  const kept = new Map<string, Gathered>();
  return withLock(
    ctx,
    'cache',
    async () => {
      const kernels: CheckedKernel[] = [];
      for (const { text, spec } of specs) {
        const source = await stopwatch.measure('source', text, () => resolveSource(ctx, spec, { cwd: request.cwd }), ({ label }) => label);
        kernels.push(await checkOn(ctx, stopwatch, sandbox, request, text, source, kept));
      }
      const totalMs = ctx.effects.clock.now() - begun;
      return checkReportSchema.parse({
        ...{ version: EVIDENCE_VERSION, kind: 'check', respin: request.version, command: [...request.command], startedAt, exitCode: exitCodeOf(kernels), kernels, totalMs },
      });
    },
    { mode: 'shared' },
  );
}
