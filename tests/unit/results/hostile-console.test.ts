import { describe, expect, it } from 'vitest';
import { findFaults } from '../../../harness/results/faults.js';

describe('hostile text', () => {
  it.each<[string, string]>([
    ['one line without end', 'x'.repeat(5_000_000)],
    ['brackets', '[ '.repeat(2_000_000)],
    ['starts without reports', '[    1.0] BUG: a\n'.repeat(100_000)],
    ['frames without reports', ' foo+0x1/0x2\n'.repeat(200_000)],
    ...['WARNING: /:1', 'WARNING: at mm/a.c:1 ', 'list_add', 'BUG: Dentry ', 'BUG: ', 'general protection fault ', 'kernel BUG at ', 'UBSAN: a ', 'INFO: task ', ' at: a', 'which became ', 'Freed by task 1', 'WARNING: [a', 'RIP: ', 'a.b', 'login: '].map(
      (word): [string, string] => [`lines of ${word}`, `WARNING: CPU: 0 PID: 1 at a.c:1\nCall Trace:\n${`${word.repeat(2000 / word.length)}\n`.repeat(500)}`],
    ),
    ['many different faults', Array.from({ length: 20_000 }, (_, index) => `WARNING: CPU: 0 PID: 1 at a.c:1 fn_${String.fromCharCode(97 + (index % 26))}${'x'.repeat(index % 40)}+0x1/0x2\n`).join('')],
  ])('is read in linear time, with a bounded answer: %s', (_, text) => {
    expect(findFaults(text).length).toBeLessThanOrEqual(200);
  });
});
