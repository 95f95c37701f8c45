import { readFile, writeFile } from 'node:fs/promises';

/** Changes one byte in the middle of a file. */
export async function flipByte(path: string): Promise<void> {
  const content = await readFile(path);
  const at = Math.floor(content.length / 2);
  content[at] = (content[at] ?? 0) ^ 0x20;
  await writeFile(path, content);
}
