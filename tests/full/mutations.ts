import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT, sharedCache } from '../e2e/respin.js';

const FOLDER = join(ROOT, 'tests', 'full', 'mutations');

const listSchema = z.array(
  z.strictObject({
    /** The file: a patch on top of the series' tip for 6.12, or on the kernel itself. */
    patch: z.string(),
    on: z.enum(['series', 'base']).default('series'),
    profile: z.string().default('plain'),
    /** The tests that are meant to catch it. */
    caught_by: z.array(z.string()).default([]),
    /** A part of the title of the kernel report that is meant to catch it. */
    finding: z.string().optional(),
  }),
);

export type Mutation = z.infer<typeof listSchema>[number] & { readonly series: string };

/** Every mutation there is: small patches that are wrong in one thing. */
export function listMutations(): readonly Mutation[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((series) => {
      const list = listSchema.parse(parse(readFileSync(join(FOLDER, series, 'mutations.yaml'), 'utf8')));
      const files = readdirSync(join(FOLDER, series)).filter((name) => name.endsWith('.patch'));
      const unlisted = files.filter((file) => !list.some(({ patch }) => patch === file));
      if (unlisted.length > 0) throw new Error(`${join(FOLDER, series)}: not in mutations.yaml: ${unlisted.join(', ')}`);
      return list.map((mutation) => ({ ...mutation, series }));
    });
}

/**
 * Puts the series with the mutation behind it, or the mutation alone, where all of that series go, and returns the path.
 * They take turns in one folder, because the build folder is named by it.
 */
export async function plantMutation({ series, patch, on }: Mutation): Promise<string> {
  const folder = join(sharedCache().root, 'e2e', `mutated-${series}-${on}`);
  const from = join(FOLDER, series, patch);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  if (on === 'base') {
    await cp(from, join(folder, patch));
    return folder;
  }
  await cp(join(ROOT, 'kernel-patches', series), folder, { recursive: true });
  await appendPatch(join(folder, '6.12'), await readFile(from, 'utf8'));
  return folder;
}

/** Makes the mail the last of a numbered series: each subject has the new total, or respin refuses the folder. */
async function appendPatch(folder: string, mail: string): Promise<void> {
  const files = (await readdir(folder)).sort();
  const total = files.filter((name) => !name.startsWith('0000-')).length + 1;
  for (const name of files) {
    const text = await readFile(join(folder, name), 'utf8');
    await writeFile(join(folder, name), text.replace(/^(Subject: \[.*PATCH.* \d+)\/\d+\]/mu, `$1/${total}]`));
  }
  await writeFile(join(folder, '9999-mutation.patch'), mail.replace(/^Subject: \[PATCH\]/mu, `Subject: [PATCH ${total}/${total}]`));
}
