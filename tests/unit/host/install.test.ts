import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { requireTools } from '../../../harness/host/install.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { TOOLS } from '../../../harness/host/tools.js';

const PROGRAMS = TOOLS.flatMap((tool) => ('program' in tool.find ? [{ tool, name: tool.find.program }] : []));

it('names the program of a run that is not there, and the command that installs it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'respin-tools-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const effects = { ...realEffects(), env: { PATH: folder } };
  const tools = PROGRAMS.map(({ tool }) => tool);
  for (const { name } of PROGRAMS) if (name !== 'qemu-system-x86_64') writeFileSync(join(folder, name), '');
  await expect(requireTools({ effects }, tools)).rejects.toMatchObject({
    ...{ kind: 'host', code: 'tools.missing', message: 'not on this machine: qemu-system-x86_64' },
    hint: expect.stringMatching(/apt-get install -y --no-install-recommends qemu-system-x86$/) as string,
  });
  writeFileSync(join(folder, 'qemu-system-x86_64'), '');
  await requireTools({ effects }, tools);
});
