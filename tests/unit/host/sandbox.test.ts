import { mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { homedir, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import type { Running } from '../../../harness/effects.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { openRoom, proveSandbox } from '../../../harness/host/sandbox.js';
import { cacheAt } from '../../../harness/store/cache.js';

async function setUp() {
  const root = await mkdtemp(join(tmpdir(), 'respin-'));
  const ctx: Context = { effects: realEffects(), progress: () => undefined, cache: cacheAt(root) };
  const src = join(root, 'src');
  const out = join(root, 'out');
  await mkdir(src);
  await mkdir(out);
  await writeFile(join(src, 'a'), 'source\n');
  return { ctx, src, out };
}

const usable = (await proveSandbox((await setUp()).ctx, 'auto')).kind === 'bubblewrap';

describe.skipIf(!usable)('a room in bubblewrap (skipped where this host has no usable bwrap)', () => {
  async function tryIn(script: string): Promise<{ readonly output: string; readonly out: string; readonly src: string }> {
    const { ctx, src, out } = await setUp();
    const sandbox = await proveSandbox(ctx, 'required');
    const room = openRoom(sandbox, [
      { host: src, at: '/respin/src', access: 'read' },
      { host: out, at: '/respin/obj', access: 'write' },
    ]);
    const done = await ctx.effects.processes.run(room.command({ file: 'sh', args: ['-c', script], cwd: out, env: { MINE: 'x' } }));
    return { output: done.stdout + done.stderr, out, src };
  }

  async function bwrapKnows(flag: string): Promise<boolean> {
    return (await (await setUp()).ctx.effects.processes.run({ file: 'bwrap', args: ['--help'] })).stdout.includes(flag);
  }

  it('shows the mounts at their fixed places, the sources read-only', async () => {
    const { output, out, src } = await tryIn('pwd; cat /respin/src/a; echo made > b; echo no > /respin/src/a');
    expect(output).toMatch(/^\/respin\/obj\nsource\n/);
    expect(await readFile(join(out, 'b'), 'utf8')).toBe('made\n');
    expect(await readFile(join(src, 'a'), 'utf8')).toBe('source\n');
    expect(output).toMatch(/Read-only file system/);
  });

  it('has neither the home folder, nor /etc/shadow, nor the environment, that of its parent included', async () => {
    process.env['RESPIN_TEST_TOKEN'] = 'secret';
    const { output } = await tryIn(`ls ${homedir()}; ls ${process.cwd()}; cat /etc/shadow; env; cat /proc/[0-9]*/environ | tr '\\0' '\\n'`);
    delete process.env['RESPIN_TEST_TOKEN'];
    expect(output.match(/No such file or directory/g)).toHaveLength(3);
    expect(output).toMatch(/MINE=x/);
    expect(output).not.toMatch(/secret/);
  });

  it('sees no process but its own', async () => {
    const { output } = await tryIn("tr '\\0' ' ' 2>&1 </proc/1/cmdline; echo; ls -d /proc/[0-9]* | wc -l");
    const [first = '', count] = output.split('\n');
    expect(first).toMatch(/^bwrap /);
    // bwrap, the shell, ls and wc.
    expect(Number(count)).toBeLessThanOrEqual(4);
  });

  it('has no network, not even to this host', async () => {
    const server = createServer((_request, response) => response.end('reached')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const script = `perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(PeerAddr => "127.0.0.1:${port}") ? "open" : "closed"'`;
    const { output } = await tryIn(script);
    server.close();
    expect(output).toBe('closed');
  });

  it('has no way to an abstract socket of this host', async () => {
    const { ctx } = await setUp();
    const socket = (what: string): string => `socket(my $s, PF_UNIX, SOCK_STREAM, 0); $a = pack("S a*", AF_UNIX, "\\0respin-${process.pid}"); ${what}`;
    const client = `perl -MSocket -e '${socket('print connect($s, $a) ? "open" : "closed"')}'`;
    let server: Running | undefined;
    await new Promise<void>((resolve) => {
      const command = { file: 'perl', args: ['-MSocket', '-e', socket('bind($s, $a) && listen($s, 9) or die; $| = 1; print "up\\n"; sleep 60')], onLine: () => resolve() };
      void ctx.effects.processes.start(command, 0).then((started) => (server = started));
    });
    const outside = await ctx.effects.processes.run({ file: 'sh', args: ['-c', client] });
    const { output } = await tryIn(client);
    server?.kill();
    await server?.ended;
    expect({ outside: outside.stdout, output }).toEqual({ outside: 'open', output: 'closed' });
  });

  it('writes to its mounts and to /tmp alone', async () => {
    const places = ['/escaped', '/dev/escaped', '/dev/shm/escaped', '/respin/escaped', '/usr/escaped', '/etc/escaped', '/proc/self/oom_score_adj'];
    const { output } = await tryIn(`for place in ${places.join(' ')}; do echo 0 2>/dev/null >$place && echo wrote $place; done; echo x >/tmp/y && echo x >/respin/obj/y && echo done`);
    expect(output.split('\n').filter((line) => !line.includes('Read-only'))).toEqual(['done', '']);
  });

  it('has a bound on what it writes to memory', async () => {
    const { output } = await tryIn('df --output=size -B1 /tmp | tail -1');
    if (await bwrapKnows('--size')) expect(Number(output)).toBeLessThanOrEqual(Math.min(totalmem() / 4, 4 * 1024 ** 3));
  });

  // Root owns these, with and without capabilities. Nothing is changed where it can be: the value that is there is written.
  it('writes to no setting of the kernel', async () => {
    const { output } = await tryIn('cat /proc/sys/kernel/core_pattern >/tmp/is && cat /tmp/is >/proc/sys/kernel/core_pattern && echo wrote; ls -d /proc/sys');
    expect(output).not.toContain('wrote');
    expect(output).toMatch(/Read-only file system|Permission denied/);
  });

  it('gets no capability, and makes no namespace in which it would have some', async () => {
    const { output } = await tryIn('grep ^Cap /proc/self/status; unshare --user true && echo UNSHARED');
    expect(output.match(/^Cap\w+:\t0+$/gm)).toHaveLength(5);
    if (await bwrapKnows('--disable-userns')) expect(output).not.toContain('UNSHARED');
  });

  it('makes no file larger than the limit, also none of holes', async () => {
    const { output, out } = await tryIn('truncate -s 5G large 2>&1; truncate -s 3G fits; stat -c %s fits');
    expect(output).toMatch(/3221225472/);
    expect((await stat(join(out, 'large')).catch(() => ({ size: 0 }))).size).toBe(0);
  });

  it('has a bound on processes, which root is not held to', async () => {
    const { output } = await tryIn('ulimit -u 2>/dev/null || ulimit -p');
    expect(Number(output)).toBeGreaterThan(0);
    expect(Number(output)).toBeLessThanOrEqual(8192);
  });

  it('is what the kernel ends first when memory runs out', async () => {
    expect((await tryIn('cat /proc/self/oom_score_adj')).output).toBe('700\n');
  });

  it('leaves no process behind that left its session', async () => {
    const { output } = await tryIn(`setsid sleep 20.${process.pid} >/dev/null 2>&1 & sleep 0.3; echo started`);
    expect(output).toBe('started\n');
    const { ctx } = await setUp();
    const left = await ctx.effects.processes.run({ file: 'sh', args: ['-c', `grep -lsax 'sleep.20.${process.pid}.' /proc/[0-9]*/cmdline`] });
    expect(left.stdout).toBe('');
  });
});

it('runs on the host paths where there is no sandbox, still without the environment', async () => {
  const { ctx, src, out } = await setUp();
  const sandbox = await proveSandbox(ctx, 'off');
  const room = openRoom(sandbox, [{ host: src, at: '/respin/src', access: 'read' }]);
  expect(room.path(join(src, 'a'))).toBe(join(src, 'a'));
  process.env['RESPIN_TEST_TOKEN'] = 'secret';
  const done = await ctx.effects.processes.run(room.command({ file: 'sh', args: ['-c', 'pwd; env'], cwd: out }));
  delete process.env['RESPIN_TEST_TOKEN'];
  expect(done.stdout.split('\n')[0]).toBe(out);
  expect(done.stdout).not.toMatch(/secret/);
});

it('refuses to go on without a sandbox that is required', async () => {
  const { ctx } = await setUp();
  const none: Context = {
    ...ctx,
    effects: {
      ...ctx.effects,
      processes: {
        ...ctx.effects.processes,
        run: (command) => ctx.effects.processes.run({ ...command, file: command.file === 'bwrap' ? 'false' : command.file }),
      },
    },
  };
  await expect(proveSandbox(none, 'required')).rejects.toMatchObject({ kind: 'host', code: 'sandbox.required' });
  await expect(proveSandbox(none, 'auto')).resolves.toMatchObject({ kind: 'none' });
});
