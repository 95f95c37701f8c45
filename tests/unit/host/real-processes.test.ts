import { readFileSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { realEffects } from '../../../harness/host/real-effects.js';

/** A zombie that its parent has not waited for yet is dead. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function waitUntil(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !condition(); tries += 1) await sleep(20);
  expect(condition()).toBe(true);
}

async function pidIn(path: string): Promise<number> {
  for (let tries = 0; tries < 500; tries += 1) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (/^\d+\n$/.test(text)) return Number(text);
    await sleep(20);
  }
  throw new Error(`no pid came in ${path}`);
}

describe('run', () => {
  const { processes } = realEffects();

  it('gives output and exit code as values', async () => {
    const done = await processes.run({ file: 'sh', args: ['-c', 'echo out; echo err >&2; exit 7'] });
    expect(done).toMatchObject({ exitCode: 7, signal: undefined, timedOut: false, stdout: 'out\n', stderr: 'err\n' });
  });

  it('passes arguments as they are', async () => {
    const hostile = ['$(id)', '; id', '"', "'", '*', '', '-n'];
    const done = await processes.run({ file: 'printf', args: ['%s|', ...hostile] });
    expect(done.stdout).toBe(`${hostile.join('|')}|`);
  });

  it('gives nothing but the named environment', async () => {
    const done = await processes.run({ file: '/usr/bin/env', args: [], env: { ONLY: 'this' } });
    expect(done.stdout.split('\n').filter((line) => !/^(PWD|OLDPWD|_|SHLVL)=/.test(line))).toEqual(['ONLY=this', '']);
  });

  it('feeds standard input, and the null device when there is none', async () => {
    expect((await processes.run({ file: 'cat', args: [], input: 'abc' })).stdout).toBe('abc');
    expect((await processes.run({ file: 'cat', args: [] })).stdout).toBe('');
  });

  it('hands out lines as they come and keeps only the last bytes', async () => {
    const lines: string[] = [];
    const done = await processes.run({
      file: 'seq',
      args: ['1', '20000'],
      keepBytes: 6,
      onLine: (line) => lines.push(line),
    });
    expect(lines).toHaveLength(20000);
    expect(done.stdout).toBe('20000\n');
  });

  it('kills a program with all that it started at its time limit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'respin-'));
    const done = await processes.run({
      file: 'sh',
      args: ['-c', `sleep 1000 & echo $! > ${folder}/pid; wait`],
      timeoutMs: 500,
    });
    expect(done).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
    const pid = await pidIn(join(folder, 'pid'));
    await waitUntil(() => !alive(pid));
  });

  it('kills what a program left behind, and does not wait for it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'respin-'));
    const done = await processes.run({ file: 'sh', args: ['-c', `sleep 1000 & echo $! > ${folder}/pid`] });
    expect(done.exitCode).toBe(0);
    const pid = await pidIn(join(folder, 'pid'));
    await waitUntil(() => !alive(pid));
  });

  it('tells a signal from an exit code', async () => {
    const done = await processes.run({ file: 'sh', args: ['-c', 'kill -TERM $$'] });
    expect(done).toMatchObject({ exitCode: undefined, signal: 'SIGTERM' });
  });

  it('names a program that is not there, as a fault of the host', async () => {
    await expect(processes.run({ file: 'no-such-program', args: [] })).rejects.toMatchObject({
      kind: 'host',
      code: 'process.missing',
    });
  });

  it('takes a program that itself ends with 127 at its word', async () => {
    expect((await processes.run({ file: 'sh', args: ['-c', 'exit 127'] })).exitCode).toBe(127);
  });

  it('ends at once when the user interrupts, and starts nothing more', async () => {
    const interruption = new AbortController();
    const interrupted = realEffects(interruption.signal).processes;
    const begun = performance.now();
    const running = interrupted.run({ file: 'sleep', args: ['10'] });
    setTimeout(() => {
      interruption.abort();
    }, 200);
    await expect(running).rejects.toMatchObject({ name: 'Interrupted' });
    expect(performance.now() - begun).toBeLessThan(9000);
    await expect(interrupted.run({ file: 'true', args: [] })).rejects.toMatchObject({ name: 'Interrupted' });
  });
});

describe('start', () => {
  it('gives two-way channels on descriptors 5 and 6', async () => {
    const { processes } = realEffects();
    const running = await processes.start({ file: 'sh', args: ['-c', 'read line <&5; echo "got $line" >&6'] }, 2);
    let heard = '';
    running.channels[1]?.onData((bytes) => {
      heard += Buffer.from(bytes).toString();
    });
    running.channels[0]?.write('hello\n');
    expect((await running.ended).exitCode).toBe(0);
    await waitUntil(() => heard === 'got hello\n');
  });

  it('has read the channels to their end when it settles', async () => {
    const { processes } = realEffects();
    for (let round = 0; round < 20; round += 1) {
      const running = await processes.start({ file: 'sh', args: ['-c', 'seq 1 20000 >&5; printf end >&5'] }, 1);
      let heard = '';
      running.channels[0]?.onData((bytes) => {
        heard += Buffer.from(bytes).toString();
      });
      await running.ended;
      expect(heard.endsWith('20000\nend')).toBe(true);
    }
  });

  it('survives a write to a program that has ended', async () => {
    const { processes } = realEffects();
    const running = await processes.start({ file: 'true', args: [] }, 1);
    await running.ended;
    running.channels[0]?.write('late\n');
    running.kill();
    expect((await running.ended).exitCode).toBe(0);
  });
});

describe('kill -9 of respin', () => {
  it('leaves nothing running, grandchildren included', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'respin-'));
    const guard = join(process.cwd(), 'harness/host/guard.sh');
    // What respin does, in a process that can be killed: a guarded program whose leash it holds.
    const parent = execa(
      process.execPath,
      [
        '-e',
        `require('child_process').spawn('/bin/sh', [${JSON.stringify(guard)}, 'sh', '-c', 'sleep 1000 & echo $! > ${folder}/pid; wait'], { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }); setInterval(() => {}, 1000);`,
      ],
      { reject: false },
    );
    const pid = await pidIn(join(folder, 'pid'));
    onTestFinished(() => {
      if (alive(pid)) process.kill(pid, 'SIGKILL');
    });
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await waitUntil(() => !alive(pid));
  });
});
