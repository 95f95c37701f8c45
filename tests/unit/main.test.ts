import { describe, expect, it } from 'vitest';
import { errorExit } from '../../harness/exit-codes.js';
import { main } from '../../harness/main.js';

async function output(args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const { stdout, stderr } = process;
  let out = '';
  let err = '';
  const original = { out: stdout.write.bind(stdout), err: stderr.write.bind(stderr) };
  stdout.write = (chunk: string | Uint8Array) => ((out += String(chunk)), true);
  stderr.write = (chunk: string | Uint8Array) => ((err += String(chunk)), true);
  try {
    return { code: await main(args), out, err };
  } finally {
    stdout.write = original.out;
    stderr.write = original.err;
  }
}

describe('help', () => {
  it.each(['', 'run', 'doctor', 'setup', 'kernels', 'series', 'suites', 'shell', 'cache', 'walk', 'init', 'plan', 'merge', 'annotate'])('of "%s" exits 0 and shows an example', async (command) => {
    const { code, out } = await output([...(command === '' ? [] : [command]), '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples?:\n {2}respin/);
  });
});

describe('a wrong request', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['an unknown command', ['ran'], /unknown command 'ran'.*\n?.*run/],
    ['an unknown option', ['run', '--kernal', '6.12'], /unknown option '--kernal'[^]*--kernel/],
    ['an unknown accelerator', ['run', '--accel', 'xen'], /auto, kvm, tcg/],
    ['an unknown profile', ['run', '--profile', 'kasam'], /did you mean "kasan"\? there is: plain, smp/],
    ['an unknown series', ['run', 'semundo-v9'], /semundo-v1/],
    ['an unknown suite', ['run', '--suite', 'semundoo'], /did you mean "semundo"/],
    ['a kernel that is none', ['run', '--kernel', 'latest'], /6\.12/],
    ['a version of a series that is none', ['run', '--version', '0'], /the N of \[PATCH vN\]/],
    ['a series of another form', ['walk', 'git:.'], /#BASE\.\.TIP/],
    ['a duration that is none', ['run', '--timeout', 'soon'], /90s/],
    ['an unknown action', ['cache', 'purge'], /prune/],
    ['no machine', ['plan', 'semundo-v1', '--shards', '0'], /--shards 0 is no number of machines: expected from 1 to 256/],
    ['a plan of standard input', ['plan', '-'], /write the series into a file/],
    ['a matrix without a plan', ['plan', 'semundo-v1', '--format', 'github'], /--out plan\.json/],
    ['a walk of unknown length', ['plan', 'semundo-v1', '--walk', '-k', 'git:/nonexistent#v6.12'], /how many patches the series has/],
    ['earlier evidence that is not there', ['plan', 'semundo-v1', '--times', '/nonexistent'], /--times \/nonexistent cannot be read/],
    ['a profile of a plan that is none', ['plan', 'semundo-v1', '-p', 'kasam'], /did you mean "kasan"/],
    ['a shard of nothing', ['run', '--shard', '1of2-x'], /--plan plan\.json/],
    ['a plan that is not there', ['run', '--plan', '/nonexistent'], /--plan \/nonexistent cannot be read/],
    ['a plan that is none', ['run', '--plan', 'package.json'], /package\.json is no plan/],
    ['a kernel beside a plan', ['run', '--plan', 'plan.json', '--kernel', '6.1'], /--kernel stands beside --plan/],
    ['shards that are none', ['merge', 'docs'], /docs holds no evidence/],
    ['annotations of nothing', ['annotate', 'package.json'], /package\.json is of the kind none/],
    ['a test that is not there', ['run', '--test', '/nonexistent/a.c'], /\/nonexistent\/a\.c: there is no such file/],
    ['a test that is no test', ['run', '--test', 'package.json'], /package\.json: it is neither a C file/],
    ['a dynamic program', ['run', '--test', '/bin/ls'], /it is a dynamic program/],
    ['a script for another shell', ['walk', '--test', '.ci/run'], /a script for bash/],
    ['a folder without tests', ['walk', '--test', 'docs/decisions'], /no test in this folder/],
    ['a target of selftests that is none', ['run', '--kselftest', '../x'], /--kselftest "\.\.\/x" is no target/],
    ['a suite file that is not there', ['run', '--suite', './none.yaml'], /none\.yaml: there is no such file/],
    ['a suite file that is none', ['run', '--suite', './package.json'], /package\.json: .*at the top: unknown key "version"/],
    ['a fragment that is not there', ['run', '--config', 'none.config'], /--config .*none\.config cannot be read/],
    ['a fragment that is none', ['run', '--config', 'package.json'], /package\.json: line 1, "\{", is no line of a configuration/],
    ['an option without a value', ['run', '--config', 'CONFIG_NET='], /no line of a configuration/],
    ['what the guest cannot do without', ['run', '--config', 'CONFIG_SERIAL_8250=n'], /cannot be switched off/],
    ['a console of the user\'s', ['run', '--append', 'console=tty0'], /"console=tty0" cannot be added/],
    ['another first program', ['run', '--append', 'slub_debug init=/bin/sh'], /respin sets init itself/],
    ['a word of respin\'s', ['run', '--append', 'respin.mode=shell'], /respin\.mode=shell/],
    ['too little memory', ['run', '--memory', '8M'], /from 64M to/],
    ['no memory size', ['run', '--memory', 'lots'], /512M or 2G/],
    ['no CPUs', ['run', '--smp', '0'], /from 1 to 64/],
    ['an argument of QEMU that is respin\'s', ['run', '--qemu-arg=-kernel'], /the kernel is what is tested/],
    ['no boots', ['run', '--repeat', '0'], /from 1 to 1000/],
    ['repeat that is no number', ['walk', '--repeat', 'often'], /--repeat 5/],
  ])('%s exits 2 and says what is valid', async (_what, args, message) => {
    const { code, out, err } = await output(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });

  it('is one JSON document where JSON was asked for', async () => {
    expect(JSON.parse((await output(['run', '--json', '--fersh'])).out)).toMatchObject({ verdict: null, exitCode: 2, error: { kind: 'usage' } });
    const { code, out } = await output(['run', '--json', '--profile', 'none']);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ verdict: null, exitCode: 2, error: { code: 'profile.unknown', kind: 'usage' } });
  });
});

it('tells the version of package.json', async () => {
  expect((await output(['-V'])).out).toBe((await output(['--version'])).out);
  expect((await output(['--version'])).out.trim()).toMatch(/^\d+\.\d+\.\d+$/);
});


describe('a step of git bisect run', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['an unknown option', ['--kernal', '6.12'], /unknown option '--kernal'/],
    ['a series', ['semundo-v1'], /without a series; it was given semundo-v1/],
    ['a kernel that is the same at every step', ['--kernel', '6.12'], /the same kernel at every step/],
    ['two faults at once', ['--build', '--boot'], /one thing can be searched for at a time/],
    ['two tests by name', ['--test', 'a', '--test', 'b'], /one test can be searched for, not 2: a, b/],
  ])('ends with 130 for %s, so that git stops', async (_, args, message) => {
    const { code, err } = await output(['run', '--bisect', ...args]);
    expect(err).toMatch(message);
    expect(code).toBe(130);
  });

  it('tells the same code in JSON', async () => {
    const { code, out } = await output(['run', '--bisect', 'semundo-v1', '--json']);
    expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({ code: 130, exitCode: 130, error: { code: 'step.series' } });
  });

  it('ends with 131 for a host that failed', () => {
    expect([errorExit(['run', '--bisect'], 3), errorExit(['run'], 3), errorExit(['walk', '--bisect'], 3), errorExit(['run', '--bisect'], 130)]).toEqual([131, 3, 3, 130]);
  });

  it('alone knows its options', async () => {
    const { code, err } = await output(['run', 'semundo-v1', '--finding', 'KASAN']);
    expect(code).toBe(2);
    expect(err).toMatch(/--finding: that is for a bisection/);
  });
});

describe('points at once', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['no number', ['semundo-v1', '--jobs', 'all'], /expected a number from 1 to 8/],
    ['too many', ['semundo-v1', '--jobs', '9'], /expected a number from 1 to 8/],
    ['commits', ['git:.#HEAD~1..HEAD', '--suite', 'msgque', '--jobs', '2'], /git bisect looks at one commit after the other/],
    ['options', ['--config-good', 'CONFIG_NET=y', '--config-bad', 'CONFIG_NET=n', '--suite', 'msgque', '--jobs', '2'], /each set of options depends/],
  ])('are refused for %s', async (_, args, message) => {
    const { code, err } = await output(['bisect', ...args]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('a bisection of configurations', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['one alone', ['--config-good', 'CONFIG_NET=y'], /--config-good needs --config-bad beside it/],
    ['what is for code', ['--config-good', 'CONFIG_NET=y', '--config-bad', 'CONFIG_NET=n', '--fixed'], /exchange the two/],
    ['a file that is not there', ['--config-good', 'none.config', '--config-bad', 'CONFIG_NET=n', '--suite', 'msgque'], /--config-good .*none\.config cannot be read/],
  ])('refuses %s', async (_, args, message) => {
    const { code, err } = await output(['bisect', ...args]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
