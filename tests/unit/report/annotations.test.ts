import { describe, expect, it } from 'vitest';
import { checkReportSchema } from '../../../harness/evidence/check-schema.js';
import { annotationsOfCheck, annotationsOfRun, type Annotation } from '../../../harness/report/annotations.js';
import { githubCommands } from '../../../harness/report/github-commands.js';
import { visible } from '../../../harness/terminal/escape.js';
import { sampleEvidence } from '../evidence/sample.js';

const BUILD = { ok: true, what: 'vmlinux', argv: [], ms: 1, objects: 1, reused: false, diagnostics: [], tail: [] };
const AT: Annotation = { level: 'error', file: 'ipc/sem.c', line: 3, title: 't', message: 'm' };

/** What the runner makes of a line of a log (ActionCommand.cs of actions/runner, TryParseV2). */
function parse(line: string): { readonly command: string; readonly properties: Readonly<Record<string, string>>; readonly data: string } | undefined {
  const found = /^::([^ :]+)(?: (.*?))?::(.*)$/.exec(line.trimStart());
  if (!found) return undefined;
  const unescape = (text: string): string => text.replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  const properties = (found[2] ?? '').split(',').filter(Boolean).map((one) => one.split('='));
  return { command: found[1] ?? '', properties: Object.fromEntries(properties.map(([name = '', ...value]) => [name, unescape(value.join('='))])), data: unescape(found[3] ?? '') };
}

describe('githubCommands', () => {
  it('puts it at its line', () => {
    expect(githubCommands([AT])).toEqual(['::error file=ipc/sem.c,line=3,title=t::m']);
    expect(githubCommands([{ ...AT, file: undefined, line: undefined }])).toEqual(['::error title=t::m']);
    expect(githubCommands([{ ...AT, line: 0 }])).toEqual(['::error file=ipc/sem.c,line=1,title=t::m']);
  });

  it('tells the worst first, and each once', () => {
    expect(githubCommands([{ ...AT, level: 'notice' }, { ...AT, level: 'warning' }, AT, AT]).map((line) => line.split(' ')[0])).toEqual(['::error', '::warning', '::notice']);
  });

  it('tells what two profiles report of one line once', () => {
    const seen = (time: string): Annotation => ({ ...AT, message: `WARNING in f\n[ ${time}] at ipc/sem.c:3` });
    expect(githubCommands([seen('1.0'), seen('2.0'), { ...seen('3.0'), line: 4 }])).toEqual([
      '::error file=ipc/sem.c,line=3,title=t::WARNING in f%0A[ 1.0] at ipc/sem.c:3',
      '::error file=ipc/sem.c,line=4,title=t::WARNING in f%0A[ 3.0] at ipc/sem.c:3',
    ]);
  });

  it.each([
    'a\n::error::injected',
    'a\r\n::set-output name=verdict::good',
    'a%0A::error::injected',
    '::stop-commands::x',
    '\u001b[2J::error::x',
    'a,line=1::b: c, d',
    '\u2028::error::x\u0000</script>]]>',
    '##[error]x',
    'é😀 '.repeat(3000),
  ])('keeps hostile text as text: %j', (text) => {
    const lines = githubCommands([{ level: 'warning', file: text, line: 7, title: text, message: text }]);
    expect(lines).toHaveLength(1);
    const [line = ''] = lines;
    expect(line).not.toMatch(/[\u0000-\u001f\u2028]/);
    const read = parse(line);
    expect(read?.command).toBe('warning');
    expect(Object.keys(read?.properties ?? {})).toEqual(['file', 'line', 'title']);
    expect(read?.properties['line']).toBe('7');
    // What is printable comes back as it is shown everywhere.
    const shown = visible(text);
    if (/^[ -~]*$/.test(text)) expect({ ...read?.properties, data: read?.data }).toEqual({ file: shown, line: '7', title: shown, data: shown });
  });
});

describe('annotationsOfRun', () => {
  it('tells what the compiler says on the tip alone', () => {
    const same = { severity: 'warning' as const, file: 'a.c', line: 1, message: 'old' };
    const evidence = sampleEvidence({
      base: { boots: [], build: { ...BUILD, diagnostics: [same] } },
      tip: { boots: [], build: { ...BUILD, ok: false, diagnostics: [{ ...same, line: 9 }, { severity: 'error', file: 'ipc/sem.c', line: 5, message: 'no', patch: 2 }, { severity: 'warning', file: 'b.c', message: 'x', option: '-Wunused' }] } },
    });
    expect(annotationsOfRun(evidence, new Map())).toEqual([
      { level: 'error', file: 'ipc/sem.c', line: 5, title: 'compiler error in a line of patch 2', message: 'no' },
      { level: 'warning', file: 'b.c', line: undefined, title: 'compiler warning', message: 'x [-Wunused]' },
    ]);
  });

  it('tells where a patch does not apply, and the likeliest cause', () => {
    const rejected = { patch: 1, subject: 's', rejections: [{ file: 'a.c', hunk: '@@ -1 +1 @@', problem: 'the hunk does not match', expected: [], found: [], line: 12 }], causes: [{ kind: 'order', text: 'it needs patch 2', hint: 'swap them' }] };
    expect(annotationsOfRun(sampleEvidence({ tip: { boots: [], rejected } }), new Map())).toEqual([
      { level: 'error', file: 'a.c', line: 12, title: 'patch 1 does not apply', message: 's: the hunk does not match: @@ -1 +1 @@\nit needs patch 2\nswap them' },
    ]);
  });

  it('puts a finding at its line when the series added it, else at none', () => {
    const finding = (text: string) => ({ class: 'warning', title: 'WARNING in f', fingerprint: text, lines: ['junk', text], line: 1 });
    const { verdict } = sampleEvidence();
    const evidence = sampleEvidence({ verdict: { ...verdict, newFindings: [finding('WARNING: CPU: 0 PID: 1 at ipc/sem.c:42 f+0x1/0x2'), finding('kernel BUG at ipc/sem.c:43!'), finding(' f+0x1/0x2 (ipc/sem.c:42:7)'), finding('no place')] } });
    const places = annotationsOfRun(evidence, new Map([['ipc/sem.c', new Set([42])]])).map(({ file, line }) => [file, line]);
    expect(places).toEqual([['ipc/sem.c', 42], [undefined, undefined], ['ipc/sem.c', 42], [undefined, undefined]]);
  });

  it('puts a finding of another place at the first line of its stack that the series added', () => {
    const places = [
      { index: 0, file: 'mm/slub.c', line: 7 },
      { index: 1, file: 'ipc/sem.c', line: 42, patch: 1 },
      { index: 2, file: 'ipc/sem.c', line: 50, patch: 1 },
    ];
    const finding = { class: 'warning', title: 'WARNING in f', fingerprint: 'f', lines: ['WARNING: CPU: 0 PID: 1 at mm/slub.c:7 f+0x1/0x2', ' g+0x1/0x2', ' h+0x1/0x2'], line: 1, places };
    const { verdict } = sampleEvidence();
    const [annotation] = annotationsOfRun(sampleEvidence({ verdict: { ...verdict, newFindings: [finding] } }), new Map([['ipc/sem.c', new Set([42, 50])]]));
    expect(annotation).toMatchObject({ file: 'ipc/sem.c', line: 42 });
    expect(annotation?.message).toContain('g+0x1/0x2 (ipc/sem.c:42, added by patch 1)');
  });
});

it('annotationsOfCheck tells what checkpatch.pl says', () => {
  const kernel = { spec: '6.12', version: '6.12', label: 'x', digest: 'x', checks: [], series: { name: 's', title: 's', origin: 'x', digest: 'a'.repeat(64), notes: [] }, stated: [], files: [], maintainers: { kind: 'not-run', why: 'x' }, ms: 1 };
  const messages = [{ severity: 'ERROR', type: 'SPACING', text: 'space', file: 'a.c', line: 3 }, { severity: 'CHECK', type: 'X', text: 'y' }];
  const patches = [{ number: 1, subject: 's', digest: 'a'.repeat(64), outcome: 'applies', checkpatch: { kind: 'ran', errors: 1, warnings: 0, checks: 1, messages } }];
  const report = checkReportSchema.parse({ version: 1, kind: 'check', startedAt: '2026-11-21T00:00:00.000Z', respin: '0', command: [], exitCode: 1, kernels: [{ ...kernel, patches }], totalMs: 1 });
  expect(annotationsOfCheck(report)).toEqual([
    { level: 'error', file: 'a.c', line: 3, title: 'checkpatch.pl: SPACING, patch 1', message: 'space' },
    { level: 'notice', file: undefined, line: undefined, title: 'checkpatch.pl: X, patch 1', message: 'y' },
  ]);
});
