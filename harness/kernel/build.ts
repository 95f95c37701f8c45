import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import { cutShort, limitExceeded, runWatched, type BuildLimits } from '../host/build-limits.js';
import { openRoom, type Mount, type Room, type Sandbox } from '../host/sandbox.js';
import type { AddedLines, BuildOutcome, Configuration, KernelImage, KernelTree, Toolchain, TouchedFile } from '../model.js';
import { writeError } from '../store/atomic.js';
import { digestFile } from '../store/digest.js';
import { configureKernel, type ConfigFailed, type Fragment } from './kconfig.js';
import { diagnosticsOfBuild } from './build-diagnostics.js';
import { hostFaultOf } from './diagnostics.js';
import { buildEnv, makeVariables, type MakeSettings } from './make.js';
import { readMakeOutput } from './make-output.js';
import { checkObjects, recordObjects, VMLINUX, type ObjectRecord } from './object-records.js';
import { saveState, type Slot } from './slot.js';

/** Where a build sees things. The same everywhere, so that the same sources give the same bytes in any folder. */
const ROOM = { src: '/respin/src', objects: '/respin/obj', ccache: '/respin/ccache' };

export interface BuildRequest {
  readonly tree: KernelTree;
  /** The build folder. What the push told of it is in its state already. */
  readonly slot: Slot;
  /** Whose code runs in it, as a name; undefined for the kernel's alone. */
  readonly author: string | undefined;
  readonly limits: BuildLimits;
  readonly fragments: readonly Fragment[];
  readonly toolchain: Toolchain;
  readonly sandbox: Sandbox;
  readonly settings: MakeSettings;
  /** Where it keeps its objects; undefined to compile without them. */
  readonly ccache: string | undefined;
  readonly jobs: number;
  /** What the pushed series changed; empty for the base. */
  readonly touched: readonly TouchedFile[];
  readonly addedLines: readonly AddedLines[];
  /** Objects a build from nothing compiles, as far as is known; for the progress display. */
  readonly expectedObjects: number;
  /** Go on after an error, to see the other ones as well. */
  readonly keepGoing: boolean;
  /** Descriptor of the tree's lock. */
  readonly holds: readonly number[];
}

export type ConfiguredBuild =
  | { readonly kind: 'config'; readonly failed: ConfigFailed }
  /** Options did not come out as they were asked for, so that nothing was built: it would be another kernel. */
  | { readonly kind: 'missed'; readonly configuration: Configuration }
  | { readonly kind: 'build'; readonly configuration: Configuration; readonly outcome: BuildOutcome };

function mountsOf(tree: KernelTree, objects: string, ccache: string | undefined): readonly Mount[] {
  return [
    { host: tree.src, at: ROOM.src, access: 'read' },
    { host: objects, at: ROOM.objects, access: 'write' },
    ...(ccache === undefined ? [] : [{ host: ccache, at: ROOM.ccache, access: 'write' as const }]),
  ];
}

function makeArgs(request: BuildRequest, room: Room): readonly string[] {
  return [
    `-j${request.jobs}`,
    '--output-sync=target',
    ...(request.keepGoing ? ['-k'] : []),
    ...['-C', room.path(request.tree.src), `O=${room.path(request.slot.objects)}`],
    ...makeVariables(request.settings),
    'vmlinux',
  ];
}

/** Copies vmlinux out of the build folder, under its digest. */
async function keepImage(ctx: Context, vmlinux: string): Promise<KernelImage> {
  const { files } = ctx.effects;
  const stat = await files.lstat(vmlinux);
  if (!stat.isFile()) throw hostError('image.not-plain', `${vmlinux} is no regular file`, { hint: 'remove the build folder with: respin cache prune' });
  const digest = await digestFile(ctx.effects, vmlinux);
  const path = join(ctx.cache.images, digest, 'vmlinux');
  const image = { path, digest, bytes: stat.size };
  // An image that is there may have been damaged since: what is booted must be what was built.
  if ((await digestFile(ctx.effects, path).catch(() => undefined)) === digest) return image;
  const temporary = join(ctx.cache.tmp, `image-${randomUUID()}`);
  try {
    await files.mkdir(ctx.cache.tmp, { recursive: true });
    await files.mkdir(dirname(path), { recursive: true });
    await files.copyFile(vmlinux, temporary);
    await files.rename(temporary, path);
  } catch (thrown) {
    await files.rm(temporary, { force: true });
    throw writeError(path, thrown);
  }
  return image;
}

/** One make, from where the slot was left. */
async function make(ctx: Context, request: BuildRequest, room: Room): Promise<BuildOutcome> {
  const begun = ctx.effects.clock.now();
  const begunAt = ctx.effects.clock.date().getTime();
  const output = readMakeOutput();
  const log: string[] = [];
  const { slot } = request;
  const expected = slot.state.objects === 0 ? request.expectedObjects : undefined;
  const args = makeArgs(request, room);
  const done = await runWatched(
    ctx,
    room.command({
      file: 'make',
      args,
      env: buildEnv(room, request.ccache),
      cwd: slot.objects,
      holds: request.holds,
      keepBytes: 64 * 1024,
      onLine: (line) => {
        const before = output.objects();
        output.add(line);
        log.push(line);
        if (output.objects() !== before) ctx.progress({ type: 'build', done: output.objects(), expected });
      },
    }),
    { folder: slot.objects, limits: request.limits },
  );
  if (done.exceeded !== undefined) throw limitExceeded('building the kernel', done.exceeded);
  const ms = ctx.effects.clock.now() - begun;
  const fault = hostFaultOf(done, log);
  const succeeded = done.exitCode === 0;
  const roots = [room.path(request.tree.src), room.path(slot.objects)];
  const diagnostics = diagnosticsOfBuild(slot.state.diagnostics, output.byObject(), roots, request.addedLines);
  const objects = slot.state.objects === 0 && succeeded ? output.objects() : slot.state.objects;
  await saveState(ctx, slot, { seen: slot.state.seen, diagnostics: diagnostics.kept, objects }, begunAt + ms);
  if (fault !== undefined) throw cutShort('build.host', 'the build', fault, output.tail().join('\n'));
  const argv = ['make', ...args];
  const shared = { diagnostics: diagnostics.all, ms, argv, log: `${log.join('\n')}\n` };
  if (!succeeded) return { kind: 'build-failed', ...shared, tail: output.tail() };
  const image = await keepImage(ctx, join(slot.objects, 'vmlinux'));
  return { kind: 'built', ...shared, image, objects: output.objects(), reused: false };
}

/** The room of a build: paths in what make writes are those that it saw. */
export function buildRoom({ sandbox, tree, slot, ccache }: Pick<BuildRequest, 'sandbox' | 'tree' | 'ccache'> & { readonly slot: Pick<Slot, 'objects'> }): Room {
  return openRoom(sandbox, mountsOf(tree, slot.objects, ccache));
}

/**
 * Configures and builds `vmlinux` of the tree as it is now, in the build folder of this slot.
 * The caller holds the tree's lock.
 * @throws HarnessError `host` `build.host` when the host, not the code, ended the build; `build.limit-…` when it took too much
 */
export async function buildKernel(ctx: Context, request: BuildRequest): Promise<ConfiguredBuild> {
  const { tree, slot, toolchain, fragments, touched, holds, ccache, author, limits, jobs } = request;
  if (ccache !== undefined) await ctx.effects.files.mkdir(ccache, { recursive: true });
  const left = await checkObjects(ctx, slot);
  const room = buildRoom(request);
  const configuration = await configureKernel(ctx, {
    ...{ tree, objects: slot.objects, room, fragments, toolchain, touched, holds, author, limits, jobs },
    settings: request.settings,
  });
  const built = await buildConfigured(ctx, request, room, configuration);
  await recordObjects(ctx, slot, isUnchanged(built, left) ? left : undefined);
  return built;
}

async function buildConfigured(ctx: Context, request: BuildRequest, room: Room, configuration: Configuration | ConfigFailed): Promise<ConfiguredBuild> {
  if ('kind' in configuration) return { kind: 'config', failed: configuration };
  if (configuration.misses.length > 0) return { kind: 'missed', configuration };
  return { kind: 'build', configuration, outcome: await make(ctx, request, room) };
}

/** Whether make had nothing to do. */
function isUnchanged(built: ConfiguredBuild, left: ObjectRecord | undefined): boolean {
  return built.kind === 'build' && built.outcome.kind === 'built' && built.outcome.objects === 0 && built.outcome.image.digest === left?.[VMLINUX];
}
