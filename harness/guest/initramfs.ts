import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { errnoOf, hostError, messageOf, usageError } from '../errors.js';
import { packageRoot } from '../host/package-root.js';
import { openRoom } from '../host/sandbox.js';
import type { GuestImage, GuestProgram, LeftOut } from '../model.js';
import { readJson, writeAtomically } from '../store/atomic.js';
import { digestFile, digestOf, keyOf } from '../store/digest.js';
import { readPlainFile } from '../store/plain-file.js';
import { ROOM, type CompiledProgram, type CompileTools } from './compile.js';
import { isStaticElf } from './elf.js';
import type { MadeProgram } from './make-programs.js';
import { compileGenInitCpio, compileRunner } from './programs.js';

/** A file of the guest. */
export interface GuestFile {
  /** Absolute path in the guest. */
  readonly guestPath: string;
  /** Where gen_init_cpio finds it. */
  readonly from: string;
  readonly mode: '0644' | '0755';
}

export interface InitramfsRequest {
  /** Folder of the kernel's sources, for its gen_init_cpio. */
  readonly tree: string;
  readonly tools: CompileTools;
  /** In the order in which they run. None makes an image for a shell. */
  readonly programs: readonly MadeProgram[];
  readonly leftOut?: readonly LeftOut[] | undefined;
  /** Default: where Debian's busybox-static has it. */
  readonly busybox?: string | undefined;
}

const FOLDERS: readonly string[] = [
  ...['/dev 0755', '/proc 0555', '/sys 0555', '/tmp 1777', '/bin 0755', '/etc 0755', '/root 0700', '/respin 0755'],
  '/respin/bin 0755',
];
/** What is there before devtmpfs is, or without it. */
const DEVICES: readonly string[] = [
  '/dev/console 0600 0 0 c 5 1',
  '/dev/null 0666 0 0 c 1 3',
  '/dev/zero 0666 0 0 c 1 5',
  '/dev/kmsg 0600 0 0 c 1 11',
  '/dev/ttyS0 0600 0 0 c 4 64',
  '/dev/ttyS1 0600 0 0 c 4 65',
];

/** The folders that have to be made for these files, each after the one that holds it. */
function foldersFor(files: readonly GuestFile[]): readonly string[] {
  const given = new Set(FOLDERS.map((line) => line.split(' ')[0] ?? ''));
  const wanted = new Set<string>();
  for (const { guestPath } of files) {
    const parts = guestPath.split('/').slice(1, -1);
    for (const index of parts.keys()) wanted.add(`/${parts.slice(0, index + 1).join('/')}`);
  }
  return [...wanted].filter((folder) => !given.has(folder) && !LINKED.includes(folder)).sort();
}

/** Where else a script looks for the commands of /bin. */
const LINKED: readonly string[] = ['/sbin', '/usr/bin', '/usr/sbin'];

/**
 * What usr/gen_init_cpio is told to write (its usage text in usr/gen_init_cpio.c).
 * @param commands the names under which busybox is there for scripts; none when there is no script
 */
export function initramfsSpec(files: readonly GuestFile[], commands: readonly string[] = []): string {
  const links = commands.filter((name) => /^[\w[.+-]+$/.test(name) && name !== 'sh' && name !== 'busybox');
  const lines = [
    ...FOLDERS.map((folder) => `dir ${folder} 0 0`),
    ...(commands.length === 0 ? [] : ['dir /usr 0755 0 0', ...LINKED.map((path) => `slink ${path} /bin 0777 0 0`)]),
    ...foldersFor(files).filter((folder) => commands.length === 0 || folder !== '/usr').map((folder) => `dir ${folder} 0755 0 0`),
    ...DEVICES.map((device) => `nod ${device}`),
    'slink /bin/sh busybox 0777 0 0',
    ...links.map((name) => `slink /bin/${name} busybox 0777 0 0`),
    ...files.map(({ guestPath, from, mode }) => `file ${guestPath} ${from} ${mode} 0 0`),
  ];
  return `${lines.join('\n')}\n`;
}

/** LINE_MAX_BYTES of rootfs/guest/runner.c. */
const LINE_MAX_BYTES = 32_768;

function escaped(field: string): string {
  return field.replace(/[\\\t\n]/g, (char) => ({ '\t': '\\t', '\n': '\\n' })[char] ?? '\\\\');
}

/**
 * The runner's list: name, time limit in milliseconds, folder, environment, path, arguments; between tabs
 * (rootfs/guest/runner.c).
 */
export function programList(programs: readonly GuestProgram[]): string {
  return programs
    .map(({ name, timeoutMs, cwd, env, path, args = [] }) => {
      const fields = [name, String(Math.ceil(timeoutMs)), ...(cwd === undefined ? [] : [`@${cwd}`]), ...env, path, ...args];
      const line = `${fields.map(escaped).join('\t')}\n`;
      if (Buffer.byteLength(line) < LINE_MAX_BYTES) return line;
      throw usageError('suite.invalid', `the arguments and the environment of ${name} are too long: ${line.length} bytes`, { hint: `all of them together may have ${LINE_MAX_BYTES}` });
    })
    .join('');
}

/**
 * The distribution's busybox, which must not need libraries.
 * @throws HarnessError `host` `busybox.missing`, `busybox.dynamic`
 */
async function readBusybox(ctx: Context, path: string): Promise<Buffer> {
  const hint = 'apt-get install busybox-static';
  let bytes: Buffer;
  try {
    bytes = await ctx.effects.files.readFile(path);
  } catch (cause) {
    const what = errnoOf(cause) === 'ENOENT' ? 'is not there' : messageOf(cause);
    throw hostError('busybox.missing', `the guest's busybox, ${path}: ${what}`, { cause, hint });
  }
  if (isStaticElf(bytes)) return bytes;
  throw hostError('busybox.dynamic', `${path} needs shared libraries, and the guest has none`, { hint });
}

/** A file of the archive with its content, before it has a place on the host. */
interface Content extends Omit<GuestFile, 'from'> {
  readonly content: Buffer | string;
}

async function collectContents(ctx: Context, request: InitramfsRequest): Promise<readonly Content[]> {
  const { files } = ctx.effects;
  const runner = await compileRunner(ctx, request.tools);
  // Programs of one target share what lies beside them.
  const packed = new Map(request.programs.flatMap((made) => made.files.map((file) => [file.guestPath, file])));
  const contents = [...packed.values()].map(async ({ guestPath, path, mode }): Promise<Content> => ({ guestPath, mode, content: await files.readFile(path) }));
  return [
    { guestPath: '/init', mode: '0755', content: await files.readFile(join(packageRoot(), 'rootfs', 'guest', 'init')) },
    { guestPath: '/bin/busybox', mode: '0755', content: await readBusybox(ctx, request.busybox ?? BUSYBOX) },
    { guestPath: '/respin/runner', mode: '0755', content: await files.readFile(runner.path) },
    { guestPath: '/respin/programs', mode: '0644', content: programList(request.programs.map(({ program }) => program)) },
    ...(await Promise.all(contents)),
  ];
}

const BUSYBOX = '/bin/busybox';

/** The names that busybox answers to, for programs that look for commands in PATH. */
async function commandsOf(ctx: Context, { busybox = BUSYBOX, programs }: InitramfsRequest): Promise<readonly string[]> {
  if (!programs.some(({ wantsCommands }) => wantsCommands)) return [];
  const done = await ctx.effects.processes.run({ file: busybox, args: ['--list'], timeoutMs: 20_000 });
  return done.stdout.split('\n').filter((name) => name !== '').sort();
}

const recordSchema = z.object({ version: z.literal(1), digest: z.string() });

/**
 * The initramfs for some programs, named by its digest in the cache. Written by the tree's own gen_init_cpio without root,
 * the same byte for byte for the same content.
 * @throws HarnessError `host` `busybox.missing`, `busybox.dynamic`, `initramfs.failed`, and as `compile`
 */
export async function buildInitramfs(ctx: Context, request: InitramfsRequest): Promise<GuestImage> {
  const programs = request.programs.map(({ program }) => program);
  const { leftOut = [] } = request;
  const writer = await compileGenInitCpio(ctx, request.tools, request.tree);
  const contents = await collectContents(ctx, request);
  const files = contents.map(({ guestPath, mode }, index) => ({ guestPath, mode, from: `file${String(index)}` }));
  const spec = initramfsSpec(files, await commandsOf(ctx, request));
  const key = keyOf({ spec, writer: writer.digest, contents: contents.map(({ content }) => digestOf(content)) });
  const recordPath = join(ctx.cache.initramfs, `${key}.json`);
  const pathOf = (digest: string): string => join(ctx.cache.initramfs, `${digest}.cpio`);

  const known = await readJson(ctx, recordPath, recordSchema);
  if (known && (await digestFile(ctx.effects, pathOf(known.digest)).catch(() => undefined)) === known.digest) {
    return { path: pathOf(known.digest), digest: known.digest, programs, leftOut };
  }
  const bytes = await writeArchive(ctx, request.tools, writer, spec, contents);
  const digest = digestOf(bytes);
  await writeAtomically(ctx, pathOf(digest), bytes);
  await writeAtomically(ctx, recordPath, JSON.stringify({ version: 1, digest }));
  return { path: pathOf(digest), digest, programs, leftOut };
}

async function writeArchive(
  ctx: Context,
  tools: CompileTools,
  writer: CompiledProgram,
  spec: string,
  contents: readonly Content[],
): Promise<Buffer> {
  const { files, processes } = ctx.effects;
  const stage = join(ctx.cache.tmp, `initramfs-${randomUUID()}`);
  await files.mkdir(stage, { recursive: true });
  try {
    await files.copyFile(writer.path, join(stage, 'gen_init_cpio'));
    await files.chmod(join(stage, 'gen_init_cpio'), 0o755);
    await files.writeFile(join(stage, 'spec'), spec);
    for (const [index, { content }] of contents.entries()) {
      const path = join(stage, `file${String(index)}`);
      await files.writeFile(path, content);
      // Older ones keep a file's own time in spite of -t.
      await files.utimes(path, 0, 0);
    }
    const room = openRoom(tools.sandbox, [{ host: stage, at: ROOM.out, access: 'write' }]);
    const script = 'exec ./gen_init_cpio -t 0 spec >archive';
    const done = await processes.run({
      ...room.command({ file: '/bin/sh', args: ['-c', script], cwd: stage }),
      timeoutMs: 60_000,
    });
    if (done.exitCode !== 0) {
      throw hostError('initramfs.failed', `gen_init_cpio of the tree failed: ${done.stderr.trim().split('\n').at(-1) ?? ''}`, {
        output: done.stderr,
        hint: 'is the disk full? is usr/gen_init_cpio.c changed by a series?',
      });
    }
    return await readPlainFile(ctx.effects, join(stage, 'archive'));
  } finally {
    await files.rm(stage, { recursive: true, force: true });
  }
}
