import { join } from 'node:path';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { ROOM, type ProgramFailed } from '../guest/compile.js';
import { buildInitramfs } from '../guest/initramfs.js';
import { makePrograms, type ProgramsOutcome } from '../guest/make-programs.js';
import { buildKernel, buildRoom, type BuildRequest } from '../kernel/build.js';
import { parseDiagnostics } from '../kernel/diagnostics.js';
import { parseFragment } from '../kernel/fragment.js';
import type { Fragment } from '../kernel/kconfig.js';
import { shadowingHeaders } from '../kernel/shadowing.js';
import { looksOld, openSlot, saveState, unlessSpoilt, type Slot } from '../kernel/slot.js';
import type { AddedLines, BuildOutcome, SeenFile, TouchedFile } from '../model.js';
import { popSeries, pushSeries } from '../series/push.js';
import { count } from '../spec/count.js';
import type { Stopwatch } from '../stages.js';
import { keyOf } from '../store/digest.js';
import { rememberLastBuild } from '../store/last-build.js';
import { autoFragment } from './auto-fragment.js';
import { authorOf, isBase, isPristine, slotOf } from './build-folder.js';
import { coverageOf } from './coverage.js';
import { knownImage, knownSide, rememberGuest, rememberImage } from './known-side.js';
import type { KnownImage, PreparedSide, SideRequest } from './side.js';

type FailedSide = Extract<PreparedSide, { kind: 'failed' }>;

/** What was made while the series was on the tree. */
type Made = { readonly kind: 'made'; readonly image: KnownImage; readonly programs: Extract<ProgramsOutcome, { kind: 'made' }> } | FailedSide;

interface Pushed {
  readonly touched: readonly TouchedFile[];
  readonly addedLines: readonly AddedLines[];
  readonly seen: readonly SeenFile[];
}

const NOT_PUSHED: Pushed = { touched: [], addedLines: [], seen: [] };

/** The configuration of a side, piece by piece. */
export async function fragmentsOf(
  ctx: Context,
  { environment, profile, suite, packageRoot, fragments, varying = [], series, lastPatch, auto }: Omit<SideRequest, 'what'>,
): Promise<readonly Fragment[]> {
  const base = await ctx.effects.files.readFile(join(packageRoot, environment.arch.configFile), 'utf8');
  // Every side is configured alike, also with the options that a later patch brings.
  const isEarly = series.patches.length < lastPatch;
  return [
    { name: environment.arch.configFile, text: base },
    { name: `profile ${profile.name}`, text: profile.config },
    ...[{ name: `suite ${suite.name}`, text: suite.config }, ...fragments].map((fragment) => (isEarly ? { ...fragment, optional: true } : fragment)),
    ...(auto === undefined || Object.keys(auto.settings).length === 0 ? [] : [autoFragment(auto.settings)]),
    ...varying,
  ];
}

/** The build folder of a side, with what is known of it (`objectsIn`). */
export async function slotHome(ctx: Context, request: Omit<SideRequest, 'what'>): Promise<string> {
  return join(slotsFolder(request, await fragmentsOf(ctx, request)), slotOf(request).name);
}

/** The build folders of one configuration: named by what make would build everything anew for. */
function slotsFolder({ tree, profile, environment, varying = [] }: Omit<SideRequest, 'what'>, fragments: readonly Fragment[]): string {
  const options = [...parseFragment(fragments.filter((fragment) => !varying.includes(fragment)).map(({ text }) => text).join('\n'))];
  const key = keyOf({ options, toolchain: environment.toolchain.digest, variables: profile.makeVariables });
  return join(tree.home, 'objects', `${profile.name}-${key.slice(0, 16)}`);
}

function programFailure(request: SideRequest, failed: ProgramFailed, addedLines: readonly AddedLines[]): Extract<BuildOutcome, { kind: 'build-failed' }> {
  const diagnostics = parseDiagnostics(failed.output, [ROOM.tree, ROOM.source, ROOM.probes, request.tree.src], addedLines);
  return { kind: 'build-failed', diagnostics, tail: failed.output, ms: 0, argv: failed.argv, log: `${failed.output.join('\n')}\n` };
}

async function makeKernel(ctx: Context, request: SideRequest, fragments: readonly Fragment[], slot: Slot, pushed: Pushed): Promise<FailedSide | KnownImage> {
  const { tree, environment, keepGoing, lock } = request;
  const { toolchain, sandbox, hasCcache, jobs, limits } = environment;
  const build: BuildRequest = {
    ...{ tree, slot, fragments, toolchain, sandbox, jobs, keepGoing, limits, author: authorOf(request) },
    ...{ touched: pushed.touched, addedLines: pushed.addedLines, holds: [lock.fd] },
    settings: { hasCcache, variables: request.profile.makeVariables },
    // A patch author's code runs in the build: what it left in ccache, later builds would take for good. And ccache does
    // not see that another tree has a header that is found earlier: each source has its own.
    ccache: isPristine(request.series) && hasCcache ? join(ctx.cache.ccache, tree.source.digest.slice(0, 16)) : undefined,
    expectedObjects: request.profile.objects,
  };
  const done = await buildKernel(ctx, build);
  if (done.kind === 'config') {
    const { detail } = done.failed;
    return { kind: 'failed', record: { configFailure: detail, boots: [] }, outcome: { kind: 'config-failed', misses: [], detail } };
  }
  if (done.kind === 'missed') {
    const { configuration } = done;
    return { kind: 'failed', record: { configuration, boots: [] }, outcome: { kind: 'config-failed', misses: configuration.misses, detail: '' } };
  }
  const { configuration, outcome } = done;
  if (outcome.kind === 'build-failed') {
    const { diagnostics, tail } = outcome;
    return { kind: 'failed', record: { configuration, build: outcome, boots: [] }, outcome: { kind: 'build-failed', what: 'vmlinux', diagnostics, tail } };
  }
  const place = { tree, objects: slot.objects, room: buildRoom(build) };
  const coverage = isBase(request.series) ? undefined : await coverageOf(ctx, place, request.series, configuration.text);
  const image: KnownImage = { configuration, build: outcome, coverage };
  await rememberImage(ctx, request, fragments, image);
  return image;
}

/** Compiles what goes into the guest, against the tree as it is now. */
async function compilePrograms(ctx: Context, request: SideRequest): Promise<ProgramsOutcome> {
  const { tree, environment, suite } = request;
  const tools = { sandbox: environment.sandbox, limits: environment.limits, compiler: environment.toolchain.digest, author: authorOf(request) };
  return makePrograms(ctx, tools, tree.src, suite.programs, request.profile.slowness);
}

function withPrograms(request: SideRequest, image: KnownImage, compiled: ProgramsOutcome, pushed: Pushed): Made {
  const { suite } = request;
  const { configuration, build } = image;
  if (compiled.kind === 'made') return { kind: 'made', image, programs: compiled };
  const own = suite.programs.find(({ name }) => name === compiled.name);
  if (own?.from.kind === 'source' && isBase(request.series)) {
    throw usageError('suite.program', `the program ${compiled.name} of the suite ${suite.name} does not compile: ${own.from.path}`, {
      output: compiled.output.join('\n'),
      hint: 'mend it, or run another suite with --suite',
    });
  }
  const failed = programFailure(request, compiled, pushed.addedLines);
  const { diagnostics, tail } = failed;
  return {
    kind: 'failed',
    record: { configuration, build, program: { name: compiled.name, failed }, boots: [] },
    outcome: { kind: 'build-failed', what: `the test program ${compiled.name}`, diagnostics, tail },
  };
}

/** Makes kernel and programs side by side: to configure and to link take one core for seconds. */
async function makeBoth(ctx: Context, request: SideRequest, fragments: readonly Fragment[], slot: Slot, pushed: Pushed): Promise<Made> {
  // Nothing may be at work on the tree when the series is popped.
  const working = [makeKernel(ctx, request, fragments, slot, pushed), compilePrograms(ctx, request)] as const;
  await Promise.allSettled(working);
  const made = await working[0];
  return 'kind' in made ? made : withPrograms(request, made, await working[1], pushed);
}

/** Pushes the series for as long as `body` runs; whatever happens, the tree is the base again afterwards. */
async function whilePushed(
  ctx: Context,
  request: SideRequest,
  seen: readonly SeenFile[],
  body: (pushed: Pushed) => Promise<Made>,
): Promise<Made> {
  const { tree, series } = request;
  if (isPristine(series)) return body(NOT_PUSHED);
  const outcome = await pushSeries(ctx, tree, series, seen);
  if (outcome.kind === 'rejected') {
    return { kind: 'failed', record: { rejected: outcome.rejected, boots: [] }, outcome };
  }
  try {
    return await body(outcome);
  } finally {
    await popSeries(ctx, tree);
  }
}

async function makeSide(ctx: Context, request: SideRequest, fragments: readonly Fragment[], image: KnownImage | undefined): Promise<Made> {
  if (image) return whilePushed(ctx, request, [], async (pushed) => withPrograms(request, image, await compilePrograms(ctx, request), pushed));
  const folder = slotsFolder(request, fragments);
  const { name, seed } = slotOf(request);
  const slot = await openSlot(ctx, folder, name, { seed, anew: false });
  return whilePushed(ctx, request, slot.state.seen, async (pushed) => {
    const shadowing = await shadowingHeaders(ctx, request.tree, pushed.touched);
    const isBehind = looksOld(slot, pushed.seen);
    if (isBehind) ctx.progress({ type: 'notice', level: 'info', text: 'built from nothing: the clock of this host was put back' });
    const anew = shadowing.length > 0 || isBehind || request.fromNothing;
    if (shadowing.length > 0) {
      const text = `built from nothing: the series adds or removes a header that has a namesake: ${shadowing.join(', ')}`;
      ctx.progress({ type: 'notice', level: 'info', text });
    }
    const used = anew ? await openSlot(ctx, folder, name, { anew }) : slot;
    const state = { ...used.state, seen: pushed.seen };
    await saveState(ctx, used, state);
    return unlessSpoilt(ctx, used, () => makeBoth(ctx, request, fragments, { ...used, state }, pushed));
  });
}

function buildOutcomeText(prepared: PreparedSide): string {
  if (prepared.kind === 'failed') return prepared.outcome.kind === 'rejected' ? 'does not apply' : 'failed';
  if (prepared.build.reused) return 'reused';
  return prepared.build.objects === 0 ? 'nothing to do' : count(prepared.build.objects, 'object');
}

/**
 * Builds kernel and initramfs of one side, or takes them from the cache. The caller holds the tree's lock, and the tree
 * is its base before and after.
 * @throws HarnessError `host` as its parts; `usage` `suite.program` when a program of the suite itself is at fault
 */
export async function prepareSide(ctx: Context, stopwatch: Stopwatch, request: SideRequest): Promise<PreparedSide> {
  const { what, tree, environment } = request;
  return stopwatch.measure(
    'build',
    what,
    async (): Promise<PreparedSide> => {
      const fragments = await fragmentsOf(ctx, request);
      const { auto } = request;
      const image = request.fresh ? undefined : await knownImage(ctx, request, fragments);
      const known = image && (await knownSide(ctx, request, fragments, image));
      if (known) {
        const { configuration, build, guest, coverage } = known;
        return { kind: 'ready', build, guest, record: { configuration, auto, build, guest, coverage, boots: [] } };
      }
      const made = await makeSide(ctx, request, fragments, image);
      if (made.kind === 'failed') return { ...made, record: { ...made.record, auto } };
      const { programs } = made;
      const { configuration, build, coverage } = made.image;
      // The tree is its base again: what packs the tip's initramfs is not the tip's own code.
      const guest = await buildInitramfs(ctx, {
        tree: tree.src,
        tools: { sandbox: environment.sandbox, limits: environment.limits, compiler: environment.toolchain.digest },
        ...{ programs: programs.programs, leftOut: programs.leftOut },
      });
      await rememberLastBuild(ctx, {
        ...{ vmlinux: build.image.path, tree: tree.src, profile: request.profile.name },
        label: `${tree.source.version}${isBase(request.series) ? '' : ` with ${request.series.name}`}, profile ${request.profile.name}`,
      });
      await rememberGuest(ctx, request, fragments, { guest, reads: programs.reads });
      return { kind: 'ready', record: { configuration, auto, build, guest, coverage, boots: [] }, build, guest };
    },
    buildOutcomeText,
  );
}
