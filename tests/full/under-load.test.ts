import { randomUUID } from 'node:crypto';
import { availableParallelism, freemem } from 'node:os';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plantSeries, type Fault } from '../e2e/plants.js';
import { useRespin } from '../e2e/respin.js';

const respin = useRespin();

/** Fewer or more runs: RESPIN_TIMES=N. */
const TIMES = Number(process.env['RESPIN_TIMES'] ?? 200);
/** Of this run of the tests. */
const UNIQUE = randomUUID();
/** What is left of the memory that was free, in bytes: less than a compiler and two guests would like. */
const LEFT = 1024 ** 3;

const MEMORY = `
const blocks = [];
for (let left = Number(process.argv[1]); left > 0; left -= 64 << 20) blocks.push(Buffer.alloc(64 << 20, left));
setInterval(() => { for (const block of blocks) block[Math.floor(Math.random() * block.length)] += 1; }, 10);
`;

const ended = new AbortController();
const load: Promise<void>[] = [];

/** Keeps a program running: what the kernel kills for its memory was there to take that. */
async function keep(args: () => readonly string[]): Promise<void> {
  while (!ended.signal.aborted) await execa(process.execPath, args(), { reject: false, cancelSignal: ended.signal, forceKillAfterDelay: 1000 });
}

beforeAll(() => {
  for (let core = 0; core < availableParallelism(); core += 1) load.push(keep(() => ['-e', 'for (;;);']));
  load.push(keep(() => ['-e', MEMORY, String(Math.max(0, freemem() - LEFT))]));
});

afterAll(async () => {
  ended.abort();
  await Promise.all(load);
});

/** How often each verdict was given. */
async function judged(name: string, faults: Readonly<Record<number, Fault>>): Promise<Readonly<Record<string, number>>> {
  const args = [await plantSeries(faults, 1, `plants-${name}`), '--kernel', '6.12', '--suite', 'msgque'];
  const seen: Record<string, number> = {};
  for (let index = 0; index < TIMES; index += 1) {
    // The kernel ignores the word. With it no boot is known, of kernels that are: make, which says each time that there is nothing
    // to do, would take most of the time.
    const { verdict } = await respin.judge([...args, '--append', `under_load=${UNIQUE}.${index}`]);
    seen[verdict] = (seen[verdict] ?? 0) + 1;
    process.stderr.write(`${name}: ${index + 1} of ${TIMES}\n`);
  }
  return seen;
}

// One test: each of the two is what the other has to share the host with, beyond the load, and the end of a test is when no process
// may be left.
test('run again and again on a host that is busy and short of memory, a good series is always good and a bad one bad', async () => {
  const [good, bad] = await Promise.all([judged('good', {}), judged('bad', { 1: 'test' })]);
  expect({ good, bad }).toEqual({ good: { good: TIMES }, bad: { bad: TIMES } });
}, 4 * 60 * 60_000);
