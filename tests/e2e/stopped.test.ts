import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { processesOf, type Found } from './processes.js';
import { useRespin, type Started } from './respin.js';

const respin = useRespin();
const RUN = ['semundo-v1', '--kernel', '6.12'];

beforeAll(async () => {
  expect((await respin.judge(RUN)).verdict).toBe('good');
});

async function waitFor({ token }: Started, command: RegExp): Promise<Found> {
  for (;;) {
    const found = (await processesOf(token)).find((one) => command.test(one.command));
    if (found) return found;
    await sleep(20);
  }
}

test.each([
  // The guest's clock runs on: its watchdog reports a lockup after 20 s.
  ['QEMU', /^(?:\S*\/)?qemu-system-/, 25_000],
  ['respin', /\bnode\b.* run .*semundo-v1/, 5000],
])('stopping %s in the middle of a boot changes no verdict', async (_, command, ms) => {
  const run = respin.start(['run', ...RUN, '--fresh', '--json']);
  expect(await run.line(/^boot +tip …/)).toBeDefined();
  await waitFor(run, /^(?:\S*\/)?qemu-system-/);
  await sleep(1200);
  const { pid } = await waitFor(run, command);
  process.kill(pid, 'SIGSTOP');
  await sleep(ms);
  process.kill(pid, 'SIGCONT');
  const { verdict, reasons, timings } = respin.report(await run.done);
  process.stdout.write(timings.filter(({ stage }) => stage === 'boot').map(({ what, outcome }) => `${what}: ${outcome}\n`).join(''));
  expect({ verdict, reasons }).toEqual({ verdict: 'good', reasons: [] });
});
