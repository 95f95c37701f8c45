import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { ROOT, sharedCache } from './respin.js';

/** A series of five patches that touch ipc/ alone, so that its kernels are built in seconds. */
const SHIPPED = join(ROOT, 'kernel-patches', 'ipc-cr-v8');

const suiteSchema = z.looseObject({ config: z.string(), programs: z.array(z.looseObject({ name: z.string(), source: z.string().optional() })) });

/** A patch in parts, so that versions of it can be made. */
export interface PatchText {
  readonly subject: string;
  /** What stands between subject and diff. */
  readonly body: string;
  /** The diff of each file. */
  readonly files: readonly string[];
}

/** The patches of the shipped series. */
export async function shippedPatches(): Promise<readonly PatchText[]> {
  const folder = join(SHIPPED, '6.12');
  const names = (await readdir(folder)).filter((name) => /^000[1-9]/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = (await readFile(join(folder, name), 'utf8')).replace(/\n-- \n.*\n*$/, '\n');
      const [head = '', ...files] = text.split(/^(?=diff --git )/m);
      const [, subject = '', body = ''] = /^Subject: \[PATCH \d+\/\d+\] (.*)\n([\s\S]*)$/m.exec(head) ?? [];
      return { subject, body, files };
    }),
  );
}

/** A patch in which a text, which must be there, is another one; lines keep their number. */
export function edited(patch: PatchText | undefined, from: string, to: string): PatchText {
  const files = patch?.files.map((file) => file.replace(from, to)) ?? [];
  if (!patch || files.join() === patch.files.join()) throw new Error(`no patch has "${from}"`);
  return { ...patch, files };
}

/** Where the versions of the tests are: always the same folders, because build folders are named by them. */
function folderOf(name: string): string {
  return join(sharedCache().root, 'e2e', 'versions', name);
}

/** Writes a version of the series, on the prerequisites of the shipped one, and returns its path. */
export async function writeVersion(name: 'old' | 'new', patches: readonly PatchText[]): Promise<string> {
  const folder = folderOf(name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, '6.12'), { recursive: true });
  await cp(join(SHIPPED, 'prerequisites', '6.12'), join(folder, 'prerequisites'), { recursive: true });
  const origin = { author: 'A B <a@example.org>', date: '2026-11-21', subject: 'versions' };
  const bases = [{ kernel: '6.12', patches: '6.12', prerequisites: 'prerequisites' }];
  await writeFile(join(folder, 'series.yaml'), stringify({ name: `version-${name}`, title: 'one of two versions', origin, bases, promises: {} }));
  for (const [index, { subject, body, files }] of patches.entries()) {
    const head = `From: A B <a@example.org>\nSubject: [PATCH ${index + 1}/${patches.length}] ${subject}\n${body}`;
    await writeFile(join(folder, '6.12', `000${index + 1}-version.patch`), `${head}${files.join('')}`);
  }
  return folder;
}

/** Writes a suite of three programs of the shipped one, with its configuration, and returns its path. */
export async function writeSuite(): Promise<string> {
  const path = join(ROOT, 'rootfs', 'suites', 'ipc-cr.yaml');
  const { config, programs } = suiteSchema.parse(parse(await readFile(path, 'utf8')));
  const wanted = ['msgque', 'next_sysctl_value', 'msg_copy'];
  const chosen = programs.filter(({ name }) => wanted.includes(name)).map(({ source, ...program }) => ({ ...program, ...(source === undefined ? {} : { source: resolve(dirname(path), source) }) }));
  const suite = `${folderOf('suite')}.yaml`;
  await mkdir(dirname(suite), { recursive: true });
  await writeFile(suite, stringify({ name: 'versions', description: 'three programs', config, programs: chosen }));
  return suite;
}
