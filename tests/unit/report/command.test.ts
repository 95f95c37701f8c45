import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeReports, parseFormats, parseTestedBy, reportRequest } from '../../../harness/commands/reports.js';
import type { Context } from '../../../harness/context.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { badRun, cellsFor, goodRun, matrix } from './samples.js';

const folder = mkdtempSync(join(tmpdir(), 'respin-'));
const ctx: Context = { effects: realEffects(), progress: () => undefined, cache: cacheAt(join(folder, 'cache')) };

describe('parseFormats', () => {
  it('reads names, several of them, and paths with whatever is in them', () => {
    expect(parseFormats(['text,json', 'html=a,b=c.html', 'ktap, junit=/x'], '--format', '/cwd')).toEqual([
      { format: 'text', path: undefined },
      { format: 'json', path: undefined },
      { format: 'html', path: '/cwd/a,b=c.html' },
      { format: 'ktap', path: undefined },
      { format: 'junit', path: '/x' },
    ]);
  });

  it('says which formats there are', () => {
    expect(() => parseFormats(['pdf'], '--format', '/')).toThrow(/no format "pdf"; there is: text, json, ktap, junit, markdown, kcidb, mail, html/);
    expect(() => parseFormats(['html='], '--format', '/')).toThrow(/names no file/);
  });
});

it('parseTestedBy takes a name with an address, and no header', () => {
  expect(parseTestedBy('Ada Lovelace <ada@example.org>')).toBe('Ada Lovelace <ada@example.org>');
  for (const text of ['Ada', 'ada@example.org', 'Ada <ada>', 'Ada\nBcc: x <a@example.org>']) expect(() => parseTestedBy(text)).toThrow(/is no name with an address/);
});

describe('reportRequest', () => {
  it('refuses before anything is built what could not be written behind it', async () => {
    await expect(reportRequest(ctx, { report: ['html'] })).rejects.toMatchObject({ kind: 'usage', code: 'report.path' });
    await expect(reportRequest(ctx, { report: [`html=${folder}/none/x`] })).rejects.toMatchObject({ code: 'report.path', message: expect.stringMatching(/folder is not there/) as string });
    await expect(reportRequest(ctx, { report: [`html=${folder}`] })).rejects.toMatchObject({ code: 'report.path' });
    await expect(reportRequest(ctx, { report: [`html=${folder}/x`] }, true)).rejects.toMatchObject({ code: 'report.several' });
    expect(await reportRequest(ctx, {}, true)).toEqual({ reports: [], testedBy: undefined });
  });
});

describe('makeReports', () => {
  it('writes files whole, returns the others, and shows the consoles that are there', async () => {
    const evidence = join(folder, 'evidence');
    mkdirSync(join(evidence, 'tip'), { recursive: true });
    writeFileSync(join(evidence, 'tip/console.log'), 'the console of the tip\r\n');
    const text = await makeReports(ctx, badRun(), evidence, { reports: parseFormats(['text', `html=${folder}/x.html`], '--format', '/'), testedBy: undefined });
    expect(text).toMatch(/^BAD$/m);
    const html = readFileSync(join(folder, 'x.html'), 'utf8');
    expect(html).toContain('the console of the tip</span>');
    expect(html).toContain('Not beside evidence.json: base/console.log');
    expect(readdirSync(folder).filter((name) => name.startsWith('.respin'))).toEqual([]);
  });

  it('makes the submission of a plan of the evidence of its cells, and says so where that is not there', async () => {
    const [home, evidence] = [mkdtempSync(join(folder, 'plan-')), matrix('bad')];
    const wanted = { reports: parseFormats(['kcidb'], '--format', '/'), testedBy: undefined };
    await expect(makeReports(ctx, evidence, home, wanted)).rejects.toMatchObject({ code: 'evidence.unreadable', hint: expect.stringContaining('copy it whole') as string });
    const judged = evidence.cells.filter(({ outcome }) => outcome.kind === 'judged');
    for (const [index, { id }] of judged.entries()) {
      mkdirSync(join(home, 'cells', id), { recursive: true });
      writeFileSync(join(home, 'cells', id, 'evidence.json'), JSON.stringify(cellsFor(evidence)[index]));
    }
    const { checkouts } = JSON.parse(await makeReports(ctx, evidence, home, wanted)) as { readonly checkouts: readonly object[] };
    expect(checkouts).toHaveLength(9);
  });

  it('says so of a console that is not the one of the evidence', async () => {
    const evidence = join(folder, 'other');
    mkdirSync(join(evidence, 'tip'), { recursive: true });
    writeFileSync(join(evidence, 'tip/console.log'), 'another\n');
    const good = goodRun();
    const kept = { ...good, tip: { ...good.tip, boots: good.tip.boots.map((boot) => ({ ...boot, consoleDigest: 'c'.repeat(64) })) } };
    expect(await makeReports(ctx, kept, evidence, { reports: parseFormats(['html'], '--format', '/'), testedBy: undefined })).toContain('not the one that the evidence was made with');
  });

  it('writes to a pipe, and does not replace it', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = ctx.effects.files.readFile(pipe, 'utf8');
    await makeReports(ctx, goodRun(), undefined, { reports: parseFormats([`ktap=${pipe}`], '--format', '/'), testedBy: undefined });
    expect(await reader).toMatch(/^KTAP version 1\n/);
    expect(spawnSync('test', ['-p', pipe]).status).toBe(0);
  });
});
