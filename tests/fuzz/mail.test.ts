import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fuzzMail } from '../unit/series/fuzz-mail.js';
import { hostileInputs, readHostile } from '../unit/series/hostile.js';

const seconds = Number(process.env['RESPIN_FUZZ_SECONDS'] ?? '60');
const MIB = 1024 * 1024;

function status(name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}

describe('10 MB of what is hostile take under 5 s and 500 MB', () => {
  it.each(Object.entries(hostileInputs(10 * MIB)))('%s', (name, input) => {
    globalThis.gc?.();
    // Begins the count of the peak anew (proc(5)).
    writeFileSync('/proc/self/clear_refs', '5');
    const bytes = Buffer.from(input(), 'latin1');
    const begun = process.cpuUsage();
    const at = performance.now();
    const said = readHostile(bytes);
    const ms = performance.now() - at;
    const { user, system } = process.cpuUsage(begun);
    const peak = status('VmHWM');
    process.stdout.write(`${name}: ${Math.round(ms)} ms (${Math.round((user + system) / 1000)} ms of CPU), ${Math.round(peak)} MiB at most with the test runner: ${said.slice(0, 60)}\n`);
    // What other programs take of the machine is not this program's; the collector works beside it.
    expect((user + system) / 1000).toBeLessThan(5000);
    expect(peak).toBeLessThan(500);
  });
});

it(`random mails and diffs for ${seconds} s`, () => {
  const count = fuzzMail({ runs: Number.MAX_SAFE_INTEGER, ms: seconds * 1000 });
  process.stdout.write(`${count} inputs\n`);
  expect(count).toBeGreaterThan(0);
});
