import { describe, expect, it } from 'vitest';
import { fuzzMail } from './fuzz-mail.js';
import { hostileInputs, readHostile } from './hostile.js';

describe('mails and diffs that are hostile', () => {
  // A twentieth of what `npm run fuzz` takes: what takes more than linear time takes minutes for that, too. The limit is for those.
  it.each(Object.entries(hostileInputs(512 * 1024)))('%s takes little time', (_, input) => {
    const bytes = Buffer.from(input(), 'latin1');
    const begun = performance.now();
    readHostile(bytes);
    expect(performance.now() - begun).toBeLessThan(25_000);
  });

  it('end with a patch or a usage error, whatever they hold', () => {
    expect(fuzzMail({ runs: 1500, seed: 4 })).toBe(1500);
  });
});
