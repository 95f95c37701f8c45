import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { everyEvidence, goodRun, hugeWalk } from '../unit/report/samples.js';
import { FIXTURES, program, reportOf, useFolder } from './tools.js';

const xmllint = program('xmllint');

describe.skipIf(xmllint === undefined)('JUnit by xmllint and the common schema (skipped where there is no xmllint: libxml2-utils)', () => {
  const folder = useFolder();
  const validate = async (xml: string): Promise<{ readonly exitCode?: number | undefined; readonly stderr: string }> => {
    const path = join(folder, 'report.xml');
    writeFileSync(path, xml);
    return execa(xmllint ?? '', ['--noout', '--nonet', '--schema', join(FIXTURES, 'schemas/junit.xsd'), path], { reject: false });
  };

  it.each(everyEvidence())('takes a %s', async (_, evidence) => {
    expect(await validate(reportOf('junit', evidence))).toMatchObject({ exitCode: 0 });
  });

  it('takes one of 200 patches and 2000 tests', async () => {
    expect(await validate(reportOf('junit', hugeWalk(200, 2000).evidence))).toMatchObject({ exitCode: 0 });
  });

  it('refuses what is none', async () => {
    expect(await validate(reportOf('junit', goodRun()).replace(/ hostname="localhost"/, ''))).toMatchObject({ exitCode: 3 });
  });
});
