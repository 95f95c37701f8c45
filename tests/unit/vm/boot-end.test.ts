import { describe, expect, it } from 'vitest';
import type { ResultState } from '../../../harness/guest/protocol.js';
import { decideEnd, type BootSeen } from '../../../harness/vm/boot-end.js';
import { createPanicWatch } from '../../../harness/vm/panic-watch.js';

const running: ResultState = { guest: { release: '6.12', cpus: 1 }, programs: [], complete: false, corrupt: undefined };
const seen = (part: Partial<BootSeen>): BootSeen => ({ results: running, panic: undefined, stop: undefined, failure: undefined, ...part });
const complete: ResultState = { ...running, complete: true };
const corrupt: ResultState = { ...running, corrupt: 'junk' };

describe('decideEnd', () => {
  it.each<[string, Partial<BootSeen>, object]>([
    ['a complete stream', { results: complete }, { kind: 'complete' }],
    ['a complete stream and a panic on the way down', { results: complete, panic: 'Kernel panic' }, { kind: 'complete' }],
    ['a complete stream and a QEMU that did not end', { results: complete, stop: { why: 'done' } }, { kind: 'complete' }],
    ['a flood, whatever the results', { results: complete, stop: { why: 'flood', bytes: 9 } }, { kind: 'flood', bytes: 9 }],
    ['a panic', { panic: 'Kernel panic' }, { kind: 'panic', detail: 'Kernel panic' }],
    ['a panic that cut a frame', { results: corrupt, panic: 'Kernel panic' }, { kind: 'panic', detail: 'Kernel panic' }],
    ['a panic that hung', { panic: 'Kernel panic', stop: { why: 'done' } }, { kind: 'panic', detail: 'Kernel panic' }],
    ['a broken stream', { results: corrupt, stop: { why: 'done' } }, { kind: 'corrupt', detail: 'junk' }],
    ['silence', { stop: { why: 'silence', afterMs: 5 } }, { kind: 'silent', afterMs: 5, phase: 'tests' }],
    ['silence before the first frame', { results: { ...running, guest: undefined }, stop: { why: 'silence', afterMs: 5 } }, { kind: 'silent', afterMs: 5, phase: 'boot' }],
    ['the limit of the whole', { stop: { why: 'whole-limit', afterMs: 5 } }, { kind: 'overtime', afterMs: 5, phase: 'tests' }],
    ['QEMU that failed', { failure: 'QEMU ended (SIGSEGV)' }, { kind: 'stopped', detail: 'QEMU ended (SIGSEGV)' }],
    ['a reset in the tests', {}, { kind: 'reset', phase: 'tests' }],
    ['a reset before the first frame', { results: { ...running, guest: undefined } }, { kind: 'reset', phase: 'boot' }],
  ])('%s', (_, part, end) => {
    expect(decideEnd(seen(part))).toEqual(end);
  });
});

describe('createPanicWatch', () => {
  it('gives the line, however the text is cut', () => {
    const text = '[ 1.0] fine\n[ 2.0] Kernel panic - not syncing: VFS: no root\n[ 2.1] CPU: 0\n';
    for (let step = 1; step < 40; step += 1) {
      const watch = createPanicWatch();
      for (let at = 0; at < text.length; at += step) watch.feed(text.slice(at, at + step));
      expect(watch.line()).toBe('Kernel panic - not syncing: VFS: no root');
    }
  });

  it('sees none where there is none', () => {
    const watch = createPanicWatch();
    watch.feed('Kernel panic button\n');
    expect(watch.line()).toBeUndefined();
  });

  it('is bounded', () => {
    const watch = createPanicWatch();
    watch.feed('Kernel panic - not syncing: ');
    for (let piece = 0; piece < 100; piece += 1) watch.feed('x'.repeat(100));
    expect(watch.line()?.length).toBeLessThanOrEqual(400);
  });
});
