import { expect, it } from 'vitest';
import { codePlaces } from '../../../harness/results/code-places.js';

it('takes the instruction pointer as it is, and of a return address the call before it', () => {
  const lines = [
    'WARNING: CPU: 0 PID: 1 at ipc/sem.c:10 semundo_show+0x40/0x1b0',
    'RIP: 0010:semundo_show+0x40/0x1b0',
    'Code: 00 11',
    'Call Trace:',
    ' <TASK>',
    ' seq_read_iter+0x10/0x400',
    ' ? guessed+0x20/0x30',
    ' do_one.isra.0+0x5/0x10',
    ' first+0x0/0x10',
    ' beyond+0x11/0x10',
    ' entry_SYSCALL_64_after_hwframe+0x76/0x7e',
  ];
  expect(codePlaces(lines)).toEqual([
    { index: 1, place: { symbol: 'semundo_show', offset: 0x40, size: 0x1b0 } },
    { index: 5, place: { symbol: 'seq_read_iter', offset: 0xf, size: 0x400 } },
    { index: 7, place: { symbol: 'do_one.isra.0', offset: 4, size: 0x10 } },
    { index: 10, place: { symbol: 'entry_SYSCALL_64_after_hwframe', offset: 0x75, size: 0x7e } },
  ]);
});

it('takes the first byte of a function, and no byte before it or behind it', () => {
  const found = codePlaces(['RIP: 0010:f+0x0/0x10', 'RIP: 0010:f+0xf/0x10', 'RIP: 0010:f+0x10/0x10', ' g+0x1/0x10', ' g+0x10/0x10', ' g+0x0/0x10']);
  expect(found.map(({ index, place }) => [index, place.offset])).toEqual([[0, 0], [1, 15], [3, 0], [4, 15]]);
});

it('finds nothing in other text', () => {
  expect(codePlaces(['', 'RIP: 0033:0x401234', 'BUG: a', 'x'.repeat(500_000)])).toEqual([]);
});
