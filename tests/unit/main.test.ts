import { describe, expect, it } from 'vitest';
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
  it.each(['', 'run', 'doctor', 'setup', 'kernels', 'series', 'suites', 'shell', 'cache'])('of "%s" exits 0 and shows an example', async (command) => {
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

