import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Context } from '../../../harness/context.js';
import type { Effects } from '../../../harness/effects.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import type { ProgressEvent } from '../../../harness/progress.js';
import { cacheAt } from '../../../harness/store/cache.js';

export const run = promisify(execFile);

/** A folder that goes with its test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'respin-source-'));
  onTestFinished(async () => {
    await run('chmod', ['-R', 'u+rwX', folder]);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

export interface TestContext extends Context {
  readonly events: readonly ProgressEvent[];
  readonly folder: string;
}

/** The real effects on a cache of the test's own, with `changes` to them. */
export async function testContext(changes: Partial<Effects> = {}): Promise<TestContext> {
  const folder = await temporaryFolder();
  const events: ProgressEvent[] = [];
  const progress = (event: ProgressEvent): void => {
    events.push(event);
  };
  return { effects: { ...realEffects(), ...changes }, progress, cache: cacheAt(join(folder, 'cache')), events, folder };
}

/** Serves on 127.0.0.1 until the test is finished; gives the URL of its root, without a slash at the end. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const MAKEFILE = '# SPDX-License-Identifier: GPL-2.0\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 9\nEXTRAVERSION =\nNAME = Baby Opossum Posse\n';

/** The few files by which a kernel is known. */
export const KERNEL_FILES: Readonly<Record<string, string>> = {
  Makefile: MAKEFILE,
  Kconfig: 'mainmenu "test"\n',
  'scripts/Makefile.build': '',
  'ipc/msg.c': 'int msg;\n',
};

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

export interface TarMember {
  readonly name: string;
  /** `0` file, `1` hard link, `2` symbolic link, `3` character device, `5` folder, `6` FIFO (POSIX ustar). */
  readonly type?: string;
  readonly link?: string;
  readonly text?: string;
  readonly mode?: number;
}

/** A tar file, byte by byte, so that it can hold what tar would never write. */
export function tarOf(members: readonly TarMember[]): Buffer {
  const blocks = members.flatMap(({ name, type = '0', link = '', text = '', mode = 0o644 }) => {
    const header = Buffer.alloc(512);
    const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
    header.write(name, 0);
    header.write(octal(mode, 8), 100);
    header.write(octal(0, 8), 108);
    header.write(octal(0, 8), 116);
    header.write(octal(Buffer.byteLength(text), 12), 124);
    header.write(octal(1_700_000_000, 12), 136);
    header.write(' '.repeat(8), 148);
    header.write(type, 156);
    header.write(link, 157);
    header.write('ustar\x0000', 257);
    header.write(octal(0, 8), 329);
    header.write(octal(0, 8), 337);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const content = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512);
    content.write(text);
    return [header, content];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The members of a small kernel in the folder `top`. */
export function kernelMembers(top: string, files: Readonly<Record<string, string>> = KERNEL_FILES): readonly TarMember[] {
  return Object.entries(files).map(([name, text]) => ({ name: `${top}/${name}`, text }));
}

/** What a compressor makes of bytes. */
export async function compressed(program: string, bytes: Buffer): Promise<Buffer> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'in'), bytes);
  await run('sh', ['-c', `${program} -c <"$0/in" >"$0/out"`, folder]);
  return await readFile(join(folder, 'out'));
}
