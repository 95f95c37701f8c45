import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { plantSeries } from './plants.js';
import { A_GUEST, waitForProcess } from './processes.js';
import { useRespin } from './respin.js';

const respin = useRespin();
let args: readonly string[];

beforeAll(async () => {
  const suite = join(respin.folder(), 'sleeper.yaml');
  await writeFile(join(respin.folder(), 'sleeper.sh'), 'for second in 1 2 3 4 5 6 7 8; do sleep 1; done\n');
  await writeFile(suite, 'programs:\n  - {script: sleeper.sh, timeout: 20s}\n');
  args = [await plantSeries({}, 1), '--kernel', '6.12', '--suite', 'msgque', '--suite', suite];
  expect((await respin.judge(args)).verdict).toBe('good');
});

test.each([
  // The guest's clock runs on: the test is over its limit of 20 s when it goes on.
  ['QEMU', A_GUEST, 25_000, true],
  ['respin', /\bnode\b.*cli\.js run /, 5000, false],
])('stopping %s in the middle of a boot changes no verdict', async (_, command, ms, isGuest) => {
  const run = respin.start(['run', ...args, '--fresh', '--json']);
  expect(await run.line(/^boot +tip …/)).toBeDefined();
  await waitForProcess(run.token, A_GUEST);
  await sleep(4000);
  const { pid } = await waitForProcess(run.token, command);
  process.kill(pid, 'SIGSTOP');
  await sleep(ms);
  process.kill(pid, 'SIGCONT');
  const { verdict, reasons, timings } = respin.report(await run.done);
  const starved = timings.filter(({ outcome }) => outcome.includes('it does not count'));
  expect(starved.length).toBe(isGuest ? 1 : 0);
  process.stdout.write(timings.filter(({ stage }) => stage === 'boot').map(({ what, outcome }) => `${what}: ${outcome}\n`).join(''));
  expect({ verdict, reasons }).toEqual({ verdict: 'good', reasons: [] });
});
