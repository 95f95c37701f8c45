import { expect, it } from 'vitest';
import { placedLines } from '../../../harness/report/finding-lines.js';

it('puts the line of the sources behind the frame that names it, with the patch that added it', () => {
  const lines = ['Call Trace:', ' semundo_show+0x40/0x1b0', ' seq_read_iter+0x10/0x400'];
  const places = [
    { index: 1, file: 'ipc/sem.c', line: 2310, patch: 1 },
    { index: 2, file: 'fs/seq_file.c', line: 230 },
  ];
  expect(placedLines({ lines, places })).toEqual(['Call Trace:', ' semundo_show+0x40/0x1b0 (ipc/sem.c:2310, added by patch 1)', ' seq_read_iter+0x10/0x400 (fs/seq_file.c:230)']);
  expect(placedLines({ lines })).toEqual(lines);
});
