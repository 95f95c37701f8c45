import { join } from 'node:path';
import { errnoOf, messageOf, usageError, hostError } from '../errors.js';
import { lookAround } from '../kernel/look-around.js';
import { withSession } from '../session.js';
import { REQUEST_FILE } from '../spec/request-file.js';
import { renderRequestFile } from '../spec/request-template.js';
import { visible } from '../terminal/escape.js';

/** `respin init`: a respin.yaml for the folder that it is called in, made from what is there. It never overwrites one. */
export async function initCommand(): Promise<number> {
  return withSession(async (ctx) => {
    const folder = process.cwd();
    const path = join(folder, REQUEST_FILE);
    const found = await lookAround(ctx, folder);
    try {
      await ctx.effects.files.writeFile(path, renderRequestFile(found), { flag: 'wx' });
    } catch (thrown) {
      if (errnoOf(thrown) === 'EEXIST') throw usageError('init.exists', `${path} is there already and stays as it is`, { hint: 'edit it, or remove it first' });
      throw hostError('file.write', `cannot write ${path}: ${messageOf(thrown)}`, { cause: thrown });
    }
    const next = found.series === undefined ? 'name your series in it, then: respin run' : 'next: respin run';
    process.stdout.write(`wrote ${visible(path)}: kernel ${visible(found.kernel)}, series ${visible(found.series ?? 'not named yet')}\n${next}\n`);
    return 0;
  });
}
