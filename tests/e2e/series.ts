import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, sharedCache } from './respin.js';

/** The shipped series that everything here is made from. */
export const SHIPPED = join(ROOT, 'kernel-patches', 'semundo-v1');

const FAULTS = join(ROOT, 'tests', 'fixtures', 'faults');

/** The name of the one patch of a folder beside its cover letter. */
async function patchIn(folder: string): Promise<string> {
  const name = (await readdir(folder)).find((entry) => entry.startsWith('0001-'));
  if (name === undefined) throw new Error(`${folder} has no patch 0001`);
  return join(folder, name);
}

/** The text of the patch of semundo-v1 for 6.12, with the fault of that name, or as it is shipped. */
export async function readPatch(fault?: string): Promise<string> {
  return readFile(await patchIn(fault === undefined ? join(SHIPPED, '6.12') : join(FAULTS, '6.12', fault)), 'utf8');
}

/**
 * Puts a version of semundo-v1 for 6.12 where all versions go, and returns its path. They take turns in one folder
 * because the build folder is named by it: only the first one compiles what includes the headers that they all change.
 */
export async function plant(patches: readonly string[]): Promise<string> {
  const folder = join(sharedCache().root, 'e2e', 'semundo-v1');
  await rm(folder, { recursive: true, force: true });
  await cp(SHIPPED, folder, { recursive: true, filter: (path) => !path.endsWith('.patch') });
  for (const [index, text] of patches.entries()) await writeFile(join(folder, '6.12', `000${index + 1}-planted.patch`), text);
  return folder;
}

/** Plants the fixture of this name. */
export async function plantFault(fault: string): Promise<string> {
  return plant([await readPatch(fault)]);
}

/** A second patch of two that has make run code of its author's whenever it reads ipc/Makefile of 6.12. */
export function hostilePatch(commands: readonly string[]): string {
  return `From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: A Stranger <stranger@localhost>
Date: Sat, 21 Nov 2026 00:00:00 +0000
Subject: [PATCH 2/2] ipc: build a little faster

---
diff --git a/ipc/Makefile b/ipc/Makefile
--- a/ipc/Makefile
+++ b/ipc/Makefile
@@ -2,5 +2,6 @@
 #
 # Makefile for the linux ipc.
 #
+$(warning respin-saw: $(shell ${commands.map((command) => `(${command}) 2>/dev/null`).join('; ')}))
 
 obj-$(CONFIG_SYSVIPC_COMPAT) += compat.o
--
2.39.5
`;
}

/** Plants semundo-v1 with a second patch, whose build runs these commands of a shell: `$` and `#` as make wants them. */
export async function plantHostile(...commands: readonly string[]): Promise<string> {
  return plant([(await readPatch()).replace('[PATCH 1/1]', '[PATCH 1/2]'), hostilePatch(commands)]);
}
