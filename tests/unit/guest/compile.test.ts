import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import type { Effects } from '../../../harness/effects.js';
import { compile, parseDependencies, ROOM, type CompiledProgram, type Recipe } from '../../../harness/guest/compile.js';
import { readBuildLimits } from '../../../harness/host/build-limits.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { proveSandbox, type Sandbox } from '../../../harness/host/sandbox.js';
import { cacheAt } from '../../../harness/store/cache.js';

let root: string;
let ctx: Context;
let runs: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'respin compile-'));
  const real = realEffects();
  const effects: Effects = {
    ...real,
    processes: { ...real.processes, start: (command, channels) => ((runs += 1), real.processes.start(command, channels)) },
  };
  ctx = { effects, cache: cacheAt(join(root, 'cache')), progress: () => undefined };
  runs = 0;
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'src', 'answer.h'), '#define ANSWER 42\n');
  writeFileSync(join(root, 'src', 'a.c'), '#include <stdio.h>\n#include "answer.h"\nint main(void) { printf("%d\\n", ANSWER); return 0; }\n');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function recipe(): Recipe {
  const source = join(root, 'src', 'a.c');
  return {
    name: 'a',
    product: 'a',
    folder: join(root, 'src'),
    inputs: [],
    mounts: [{ host: join(root, 'src'), at: ROOM.source, access: 'read' }],
    command: (room, out) => ({ file: 'gcc', args: ['-MD', '-MF', `${out}/a.d`, '-o', `${out}/a`, room.path(source)] }),
  };
}

const limits = readBuildLimits({});
const none: Sandbox = { kind: 'none', flags: [], detail: '' };

async function compiled(sandbox: Sandbox = none, compiler = 'gcc'): Promise<CompiledProgram> {
  runs = 0;
  const made = await compile(ctx, { sandbox, compiler, limits }, recipe());
  if ('kind' in made) throw new Error(made.output.join('\n'));
  return made;
}

describe('compile', () => {
  it('makes a program that runs, and leaves nothing behind but it', async () => {
    const made = await compiled();
    expect((await ctx.effects.processes.run({ file: made.path, args: [] })).stdout).toBe('42\n');
    expect(readdirSync(ctx.cache.tmp)).toEqual([]);
  });

  it('compiles once while nothing changes, and again for another header or compiler', async () => {
    const first = await compiled();
    expect(runs).toBe(1);
    expect(await compiled()).toEqual(first);
    expect(runs).toBe(0);
    writeFileSync(join(root, 'src', 'answer.h'), '#define ANSWER 43\n');
    expect((await compiled()).digest).not.toBe(first.digest);
    expect(runs).toBe(1);
    await compiled(none, 'another gcc');
    expect(runs).toBe(1);
  });

  it('makes a product again that was damaged', async () => {
    const { path } = await compiled();
    writeFileSync(path, 'damaged');
    expect((await ctx.effects.processes.run({ file: (await compiled()).path, args: [] })).stdout).toBe('42\n');
  });

  it('makes the same bytes in the sandbox, and remembers what was read there', async (test) => {
    const sandbox = await proveSandbox(ctx, 'auto');
    if (sandbox.kind === 'none') test.skip(`no sandbox here: ${sandbox.detail}`);
    const held = await compiled(sandbox);
    expect(held.digest).toBe((await compiled()).digest);
    await compiled(sandbox);
    expect(runs).toBe(0);
    writeFileSync(join(root, 'src', 'answer.h'), '#define ANSWER 43\n');
    await compiled(sandbox);
    expect(runs).toBe(1);
  });

  it('gives what the compiler said when it refuses', async () => {
    writeFileSync(join(root, 'src', 'a.c'), 'int main(void) { return missing; }\n');
    const failed = await compile(ctx, { sandbox: none, compiler: 'gcc', limits }, recipe());
    expect(failed).toMatchObject({ kind: 'program-failed', name: 'a' });
    expect(JSON.stringify(failed)).toContain('missing');
    expect(readdirSync(ctx.cache.tmp)).toEqual([]);
  });

  it('takes a host that fails for no fault of the program', async () => {
    const full: Recipe = { ...recipe(), command: () => ({ file: '/bin/sh', args: ['-c', 'echo "ld: final link failed: No space left on device" >&2; exit 1'] }) };
    await expect(compile(ctx, { sandbox: none, compiler: 'gcc', limits }, full)).rejects.toMatchObject({ kind: 'host', code: 'compile.host' });
  });

  it.each([
    ['ends it', 'compile.host', limits, 'kill -9 $$'],
    ['has no time for it', 'build.limit-time', { ...limits, timeMs: 300 }, 'sleep 600'],
  ])('takes a host that %s for no fault of the program', async (_, code, short, script) => {
    const cut: Recipe = { ...recipe(), command: () => ({ file: '/bin/sh', args: ['-c', script] }) };
    for (const sandbox of [none, await proveSandbox(ctx, 'auto')]) {
      await expect(compile(ctx, { sandbox, compiler: 'gcc', limits: short }, cut)).rejects.toMatchObject({ kind: 'host', code });
    }
  });

  it('takes no link for the product', async () => {
    const trick: Recipe = { ...recipe(), command: (_, out) => ({ file: 'ln', args: ['-s', '/etc/passwd', `${out}/a`] }) };
    await expect(compile(ctx, { sandbox: none, compiler: 'gcc', limits }, trick)).rejects.toMatchObject({ kind: 'host' });
  });

  it('does not read a device that a makefile names as something it read', async () => {
    const trick: Recipe = {
      ...recipe(),
      inputs: ['/dev/zero'],
      command: (_, out) => ({ file: '/bin/sh', args: ['-c', `echo 'a: /dev/zero' >${JSON.stringify(`${out}/a.d`)}; echo x >${JSON.stringify(`${out}/a`)}`] }),
    };
    const made = await compile(ctx, { sandbox: none, compiler: 'gcc', limits }, trick);
    expect('kind' in made).toBe(false);
    if (!('kind' in made)) expect(readFileSync(made.path, 'utf8')).toBe('x\n');
  });
});

describe('parseDependencies', () => {
  it('reads what gcc -MD writes', () => {
    expect(parseDependencies('a.o: a.c ../my\\ file.h \\\n /usr/include/x.h\n\nb.o: b.c a.c $$h\n')).toEqual([
      'a.c',
      '../my file.h',
      '/usr/include/x.h',
      'b.c',
      '$h',
    ]);
  });

  it('finds nothing in other text', () => {
    expect(parseDependencies('nothing here\n\n')).toEqual([]);
  });

  /** What a makefile of the tree makes, which includes a file that nobody is told of. */
  function byMakefile(dependencies = ''): Recipe {
    return { ...recipe(), command: (room, out) => ({ file: '/bin/sh', args: ['-c', `printf %s '${dependencies}' >'${out}/a.d'; exec cp '${room.path(join(root, 'src', 'include.mk'))}' '${out}/a'`] }) };
  }

  async function madeBy(author: string | undefined, made = byMakefile()): Promise<string> {
    const program = await compile(ctx, { sandbox: none, compiler: 'gcc', limits, author }, made);
    if ('kind' in program) throw new Error(program.output.join('\n'));
    return readFileSync(program.path, 'utf8');
  }

  it('uses what the makefiles of a series made for nobody else', async () => {
    writeFileSync(join(root, 'src', 'include.mk'), 'passes always');
    expect(await madeBy('tip-1')).toBe('passes always');
    writeFileSync(join(root, 'src', 'include.mk'), 'honest');
    expect(await madeBy('tip-2')).toBe('honest');
    expect(await madeBy(undefined)).toBe('honest');
  });

  it("uses what the kernel's own makefiles made for a series too", async () => {
    writeFileSync(join(root, 'src', 'include.mk'), 'honest');
    await madeBy(undefined);
    runs = 0;
    await madeBy('tip-1');
    expect(runs).toBe(0);
  });

  it.each(['/respin/source/../outside', '../outside', '/respin/source/sub/../../outside'])('reads no file outside of the tree that a makefile names: %s', async (path) => {
    writeFileSync(join(root, 'src', 'include.mk'), 'x');
    writeFileSync(join(root, 'outside'), 'secret');
    mkdirSync(join(root, 'src', 'sub'));
    const program = await compile(ctx, { sandbox: none, compiler: 'gcc', limits }, byMakefile(`a: ${path} answer.h`));
    expect(program).toMatchObject({ reads: [{ path: join(root, 'src', 'answer.h') }] });
  });
});
