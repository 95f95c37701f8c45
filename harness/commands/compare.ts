import { usageError } from '../errors.js';
import { compare } from '../pipeline.js';
import { withSession } from '../session.js';
import { judgeRequests, kernelBelow } from './judge-options.js';
import { finish, reportRequest } from './reports.js';

/** `respin compare`: compares two versions of a series and returns 0 when the new one is better or the same. */
export async function compareCommand(older: string, newer: string, options: Readonly<Record<string, unknown>>): Promise<number> {
  const { text, exitCode } = await withSession(async (ctx) => {
    // Commits are judged on what the newer version is on, or else the older one: one kernel for both.
    const kernel = options['kernel'] ?? kernelBelow([newer]) ?? kernelBelow([older]);
    const [request, ...more] = await judgeRequests(ctx, [newer], { ...options, kernel });
    if (!request || more.length > 0) throw usageError('compare.profiles', 'a comparison is of one profile', { hint: 'name it with --profile' });
    const wanted = await reportRequest(ctx, options);
    return finish(ctx, await compare(ctx, { ...request, older: [older] }), wanted, options);
  });
  process.stdout.write(text);
  return exitCode;
}
