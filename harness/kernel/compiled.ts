import { basename, dirname, join, relative } from 'node:path';
import type { Context } from '../context.js';
import type { Room } from '../host/sandbox.js';
import { hostError } from '../errors.js';
import { readPlainFile } from '../store/plain-file.js';
import { literalPattern } from './literal.js';

const LIMIT_MS = 120_000;
/** A header that so many objects read is read. */
const MOST_READERS = 60;

/** `ipc/.sem.o.cmd` is what kbuild keeps of `ipc/sem.o`. */
function objectOf(cmd: string): string | undefined {
  const name = /^\.(.+)\.cmd$/.exec(basename(cmd))?.[1];
  return name === undefined ? undefined : join(dirname(cmd), name);
}

/**
 * Which of these files of a tree went into the kernel that a build folder holds: kbuild keeps beside each object what was
 * read for it (`.NAME.o.cmd`, scripts/Kbuild.include). An object that a build of before left counts only when what is
 * linked names it.
 * @param paths relative to the tree
 */
export async function compiledFiles(
  ctx: Pick<Context, 'effects'>,
  place: { readonly src: string; readonly objects: string; readonly room: Pick<Room, 'path'> },
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  const readers = await readersOf(ctx, place, paths);
  const links = new Map<string, Promise<string>>();
  const compiled = new Set<string>();
  for (const [path, objects] of readers) {
    for (const object of objects.slice(0, MOST_READERS)) {
      if (!(await isUsed(ctx, place.objects, object, links))) continue;
      compiled.add(path);
      break;
    }
  }
  return compiled;
}

/** The objects for which each file was read. */
async function readersOf(
  ctx: Pick<Context, 'effects'>,
  { src, objects, room }: { readonly src: string; readonly objects: string; readonly room: Pick<Room, 'path'> },
  paths: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  if (paths.length === 0) return found;
  const names = new Map(paths.map((path) => [room.path(join(src, path)), path]));
  const done = await ctx.effects.processes.run({
    file: 'grep',
    args: ['-rowF', '--include=.*.cmd', '-f', '-', '.'],
    input: `${[...names.keys()].join('\n')}\n`,
    cwd: objects,
    timeoutMs: LIMIT_MS,
    keepBytes: 64 * 1024 * 1024,
    env: { ...ctx.effects.env, LC_ALL: 'C' },
  });
  if (done.exitCode === undefined || done.exitCode > 1) {
    throw hostError('build.facts', `what was compiled cannot be read from ${objects}: grep ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, { output: done.stderr });
  }
  for (const line of done.stdout.split('\n')) {
    const colon = line.indexOf(':');
    const path = names.get(line.slice(colon + 1));
    const object = objectOf(relative('.', line.slice(0, colon)));
    if (path === undefined || object === undefined) continue;
    const known = found.get(path);
    if (!known) found.set(path, [object]);
    else if (known.at(-1) !== object) known.push(object);
  }
  return found;
}

/** Whether an object is part of what was made of it: an archive, an image, a header. */
async function isUsed(ctx: Pick<Context, 'effects'>, objects: string, object: string, links: Map<string, Promise<string>>): Promise<boolean> {
  // What is made for its text alone (asm-offsets.s, bounds.s) is not linked.
  if (!object.endsWith('.o')) return true;
  for (let folder = dirname(object); ; folder = dirname(folder)) {
    const text = links.get(folder) ?? linksIn(ctx, objects, folder);
    links.set(folder, text);
    const names = [relative(folder, object), object].map(literalPattern).join('|');
    if (new RegExp(`(?:^|[\\s"=])(?:\\./)?(?:${names})(?=$|[\\s"])`, 'm').test(await text)) return true;
    if (folder === '.') return false;
  }
}

/** What kbuild writes of one object is some kilobytes. */
const MOST_CMD_BYTES = 16 * 1024 * 1024;

/** The commands of a folder that link: all but those that compile. What a build put there instead of a file is not read. */
async function linksIn(ctx: Pick<Context, 'effects'>, objects: string, folder: string): Promise<string> {
  const { files } = ctx.effects;
  const path = join(objects, folder);
  // A link that a build made leads anywhere.
  if ((await files.realpath(path).catch(() => undefined)) !== join(await files.realpath(objects), folder)) return '';
  const names = (await files.readdir(path)).filter((name) => /^\..+\.cmd$/.test(name));
  const texts = await Promise.all(
    names.map(async (name) => {
      const text = (await readPlainFile(ctx.effects, join(path, name), MOST_CMD_BYTES)).toString('utf8');
      const object = name.slice(1, -'.cmd'.length);
      // A composite object is linked of others by a command of its own (cmd_ld_multi, cmd_ar).
      return object.endsWith('.o') && text.includes('\nsource_') ? '' : (text.split('\n')[0] ?? '');
    }),
  );
  return texts.join('\n');
}
