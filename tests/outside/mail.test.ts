import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { badRun, bisection, everyEvidence, goodRun, hostile } from '../unit/report/samples.js';
import { reportOf, useFolder } from './tools.js';

const ADA = 'Ada Lovelace <ada@example.org>';

describe("the mail, by git's mail tools", () => {
  const folder = useFolder();
  const mailinfo = async (mail: string): Promise<{ readonly info: string; readonly message: string; readonly patch: string }> => {
    const [message, patch] = [join(folder, 'message'), join(folder, 'patch')];
    const { stdout } = await execa('git', ['mailinfo', '-k', '--encoding=UTF-8', message, patch], { input: mail });
    return { info: stdout, message: readFileSync(message, 'utf8'), patch: readFileSync(patch, 'utf8') };
  };

  it.each(everyEvidence())('is one message without a patch, of a %s', async (_, evidence) => {
    const mail = reportOf('mail', evidence, ADA);
    const { info, message, patch } = await mailinfo(mail);
    expect(info).toMatch(/^Author: Ada Lovelace\nEmail: ada@example\.org\nSubject: .+\nDate: /);
    expect(patch).toBe('');
    // All of the body, to its last line.
    expect(message.trimEnd()).toBe(mail.slice(mail.indexOf('\n\n') + 2).trimEnd());
  });

  it.each(everyEvidence())('is one mail of an mbox again, of a %s', async (_, evidence) => {
    const mail = reportOf('mail', evidence, ADA);
    const box = join(folder, 'box');
    const from = 'From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n';
    writeFileSync(box, `${from}${mail}\n${from}${mail}\n`);
    const out = mkdtempSync(join(folder, 'split-'));
    expect((await execa('git', ['mailsplit', `-o${out}`, box])).stdout).toBe('2');
    for (const name of readdirSync(out)) expect(readFileSync(join(out, name), 'utf8').replace(from, '').trimEnd()).toBe(mail.trimEnd());
  });

  it('keeps within 75 columns, and its headers to one line each where words allow it', () => {
    for (const [, evidence] of everyEvidence()) {
      const lines = reportOf('mail', evidence, ADA).split('\n');
      const end = lines.indexOf('');
      expect(lines.slice(end).filter((line) => Array.from(line).length > 75)).toEqual([]);
      expect(lines.slice(0, end).filter((line) => !/^(?:[A-Z][\w-]*: | \S)/.test(line))).toEqual([]);
    }
  });

  it('answers the cover letter, to who wrote it and who should know', () => {
    const mail = reportOf('mail', goodRun(), ADA);
    expect(mail).toContain('\nIn-Reply-To: <20240101.1-ada@example.org>\nReferences: <root@example.org> <20240101.1-ada@example.org>\n');
    expect(mail).toContain('\nSubject: Re: [PATCH v3 0/2] ipc: do it\n');
    expect(mail).toContain('\nTo: Ada Lovelace <ada@example.org>, Davidlohr Bueso <dave@example.net>\n');
    expect(mail.replace(/\n /g, ' ')).toMatch(/\nCc: linux-kernel@vger\.kernel\.org, =\?UTF-8\?B\?[\w+/=]+\?= <oe@example\.org>\n/);
  });

  it('gives Tested-by only for what is good, and only with a name', () => {
    expect(reportOf('mail', goodRun(), ADA)).toMatch(/\nTested-by: Ada Lovelace <ada@example\.org>\n$/);
    expect(reportOf('mail', goodRun())).not.toContain('Tested-by');
    expect(reportOf('mail', badRun(), ADA)).not.toContain('Tested-by');
  });

  it('is whole and alone when a line of it would begin like something else', async () => {
    for (const start of ['From mallory Mon Sep 17 00:00:00 2001', '---', 'diff --git a/x b/x', 'Index: x']) {
      const found = bisection();
      const steps = found.steps.map((step) => ({ ...step, subject: `${'x'.repeat(74)} ${start} ${'y'.repeat(60)}` }));
      const mail = reportOf('mail', { ...found, steps }, ADA);
      expect(mail).toContain(`\n ${start}`);
      const { message, patch } = await mailinfo(mail);
      expect(patch).toBe('');
      expect(message).toContain('To repeat it:');
    }
  });

  it('threads by nothing that is no message id', () => {
    const good = goodRun();
    const letters = good.series.letters.map((letter) => ({ ...letter, messageId: 'a><b@example.org', references: ['c d@example.org', 'e\n@example.org', 'f@example.org'] }));
    const mail = reportOf('mail', { ...good, series: { ...good.series, letters } });
    expect(mail).not.toContain('In-Reply-To');
    expect(mail).toContain('\nReferences: <f@example.org>\n');
  });

  it('takes no header from hostile text', () => {
    const mail = reportOf('mail', hostile(goodRun()));
    const headers = mail.slice(0, mail.indexOf('\n\n'));
    expect(headers).not.toMatch(/^(?:Bcc|From):/m);
  });
});
