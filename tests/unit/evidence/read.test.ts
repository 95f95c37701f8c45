import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConsole } from '../../../harness/evidence/read-console.js';
import { parseEvidence, readEvidence } from '../../../harness/evidence/read.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { digestOf } from '../../../harness/store/digest.js';
import { everyEvidence, goodRun } from '../report/samples.js';

const ctx = { effects: realEffects() };

describe('readEvidence', () => {
  it('reads a folder and a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'respin-'));
    await writeFile(join(folder, 'evidence.json'), JSON.stringify(goodRun()));
    const expected = { folder, evidence: JSON.parse(JSON.stringify(goodRun())) as unknown };
    expect(await readEvidence(ctx, folder)).toEqual(expected);
    expect(await readEvidence(ctx, join(folder, 'evidence.json'))).toEqual(expected);
  });

  it('says what is wrong with what it cannot read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'respin-'));
    await expect(readEvidence(ctx, folder)).rejects.toMatchObject({ kind: 'usage', code: 'evidence.unreadable', message: expect.stringMatching(/no evidence\.json .*ENOENT/) as string });
    await expect(readEvidence(ctx, join(folder, 'none'))).rejects.toMatchObject({ kind: 'usage', code: 'evidence.unreadable' });
    await writeFile(join(folder, 'evidence.json'), '{');
    await expect(readEvidence(ctx, folder)).rejects.toMatchObject({ code: 'evidence.unreadable', message: expect.stringMatching(/no JSON/) as string });
  });
});

describe('parseEvidence', () => {
  it.each(everyEvidence())('takes a %s', (_, evidence) => {
    expect(parseEvidence(JSON.parse(JSON.stringify(evidence)), 'x').kind).toBe(evidence.kind);
  });

  it('refuses a newer version and a kind that it does not know, and says so', () => {
    expect(() => parseEvidence({ ...goodRun(), version: 2, verdict: 'in another form' }, 'e.json')).toThrow(/e\.json is evidence of version 2; this respin reads version 1/);
    expect(() => parseEvidence({ ...goodRun(), kind: 'dream' }, 'e.json')).toThrow(/of the kind "dream" and version 1; this respin reads run, walk, bisect, step, compare, check, matrix of version 1/);
  });

  it('refuses what is none, and what breaks the schema, with the place', () => {
    expect(() => parseEvidence([], 'x')).toThrow(/no evidence of respin/);
    expect(() => parseEvidence({ ...goodRun(), totalMs: 'long' }, 'x')).toThrow(/breaks the schema of evidence: totalMs: /);
  });
});

describe('readConsole', () => {
  it('reads one that is small whole, without the CR of a serial line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'respin-'));
    await writeFile(join(folder, 'c.log'), Buffer.from('one\r\ntwo\nthr\u00ffee', 'latin1'));
    expect(await readConsole(ctx, folder, 'c.log')).toEqual({ head: ['one', 'two', 'thr\ufffdee'], left: { lines: 0, bytes: 0 }, tail: [], digest: digestOf(Buffer.from('one\r\ntwo\nthr\u00ffee', 'latin1')) });
  });

  it('cuts one that is large in whole lines, and counts what it left out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'respin-'));
    const lines = Array.from({ length: 400_000 }, (_, index) => `line ${index + 1}`);
    await writeFile(join(folder, 'c.log'), `${lines.join('\n')}\n`);
    const read = await readConsole(ctx, folder, 'c.log');
    const { head = [], tail = [], left = { lines: 0, bytes: 0 } } = read ?? {};
    expect(head.length + left.lines + tail.length).toBe(lines.length);
    expect([head.at(-1), tail[0], tail.at(-1)]).toEqual([lines[head.length - 1], lines[head.length + left.lines], lines.at(-1)]);
    expect(left.bytes).toBeGreaterThan(2_000_000);
  });

  it('reads nothing outside of the folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'respin-'));
    await mkdir(join(folder, 'in'));
    await writeFile(join(folder, 'secret'), 'x');
    for (const path of ['../secret', '/etc/hostname', 'a/../../secret', 'none', '.']) expect(await readConsole(ctx, join(folder, 'in'), path)).toBeUndefined();
  });
});
