import { linkSync, mkdirSync, openSync, closeSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeReports } from '../../harness/commands/reports.js';
import type { Context } from '../../harness/context.js';
import { readEvidence } from '../../harness/evidence/read.js';
import { realEffects } from '../../harness/host/real-effects.js';
import { REPORT_FORMATS } from '../../harness/report/formats.js';
import { sidesOf } from '../../harness/report/sides.js';
import { cacheAt } from '../../harness/store/cache.js';
import { cellsFor, everyEvidence } from '../unit/report/samples.js';
import { useFolder } from './tools.js';

const MIB = 1024 * 1024;

/** 50 MB of what a guest may write: escape sequences, NUL, what is no UTF-8, tags, commands, and lines without an end. */
function writeConsole(path: string): void {
  const lines = Buffer.concat([
    Buffer.from('[    1.000000] \u001b[31mred\u001b[0m </script><script>alert(1)</script> ]]> ##[error]x\r\n::error::injected\r\n'),
    Buffer.from([0x00, 0x80, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x0d, 0x0a]),
    Buffer.from(`${'long '.repeat(20_000)}\r\n`),
  ]);
  const file = openSync(path, 'w');
  for (let written = 0; written < 50 * MIB; written += lines.length) writeSync(file, lines);
  writeSync(file, Buffer.alloc(3 * MIB, 'x'));
  closeSync(file);
}

/** Everything that the commands do between a folder of evidence and the files of reports. */
describe('hostile evidence of every kind, with consoles of 50 MB, in every format', () => {
  const folder = useFolder();
  const ctx: Context = { effects: realEffects(), progress: () => undefined, cache: cacheAt(join(folder, 'cache')) };
  const big = join(folder, 'console');
  writeConsole(big);

  it.each(everyEvidence().filter(([name]) => name.startsWith('hostile')))('%s', async (name, evidence) => {
    const home = join(folder, name.replaceAll(' ', '-'));
    const consoles = new Set(sidesOf(evidence).flatMap(({ side }) => side.boots.map(({ console }) => console)));
    for (const path of consoles) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      linkSync(big, join(home, path));
    }
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'evidence.json'), JSON.stringify(evidence));
    const judged = evidence.kind === 'matrix' ? evidence.cells.filter(({ outcome }) => outcome.kind === 'judged') : [];
    for (const [index, { id }] of judged.entries()) {
      mkdirSync(join(home, 'cells', id), { recursive: true });
      writeFileSync(join(home, 'cells', id, 'evidence.json'), JSON.stringify(cellsFor(evidence)[index]));
    }
    const read = await readEvidence(ctx, home);
    await makeReports(ctx, read.evidence, read.folder, { reports: REPORT_FORMATS.map((format) => ({ format, path: join(home, format) })), testedBy: undefined });
    for (const format of REPORT_FORMATS) {
      const bytes = readFileSync(join(home, format));
      const text = bytes.toString('utf8');
      expect(bytes.length, format).toBeLessThan(5_000_000);
      // Valid UTF-8, with nothing that a terminal or the log of a runner obeys; JSON has it escaped in its own way.
      expect(Buffer.from(text, 'utf8').equals(bytes), format).toBe(true);
      expect(text, format).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
      if (format === 'json') continue;
      expect(text, format).not.toMatch(/[\u007f-\u009f\u202e\ufeff]/);
      expect(text, format).not.toMatch(/^\s*::\w/m);
      expect(text, format).not.toContain('##[');
    }
    const html = readFileSync(join(home, 'html'), 'utf8');
    expect(html.match(/<script>/g)).toHaveLength(1);
    if (consoles.size > 0) {
      expect(html).toContain('\\x1b[31mred\\x1b[0m &#60;/script&#62;');
      expect(html).toMatch(/… \d+ lines left out: see /);
    }
  });
});
