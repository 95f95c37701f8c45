import { resolve } from 'node:path';
import { z } from 'zod';
import { readEvidence } from '../evidence/read.js';
import { withSession } from '../session.js';
import { makeReports, parseFormats, parseTestedBy } from './reports.js';

const optionsSchema = z.object({ format: z.array(z.string()).default(['text']), testedBy: z.string().optional() });

/** `respin report`: makes reports of evidence again, in any format. Returns 0 whatever the verdict was. */
export async function reportCommand(path: string, rawOptions: Readonly<Record<string, unknown>>): Promise<number> {
  const options = optionsSchema.parse(rawOptions);
  const request = { reports: parseFormats(options.format, '--format', process.cwd()), testedBy: parseTestedBy(options.testedBy) };
  const text = await withSession(async (ctx) => {
    const { evidence, folder } = await readEvidence(ctx, resolve(path));
    return makeReports(ctx, evidence, folder, request);
  });
  process.stdout.write(text);
  return 0;
}
