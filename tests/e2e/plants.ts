import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedCache } from './respin.js';
import { treeOf } from './trees.js';

/** Files of the kernel that take patches in turn, at their end: of as many patches as there are files, each reverts alone. */
export const FILES = ['msgutil', 'util', 'namespace', 'syscall', 'shm', 'sem', 'msg', 'ipc_sysctl'].map((name) => `ipc/${name}.c`);

/**
 * `calls` does not link until a later patch `defines` what it calls; `crashes` panics until a later patch `mends` it. `marks`
 * can be seen by a test in /proc/sys/kernel/msgmni and is wrong by itself nowhere.
 */
export type Fault = 'test' | 'warning' | 'build' | 'panic' | 'hang' | 'calls' | 'defines' | 'crashes' | 'mends' | 'marks';

function initcall(index: number, body: readonly string[]): readonly string[] {
  return [`static int __init planted_${index}(void)`, '{', ...body.map((line) => `\t${line}`), '\treturn 0;', '}', `late_initcall(planted_${index});`];
}

/** What a patch adds to the end of its file: something harmless, or a fault. */
export function linesOf(index: number, fault: Fault | undefined): readonly string[] {
  switch (fault) {
    case undefined:
      return initcall(index, [`barrier_data(&init_ipc_ns);`]);
    case 'test':
      // No message queue can be made: the msgque selftest fails.
      return initcall(index, ['init_ipc_ns.msg_ctlmni = 0;']);
    case 'warning':
      return initcall(index, ['WARN(1, "planted");']);
    case 'build':
      return initcall(index, ['not_declared_anywhere();']);
    case 'calls':
      return ['void planted_later(void);', ...initcall(index, ['planted_later();'])];
    case 'defines':
      return ['void planted_later(void);', 'void planted_later(void)', '{', '}'];
    case 'crashes':
      return ['extern int planted_mended __attribute__((weak));', ...initcall(index, ['if (!&planted_mended)', '\tpanic("another fault");'])];
    case 'mends':
      return ['extern int planted_mended;', 'int planted_mended = 1;'];
    case 'marks':
      return initcall(index, ['init_ipc_ns.msg_ctlmni = 4321;']);
    case 'panic':
      return initcall(index, ['panic("planted");']);
    case 'hang':
      return initcall(index, ['for (;;)', '\tbarrier();']);
  }
}

/** The lines of the file that a patch changes, once those before it are applied. */
async function linesBefore(index: number, faults: Readonly<Record<number, Fault>>): Promise<readonly string[]> {
  const path = FILES[index % FILES.length] ?? '';
  const lines = (await readFile(join(await treeOf('6.12'), path), 'utf8')).replace(/\n$/, '').split('\n');
  const earlier = Array.from({ length: index }, (_, before) => before).filter((before) => before % FILES.length === index % FILES.length);
  return [...lines, ...earlier.flatMap((before) => linesOf(before, faults[before + 1]))];
}

async function patchOf(index: number, total: number, faults: Readonly<Record<number, Fault>>): Promise<string> {
  const path = FILES[index % FILES.length] ?? '';
  const fault = faults[index + 1];
  const lines = await linesBefore(index, faults);
  const context = lines.slice(-3);
  const added = linesOf(index, fault);
  return [
    'From: A B <a@example.org>',
    `Subject: [PATCH ${index + 1}/${total}] ipc: step ${index + 1}`,
    '',
    '---',
    `diff --git a/${path} b/${path}`,
    `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -${lines.length - 2},3 +${lines.length - 2},${3 + added.length} @@`,
    ...context.map((line) => ` ${line}`),
    ...added.map((line) => `+${line}`),
    '',
  ].join('\n');
}

/**
 * Writes a series of small patches of which some are faulty, and returns its path. They take turns in one folder, because
 * the build folder is named by it.
 * @param faults by the number of the patch, from 1
 * @param name of the folder
 */
export async function plantSeries(faults: Readonly<Record<number, Fault>>, total = FILES.length, name = 'plants'): Promise<string> {
  const folder = join(sharedCache().root, 'e2e', name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < total; index += 1) {
    await writeFile(join(folder, `${String(index + 1).padStart(4, '0')}.patch`), await patchOf(index, total, faults));
  }
  return folder;
}

/**
 * Writes a test that fails in one of so many runs on a kernel that is marked, and never on another; with `everywhere` it
 * does so on any. Each writing is another program, so that no boot of it is known.
 */
export async function flakyTest(folder: string, oneOf: number, { everywhere = false, salt = '' } = {}): Promise<string> {
  const path = join(folder, 'flaky.sh');
  const guard = everywhere ? '' : '[ "$(cat /proc/sys/kernel/msgmni)" = 4321 ] || exit 0\n';
  await writeFile(path, `#!/bin/sh\n# ${salt}\n${guard}byte=$(head -c 1 /dev/urandom | od -An -tu1)\n[ $((byte % ${oneOf})) -ne 0 ]\n`);
  return path;
}
