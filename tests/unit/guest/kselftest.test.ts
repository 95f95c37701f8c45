import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import type { CompileTools } from '../../../harness/guest/compile.js';
import { keepFiles, kselftestFragments, listTarget, listTargets, parseLists, timeoutIn } from '../../../harness/guest/kselftest.js';
import { makePrograms, type ProgramsOutcome } from '../../../harness/guest/make-programs.js';
import { kselftestProgram, plainProgram } from '../../../harness/guest/program-file.js';
import { readBuildLimits } from '../../../harness/host/build-limits.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { proveSandbox, type Sandbox } from '../../../harness/host/sandbox.js';
import { cacheAt } from '../../../harness/store/cache.js';

let tree: string;
let ctx: Context;
let sandbox: Sandbox;
const limits = readBuildLimits({});

const LIB_MK = `TEST_GEN_PROGS := $(patsubst %,$(OUTPUT)/%,$(TEST_GEN_PROGS))
TEST_GEN_FILES := $(patsubst %,$(OUTPUT)/%,$(TEST_GEN_FILES))
CFLAGS += $(USERCFLAGS)
LDFLAGS += $(USERLDFLAGS)
$(OUTPUT)/%:%.c
\t$(CC) $(CFLAGS) $(LDFLAGS) $< -o $@
`;

function write(path: string, text: string, mode = 0o644): void {
  const file = join(tree, 'tools/testing/selftests', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

beforeAll(async () => {
  tree = mkdtempSync(join(tmpdir(), 'respin-tree-'));
  ctx = { effects: realEffects(), cache: cacheAt(join(tree, 'cache')), progress: () => undefined };
  sandbox = await proveSandbox(ctx, 'auto');
  write('lib.mk', LIB_MK);
  write('kselftest/ktap_helpers.sh', '# helpers\n');
  write(
    'demo/Makefile',
    'TEST_GEN_PROGS := good broken\nTEST_CUSTOM_PROGS := ../../../etc/passwd\nTEST_PROGS := run.sh other.sh gone.sh\nTEST_FILES := data*.txt ../../../../../etc/passwd leads-out\nTEST_GEN_FILES := helper\nTEST_INCLUDES := ../lib.sh\ninclude ../lib.mk\n',
  );
  write('demo/good.c', 'int main(void) { return 0; }\n');
  write('demo/helper.c', 'int main(void) { return 1; }\n');
  write('demo/broken.c', '#error no such thing\n');
  write('demo/run.sh', '#!/bin/sh -e\nexit 0\n', 0o755);
  write('demo/other.sh', '#!/bin/bash\nexit 0\n', 0o755);
  write('demo/data1.txt', 'one\n');
  write('demo/data2.txt', 'two\n');
  symlinkSync('/etc/passwd', join(tree, 'tools/testing/selftests/demo/leads-out'));
  write('lib.sh', '# lib\n');
  write('demo/settings', '# timeout=1\ntimeout=30\n');
  write('demo/config', 'CONFIG_A=m\nCONFIG_B=y\n# CONFIG_C is not set\n');
  write('simple/Makefile', 'TEST_GEN_PROGS := one\ninclude ../lib.mk\n');
  write('simple/one.c', 'int main(void) { return 0; }\n');
  write('bad/Makefile', '$(error no)\n');
});
afterAll(() => {
  rmSync(tree, { recursive: true, force: true });
});

const tools = (): CompileTools => ({ sandbox, limits, compiler: 'gcc' });

async function made(...names: readonly string[]): Promise<Extract<ProgramsOutcome, { kind: 'made' }>> {
  const outcome = await makePrograms(ctx, tools(), tree, names.map(kselftestProgram), 2);
  if (outcome.kind !== 'made') throw new Error(outcome.output.join('\n'));
  return outcome;
}

describe('a target as a whole', () => {
  it('is what its Makefile lists, as far as it stays in its folder', async () => {
    expect(await listTarget(ctx, tools(), tree, 'demo')).toEqual({
      programs: ['good', 'broken'],
      scripts: ['run.sh', 'other.sh', 'gone.sh'],
      generated: ['helper'],
      files: ['data1.txt', 'data2.txt', 'leads-out'],
      includes: ['../lib.sh'],
    });
    expect(await listTarget(ctx, tools(), tree, 'bad')).toMatchObject({ programs: [], scripts: [] });
  });

  it('is not known where the host ends make, or has no time for it', async () => {
    write('slow/Makefile', '_ := $(shell sleep 600)\n');
    await expect(listTarget(ctx, { ...tools(), limits: { ...limits, timeMs: 300 } }, tree, 'slow')).rejects.toMatchObject({ kind: 'host', code: 'build.limit-time' });
    write('slow/Makefile', '_ := $(shell kill -9 $$PPID)\n');
    await expect(listTarget(ctx, tools(), tree, 'slow')).rejects.toMatchObject({ kind: 'host', code: 'kselftest.host' });
    rmSync(join(tree, 'tools/testing/selftests/slow'), { recursive: true });
  });

  it('makes every program, with what lies beside it; what cannot run says why', async () => {
    const { programs, leftOut } = await made('demo');
    expect(programs.map(({ program }) => program)).toMatchObject([
      { name: 'demo.good', path: '/respin/kselftest/demo/good', cwd: '/respin/kselftest/demo', timeoutMs: 60_000, judge: 'auto' },
      { name: 'demo.run.sh', path: '/bin/sh', args: ['-e', './run.sh'], cwd: '/respin/kselftest/demo', timeoutMs: 60_000 },
    ]);
    expect(leftOut.map(({ program, status, reason }) => [program.name, status, reason])).toEqual([
      ['demo.broken', 'fail', expect.stringMatching(/^it does not build: .*no such thing/)],
      ['demo.other.sh', 'skip', 'it is a script for bash, which the guest does not have'],
      ['demo.gone.sh', 'fail', expect.stringMatching(/the tree does not have it/)],
    ]);
    const files = programs[1]?.files.map(({ guestPath }) => guestPath.replace('/respin/kselftest/', '')).sort();
    expect(files).toEqual(['demo/data1.txt', 'demo/data2.txt', 'demo/helper', 'demo/other.sh', 'demo/run.sh', 'kselftest/ktap_helpers.sh', 'lib.sh']);
  });

  it('is missing where the tree does not have it', async () => {
    const { programs, leftOut } = await made('none', 'bad', 'simple:two');
    expect(programs).toEqual([]);
    expect(leftOut.map(({ program, status }) => [program.name, status])).toEqual([['none', 'missing'], ['bad', 'missing'], ['simple.two', 'missing']]);
  });
});

describe('one program of a target', () => {
  it('is made alone, and runs once when its target is named too', async () => {
    expect((await made('simple:one')).programs).toMatchObject([{ program: { name: 'simple.one', timeoutMs: 90_000 } }]);
    expect((await made('simple:one', 'simple', 'simple:one')).programs).toHaveLength(1);
    expect((await made('demo:run.sh')).programs).toMatchObject([{ program: { name: 'demo.run.sh', args: ['-e', './run.sh'] } }]);
    expect((await made('demo:other.sh')).leftOut).toMatchObject([{ status: 'skip' }]);
  });

  it('that does not build is the outcome', async () => {
    expect(await makePrograms(ctx, tools(), tree, [kselftestProgram('demo:broken')], 1)).toMatchObject({ kind: 'program-failed', name: 'demo.broken' });
  });

  it('does not share its name with another', async () => {
    const other = plainProgram('simple.one', { kind: 'source', path: join(tree, 'tools/testing/selftests/demo/good.c') });
    await expect(makePrograms(ctx, tools(), tree, [kselftestProgram('simple'), other], 1)).rejects.toMatchObject({ code: 'suite.invalid' });
  });
});

it('knows what the compiler read of a folder of the user', async () => {
  const folder = join(tree, 'mine');
  mkdirSync(folder);
  writeFileSync(join(folder, 'mine.h'), '#define RESULT 0\n');
  writeFileSync(join(folder, 'mine.c'), '#include "mine.h"\nint main(void) { return RESULT; }\n');
  const outcome = await makePrograms(ctx, tools(), join(tree, 'tools'), [plainProgram('mine', { kind: 'source', path: join(folder, 'mine.c') })], 1);
  expect(outcome).toMatchObject({ kind: 'made', programs: [{ program: { path: '/respin/bin/mine', args: [] } }] });
  if (outcome.kind === 'made') expect(outcome.reads.map(({ path }) => path)).toEqual([join(folder, 'mine.c'), join(folder, 'mine.h')]);
});

it('copies no file from outside the tree', async () => {
  const kept = await keepFiles(ctx, tree, 'demo', ['leads-out', '../../../../../etc/passwd', 'data1.txt']);
  expect(kept.map(({ name }) => name)).toEqual(['demo/data1.txt']);
  expect(readFileSync(kept[0]?.path ?? '', 'utf8')).toBe('one\n');
});

it('builds in what a target wants as a module', async () => {
  expect(await kselftestFragments(ctx, tree, [kselftestProgram('demo'), kselftestProgram('demo:good'), kselftestProgram('simple')])).toEqual([
    { name: 'tools/testing/selftests/demo/config', text: 'CONFIG_A=y\nCONFIG_B=y\n# CONFIG_C is not set\n' },
  ]);
});

it('lists the targets of a tree', async () => {
  expect(await listTargets(ctx, tree)).toEqual(['bad', 'demo', 'simple']);
});

it.each([['', 45_000], ['timeout=180', 180_000], ['timeout=0', 600_000], ['# timeout=1\n', 45_000], ['timeout=soon', 45_000], ['timeout=1\ntimeout=2\n', 2000]])('settings %j give %d ms', (text, ms) => {
  expect(timeoutIn(text)).toBe(ms);
});

it('takes from make only what it was asked for', () => {
  const output = ['make: hello', 'respin-lists: TEST_GEN_PROGS /out/a', 'respin-lists: TEST_GEN_PROGS /out/../b', 'respin-lists: TEST_PROGS -x', 'respin-lists: constructor x', 'respin-lists: TEST_GEN_PROGS /out/a'].join('\n');
  expect(parseLists(output, '/out')).toEqual({ programs: ['a'], scripts: [], generated: [], files: [], includes: [] });
});
