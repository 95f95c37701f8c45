import { mkdir } from 'node:fs/promises';
import { execa } from 'execa';
import { onTestFinished, type TestContext } from 'vitest';

/** A file system in memory with these options of mount(8), until the test is over. Skips the test where none can be mounted. */
export async function mountSmall(context: TestContext, folder: string, options: string): Promise<string> {
  await mkdir(folder);
  const mounted = await execa('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { reject: false });
  if (mounted.exitCode !== 0) context.skip(`a file system cannot be mounted here: ${mounted.stderr}`);
  onTestFinished(async () => {
    await execa('umount', [folder]);
  });
  return folder;
}
