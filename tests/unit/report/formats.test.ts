import { describe, expect, it } from 'vitest';
import { b4Lines, b4Patch, b4Series } from '../../../harness/report/b4.js';
import { REPORT_FORMATS, renderReport } from '../../../harness/report/formats.js';
import { commandLines, commandText } from '../../../harness/report/shell-words.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { badRun, badWalk, bisection, cellsFor, check, comparison, consolesFor, everyEvidence, goodRun, goodWalk, hostile, matrix, untestableRun } from './samples.js';

function report(format: (typeof REPORT_FORMATS)[number], evidence = goodRun() as Parameters<typeof consolesFor>[0]): string {
  return renderReport(format, { evidence, folder: '/e', consoles: consolesFor(evidence), cells: cellsFor(evidence), testedBy: undefined });
}

describe('every format', () => {
  it.each(REPORT_FORMATS)('%s is the same of the same evidence, and has nothing that a terminal or a runner obeys', (format) => {
    for (const [, evidence] of everyEvidence()) {
      const text = report(format, evidence);
      expect(report(format, evidence)).toBe(text);
      if (format === 'json') continue;
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\ufeff]/);
      expect(text).not.toMatch(/^\s*::\w/m);
      expect(text).not.toContain('##[');
    }
  });
});

describe('junit', () => {
  it('tells new failures, base failures and what is not known apart', () => {
    const bad = report('junit', badRun());
    expect(bad).toMatch(/name="a\.known"[^>]*><skipped message="base failure: base fail, tip fail: not ok">/);
    expect(bad).toMatch(/name="b\.same"[^>]*><failure type="timeout" message="new failure: base pass, tip timeout: it did not end">/);
    expect(report('junit')).not.toMatch(/<failure|<error/);
    expect(report('junit', untestableRun())).toMatch(/name="verdict"[^>]*><error/);
    expect(report('junit', untestableRun())).not.toContain('<failure');
  });
});

describe('markdown', () => {
  it('says the verdict first, and keeps strangers in code', () => {
    expect(report('markdown', badRun()).startsWith('## ❌ BAD\n')).toBe(true);
    const text = report('markdown', hostile(badRun()));
    for (const line of text.split('\n').filter((one) => one.includes('@everyone') && !one.startsWith('| ') && !one.startsWith('<details>'))) expect(line).toMatch(/^(?:- |To repeat)[^`]*(`+)[^`].*\1$/);
  });

  it('escapes the pipe of a name in a table', () => {
    const bad = badRun();
    const tests = bad.verdict.tests.map((test) => (test.name === 'b.same' ? { ...test, name: 'a|b `c`' } : test));
    expect(report('markdown', { ...bad, verdict: { ...bad.verdict, tests } })).toContain('\n| ``  a\\|b `c` `` |'.replace('``  a', '`` a'));
  });

  it('has one cell for each column, whatever is in it', () => {
    const rows = report('markdown', hostile(badWalk())).split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(0);
    const cells = (row: string): number => row.replace(/\\\|/g, '').split('|').length - 2;
    for (const row of rows) expect([2, 4, 5]).toContain(cells(row));
  });
});

describe('the reasons', () => {
  it('of a comparison say which way each goes', () => {
    expect(report('mail', comparison())).toMatch(/^- worse: b\.same was pass and is fail: not ok\n- better: a\.fixed was fail and passes$/m);
  });

  it('of a check do not say that a patch applies which does not', () => {
    expect(report('mail', check())).toContain('- 6.12.117: patch 2 ipc: two does not apply: ipc/sem.c: the hunk does not\n  match');
  });

  it('speak of promises where there are some', () => {
    const good = goodRun();
    expect(report('markdown', good)).toContain('`1 promise kept, nothing new broke`');
    const tests = good.verdict.tests.map(({ promised: _, ...test }) => test);
    expect(report('markdown', { ...good, verdict: { ...good.verdict, tests } })).toContain('`nothing new broke; nothing was promised of this series`');
  });
});

describe('a plan', () => {
  it('is a case for each cell, and a failure of it is told from a machine that failed', () => {
    const junit = report('junit', matrix('bad'));
    expect(junit).toMatch(/name="profile kasan" classname="kernel 6\.12"[^>]*><failure type="bad" message="new failure: patch 2 &#34;ipc: step 2&#34;: the kernel reports/);
    expect(junit).toMatch(/name="profile plain" classname="kernel 6\.1"[^>]*><error type="host" message="not told: no space left">/);
    expect(report('junit', matrix())).not.toMatch(/<failure|<error/);
  });

  it('is one picture of kernel by profile, along the patches', () => {
    const html = report('html', matrix('bad'));
    const picture = html.slice(html.indexOf('<table class="cells">'), html.indexOf('</table>', html.indexOf('<table class="cells">')));
    expect(picture.match(/<div class="cell">/g)).toHaveLength(4);
    expect(picture).toContain('<span class="v-bad">BAD</span><svg class="strip" role="img" aria-label="not 2"');
    expect(picture).toContain('<rect class="s-pass" x="0" y="0" width="2" height="16"/><rect class="s-fail" x="2"');
    expect(picture).toContain('<span class="v-host">HOST</span>');
  });

  it('answers the letter of its series, and gives Tested-by for all of what was planned alone', () => {
    const mail = (evidence = matrix()): string => renderReport('mail', { evidence, folder: '/e', consoles: new Map(), cells: [], testedBy: 'Ada Lovelace <ada@example.org>' });
    expect(mail()).toContain('\nIn-Reply-To: <20240101.1-ada@example.org>\n');
    expect(mail()).toContain('\nSubject: Re: [PATCH v3 0/2] ipc: do it\n');
    expect(mail()).toMatch(/\nTested-by: Ada Lovelace <ada@example\.org>\n$/);
    for (const other of [{ ...matrix(), shard: '1of2-x' }, matrix('bad')]) expect(mail(other)).not.toContain('Tested-by');
  });
});

describe('the page of a comparison', () => {
  it('has every pair of patches, the difference coloured by version and by what it does, and both sides', () => {
    const page = report('html', comparison());
    expect(page.match(/<details class="pair">/g)).toHaveLength(5);
    expect(page).toContain('<summary><span class="pair-numbers">1 → 2</span> <span class="pair-changed">changed, 2 lines, moved</span> ipc: step 1</summary>');
    expect(page).toContain('<span class="in-old added">-+int b;</span><span class="in-new added">++int c;</span>');
    expect(page).toContain('<span class="removed"> -int a;</span>');
    expect(page).toMatch(/aria-label="patch 1 of the old version">.*<span>Subject: ipc: step 1<\/span>.*<span class="added">\+int b;<\/span>/);
    expect(page).toContain('<b>… 5 lines left out: see series/0001.patch</b>');
    expect(page).toContain('Its text was not kept in the evidence.');
    expect(page).not.toContain('<th scope="col">change</th><th scope="col">subject</th>');
  });
});

describe('b4', () => {
  it('says of a patch what a walk saw of it', () => {
    expect(b4Patch(goodWalk(), 1)).toMatchObject({ status: 'pass', summary: 'builds, boots; 2 of 3 tests pass, 1 from here on' });
    expect(b4Patch(badWalk(), 2)).toMatchObject({ status: 'fail', summary: expect.stringContaining('the kernel reports') as string });
    expect(b4Patch(badWalk(), 3)).toMatchObject({ status: 'warn' });
  });

  it('blames no patch for its series', () => {
    expect(b4Patch(badRun(), 1)).toMatchObject({ status: 'warn', summary: 'not tested by itself; the series is BAD' });
    expect(b4Patch(untestableRun(), 1).status).toBe('warn');
    expect([b4Series(goodRun()), b4Series(badRun()), b4Series(untestableRun())].map(({ status }) => status)).toEqual(['pass', 'fail', 'warn']);
    expect([b4Patch(check(), 1), b4Patch(check(), 2), b4Patch(check(3), 2)].map(({ status }) => status)).toEqual(['pass', 'fail', 'warn']);
    expect(b4Series(bisection()).status).toBe('pass');
  });

  it('prints lines as b4 reads them: none for a pass, ERROR: for a failure alone', () => {
    expect(b4Lines(b4Patch(goodWalk(), 1))).toBe('');
    const lines = b4Lines(b4Patch(badWalk(), 2)).trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('ERROR:'))).toEqual([lines[0]]);
    expect(b4Lines(b4Patch(badRun(), 1))).not.toContain('ERROR:');
  });
});

describe('commandLines', () => {
  it('is in a shell what was typed, within the width', async () => {
    const words = ['a', "it's", '', 'x'.repeat(300), '--name=ü ñ', "'".repeat(90), 'tab\there', 'new\nline', '$HOME `id` "q" \\', '#x', '\u001b[31m'];
    const lines = commandLines(['printf', '%s\\0', ...words], 75);
    expect(lines.filter((line) => line.length > 75)).toEqual([]);
    for (const text of [lines.join('\n'), commandText(['printf', '%s\\0', ...words])]) {
      const done = await realEffects().processes.run({ file: 'bash', args: ['-c', text] });
      expect(done.stdout.split('\0').slice(0, -1)).toEqual(words);
    }
  });
});
