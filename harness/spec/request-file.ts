import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { readYaml } from './yaml.js';

/** What a folder's own requests are written in. */
export const REQUEST_FILE = 'respin.yaml';

const text = z.string().trim().min(1);
const size = z.union([z.string(), z.number()], 'expected a size such as 512M').transform(String);

/** One or several. */
function list(expected: string): z.ZodType<readonly string[] | undefined> {
  return z
    .union([text, z.array(text).min(1)], expected)
    .transform((given) => (typeof given === 'string' ? [given] : given))
    .optional();
}

/** Every key is what the option of the same name is; docs/suites.md describes them. */
export const requestFileSchema = z.strictObject({
  kernel: z.union([text, z.number()], 'expected a kernel, such as "6.12", dir:. or git:.#v6.12').transform(String).optional(),
  series: list('expected a series or a list of them, such as git:.#v6.12..HEAD or [outgoing]'),
  suites: list('expected a suite or a list of them, such as [msgque, tests/mine.yaml]'),
  profiles: list('expected a profile or a list of them, such as [plain, kasan]'),
  tests: list('expected a path or a list of them, such as [tests/a.c, tests/b.sh]'),
  kselftests: list('expected a target or a list of them, such as [ipc, timers:nanosleep]'),
  config: list('expected a list of files and of lines such as CONFIG_NET=y'),
  append: list('expected words for the kernel command line'),
  memory: size.optional(),
  cpus: z.int('expected a number of CPUs').optional(),
  'qemu-args': list('expected a list of arguments, such as [-device, virtio-rng-device]'),
  repeat: z.int('expected a number of boots').optional(),
  timeout: z.union([text, z.number()], 'expected a duration such as 5m').transform(String).optional(),
});

export type RequestFile = z.output<typeof requestFileSchema>;

export interface FoundRequest {
  /** Absolute path of the file. */
  readonly path: string;
  /** What its relative paths are relative to. */
  readonly folder: string;
  readonly request: RequestFile;
}

async function exists(ctx: Pick<Context, 'effects'>, path: string): Promise<boolean> {
  return ctx.effects.files.access(path).then(() => true, () => false);
}

/**
 * The request file of a folder: the one in it, or in the nearest folder above, up to the top of a git repository or the
 * user's home, which are looked into as well.
 * @param from absolute
 * @throws HarnessError `usage` `request.file`
 */
export async function findRequestFile(ctx: Pick<Context, 'effects'>, from: string): Promise<FoundRequest | undefined> {
  const home = ctx.effects.env['HOME'];
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, REQUEST_FILE);
    if (await exists(ctx, path)) {
      const example = 'docs/suites.md of respin describes every key; "respin init" writes one that works';
      return { path, folder, request: await readYaml(ctx, { path, schema: requestFileSchema, code: 'request.file', example }) };
    }
    if (folder === home || folder === dirname(folder) || (await exists(ctx, join(folder, '.git')))) return undefined;
  }
}
