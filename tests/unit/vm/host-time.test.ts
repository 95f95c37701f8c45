import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { realEffects } from '../../../harness/host/real-effects.js';
import { createHostTime, isStarved, readThreadTimes, type ThreadTimes } from '../../../harness/vm/host-time.js';

function threads(waitedMs: Readonly<Record<string, number>> = {}, held = false): ThreadTimes {
  return { waited: new Map(Object.entries(waitedMs).map(([thread, ms]) => [thread, ms * 1e6])), held };
}

describe('createHostTime', () => {
  it('is the clock of the host where nothing is kept from the guest', () => {
    const time = createHostTime(1000, 100);
    for (let now = 1100; now <= 3000; now += 100) time.look(now, threads({ 1: 0 }));
    expect([time.guestMs(), time.lost()]).toEqual([2000, { ms: 0, longestMs: 0 }]);
  });

  it('leaves out what the thread that waited most was ready for and did not get', () => {
    const time = createHostTime(0, 100);
    time.look(100, threads({ 1: 30, 2: 10 }));
    time.look(200, threads({ 1: 40, 2: 70 }));
    expect([time.guestMs(), time.lost()]).toEqual([110, { ms: 90, longestMs: 0 }]);
  });

  it('never leaves out more than went by', () => {
    const time = createHostTime(0, 100);
    time.look(100, threads({ 1: 5000 }));
    expect([time.guestMs(), time.lost().ms]).toEqual([0, 100]);
  });

  it('adds up time in which the guest had nothing', () => {
    const time = createHostTime(0, 100);
    time.look(100, threads({}, true));
    time.look(200, threads({}, true));
    time.look(300, threads());
    time.look(400, threads({}, true));
    expect([time.guestMs(), time.lost()]).toEqual([100, { ms: 300, longestMs: 200 }]);
  });

  it('leaves out a time in which nobody looked', () => {
    const time = createHostTime(0, 100);
    time.look(1000, threads());
    time.look(61_000, threads());
    expect([time.guestMs(), time.lost()]).toEqual([1000, { ms: 60_000, longestMs: 60_000 }]);
  });

  it('is not irritated by a clock that goes back, nor by threads that come and go', () => {
    const time = createHostTime(100, 100);
    time.look(50, threads({ 1: 10 }));
    time.look(150, threads({ 2: 20 }));
    expect(time.guestMs()).toBe(80);
  });
});

it.each([
  [{ ms: 0, longestMs: 0 }, false],
  [{ ms: 7000, longestMs: 1900 }, false],
  [{ ms: 8000, longestMs: 0 }, true],
  [{ ms: 2500, longestMs: 2500 }, true],
])('a guest of which %j of 10 s were kept is starved: %s', (lost, starved) => {
  expect(isStarved({ lost, totalMs: 10_000 })).toBe(starved);
});

describe('readThreadTimes', () => {
  const { files } = realEffects();

  it('knows the threads of a program that runs', async () => {
    const { waited, held } = await readThreadTimes(files, process.pid);
    expect(waited.size).toBeGreaterThan(1);
    expect([...waited.values()].every((ns) => ns >= 0)).toBe(true);
    expect(held).toBe(false);
  });

  it('sees how long a program was ready to run and had no CPU', async () => {
    const cpu = /^Cpus_allowed_list:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
    const spin = (...args: readonly string[]): number => {
      const running = execa('taskset', ['-c', cpu, ...args, 'sh', '-c', 'while :; do :; done'], { reject: false });
      onTestFinished(() => {
        running.kill('SIGKILL');
      });
      return running.pid ?? 0;
    };
    spin();
    const givesWay = spin('nice', '-n', '19');
    await sleep(1500);
    const { waited } = await readThreadTimes(files, givesWay);
    expect(Math.max(...waited.values()) / 1e6).toBeGreaterThan(600);
  });

  it('takes one that has ended for one that never waited', async () => {
    expect(await readThreadTimes(files, 2 ** 30)).toEqual({ waited: new Map(), held: false });
  });
});

it('the clock of the limits goes on when that of the host is put back', () => {
  const { clock } = realEffects();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const begun = { now: clock.now(), date: clock.date().getTime() };
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  expect(clock.date().getTime()).toBeLessThan(begun.date);
  expect(clock.now()).toBeGreaterThanOrEqual(begun.now);
});
