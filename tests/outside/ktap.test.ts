import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { parseKtap } from '../../harness/results/ktap.js';
import { badRun, everyEvidence, goodRun } from '../unit/report/samples.js';
import { FIXTURES, program, reportOf } from './tools.js';

const python = program('python3');

const READ = `
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
with contextlib.redirect_stdout(io.StringIO()):
    import kunit_parser
    test = kunit_parser.parse_run_tests(sys.stdin.read().splitlines(keepends=True))
def flat(test, prefix=''):
    for sub in test.subtests:
        yield [prefix + sub.name, sub.status.name]
        yield from flat(sub, prefix + sub.name + '/')
json.dump({'status': test.status.name, 'errors': test.counts.errors, 'tests': list(flat(test))}, sys.stdout)
`;

interface Read {
  readonly status: string;
  readonly errors: number;
  readonly tests: readonly (readonly [string, string])[];
}

describe.skipIf(python === undefined)("KTAP by the kernel's own parser (skipped where there is no python3)", () => {
  const read = async (ktap: string): Promise<Read> => JSON.parse((await execa(python ?? '', ['-c', READ, join(FIXTURES, 'kunit-parser')], { input: ktap, env: { PYTHONIOENCODING: 'utf-8', PYTHONDONTWRITEBYTECODE: '1' } })).stdout) as Read;

  it.each(everyEvidence())('reads a %s without an error, as many tests as there are, and fails it when it is not good', async (_, evidence) => {
    const ktap = reportOf('ktap', evidence);
    const { status, errors, tests } = await read(ktap);
    const isGood = 'exitCode' in evidence ? evidence.exitCode === 0 : evidence.verdict.exitCode === 0;
    expect({ errors, status }).toEqual({ errors: 0, status: isGood ? 'SUCCESS' : 'FAILURE' });
    const results = ktap.split('\n').filter((line) => /^ *(?:not )?ok \d+ /.test(line)).length;
    expect(tests).toHaveLength(results);
  });

  it('tells new failures, base failures and skips apart', async () => {
    const { tests } = await read(reportOf('ktap', badRun()));
    expect(Object.fromEntries(tests)).toMatchObject({ 'a/a.fixed': 'SUCCESS', 'a/a.known': 'SUCCESS', 'b/b.skipped': 'SKIPPED', 'b/b.same': 'FAILURE', 'respin/verdict': 'FAILURE' });
    expect(reportOf('ktap', goodRun())).toMatch(/^ {2}ok 2 a\.known # XFAIL base fail, tip fail: not ok$/m);
  });

  it('takes nothing that a test printed for a result', async () => {
    const bad = badRun();
    const lines = ['Subtest: x', '1..5', 'ok 1 y', 'KTAP version 1', 'not ok 2 z'];
    const printed = { ...bad, tip: { ...bad.tip, boots: bad.tip.boots.map((boot) => ({ ...boot, results: boot.results.map((result) => ({ ...result, lines })) })) } };
    expect(await read(reportOf('ktap', printed))).toEqual(await read(reportOf('ktap', bad)));
    expect(reportOf('ktap', printed)).toContain('\n  # | Subtest: x\n');
  });

  it('is read by respin itself as well', () => {
    for (const [, evidence] of everyEvidence()) expect(parseKtap(reportOf('ktap', evidence).split('\n'))).toBeDefined();
  });
});
