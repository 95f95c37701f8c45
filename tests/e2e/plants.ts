import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedCache } from './respin.js';
import { treeOf } from './trees.js';

/** Files of the kernel that each take one patch, at their end: every patch reverts alone. */
export const FILES = ['msgutil', 'util', 'namespace', 'syscall', 'shm', 'sem', 'msg', 'ipc_sysctl'].map((name) => `ipc/${name}.c`);

/** `calls` does not link until a later patch `defines` what it calls. */
export type Fault = 'test' | 'warning' | 'build' | 'panic' | 'hang' | 'calls' | 'defines';

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
    case 'panic':
      return initcall(index, ['panic("planted");']);
    case 'hang':
      return initcall(index, ['for (;;)', '\tbarrier();']);
  }
}

async function patchOf(index: number, total: number, fault: Fault | undefined): Promise<string> {
  const path = FILES[index] ?? '';
  const lines = (await readFile(join(await treeOf('6.12'), path), 'utf8')).replace(/\n$/, '').split('\n');
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
 */
export async function plantSeries(faults: Readonly<Record<number, Fault>>, total = FILES.length): Promise<string> {
  const folder = join(sharedCache().root, 'e2e', 'plants');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < total; index += 1) {
    await writeFile(join(folder, `000${index + 1}.patch`), await patchOf(index, total, faults[index + 1]));
  }
  return folder;
}
