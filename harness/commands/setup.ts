import { installMissing } from '../host/install.js';
import { withSession } from '../session.js';

/** `respin setup`: installs what a run needs and is not there. */
export async function setupCommand(): Promise<number> {
  return withSession(async (ctx) => {
    await installMissing(ctx);
    return 0;
  });
}
