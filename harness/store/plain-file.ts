import { constants } from 'node:fs';
import type { Effects } from '../effects.js';
import { hostError } from '../errors.js';

const DISTRUST = 'do not trust this series: look at what it changes in Makefiles and scripts';

/**
 * Reads a file that a sandboxed program left in a folder it may write to. A symbolic link there could lead to any file
 * of the host, and a FIFO would wait for ever: only a regular file is read. One with a hole in it may be of any size, and cost nothing.
 * @throws HarnessError `host` `file.not-plain`, `file.too-large`; what the file system throws, such as ENOENT
 */
export async function readPlainFile(effects: Pick<Effects, 'files'>, path: string, mostBytes = 512 * 1024 * 1024): Promise<Buffer> {
  let handle;
  try {
    handle = await effects.files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ELOOP') throw notPlain(path);
    throw thrown;
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw notPlain(path);
    if (stat.size > mostBytes) {
      throw hostError('file.too-large', `${path} has ${stat.size} bytes, and ${mostBytes} are the most that a build may leave there`, { hint: DISTRUST });
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function notPlain(path: string): Error {
  return hostError('file.not-plain', `${path} is no regular file; the build put something else in its place`, {
    hint: DISTRUST,
  });
}
