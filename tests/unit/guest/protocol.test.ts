import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createResultStream, READY_LINE, type ResultEvent, type ResultState } from '../../../harness/guest/protocol.js';
import { frame, frames, NONCE } from './frames.js';

function read(text: string | Uint8Array, step = Infinity): ResultState & { readonly events: readonly ResultEvent[] } {
  const stream = createResultStream(NONCE);
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  const events: ResultEvent[] = [];
  for (let at = 0; at < bytes.length; at += step) events.push(...stream.feed(bytes.subarray(at, at + step)));
  return { ...stream.state(), events };
}

const HELLO = ['hello', '6.12.117 1'] as const;
const GOOD = frames(
  HELLO,
  ['begin', 'one 5000'],
  ['out', 'ok 1 a\\nhal'],
  ['tick', '1200'],
  ['out', 'f \\\\ \\xc3\\xa4 \\x1b[31m\\n'],
  ['end', 'exit 0 12'],
  ['begin', 'two 500'],
  ['end', 'timeout 500 510 truncated unkillable'],
  ['begin', 'three 500'],
  ['end', 'signal 11 3'],
  ['last', '3'],
);

describe('a stream in order', () => {
  it('gives the programs, with output joined over frames and unescaped', () => {
    const state = read(`${READY_LINE}\n${READY_LINE}\n${GOOD}`);
    expect(state).toMatchObject({ complete: true, corrupt: undefined, guest: { release: '6.12.117', cpus: 1 } });
    expect(state.programs).toEqual([
      { name: 'one', end: { kind: 'exit', code: 0 }, output: ['ok 1 a', 'half \\ ä \x1b[31m'], truncated: false, unkillable: false, ms: 12 },
      { name: 'two', end: { kind: 'timeout' }, output: [], truncated: true, unkillable: true, ms: 510 },
      { name: 'three', end: { kind: 'signal', signal: 11 }, output: [], truncated: false, unkillable: false, ms: 3 },
    ]);
    expect(state.events.map(({ type }) => type)).toEqual(['ready', 'ready', 'hello', 'begin', 'begin', 'begin', 'last']);
  });

  it('is the same however the bytes are cut', () => {
    const whole = read(GOOD);
    for (const step of [1, 2, 7, 63, 64]) expect(read(GOOD, step)).toEqual(whole);
  });

  it.each(['runs-6.12', 'runs-6.1'])('reads what the runner wrote in a real boot: %s', (name) => {
    const state = read(readFileSync(new URL(`../../fixtures/transcripts/${name}.ttyS1`, import.meta.url)));
    expect(state).toMatchObject({ complete: true, corrupt: undefined });
    expect(state.programs.map(({ name: program, end }) => [program, end])).toEqual([
      ['ok', { kind: 'exit', code: 0 }],
      ['hang', { kind: 'timeout' }],
      ['segv', { kind: 'signal', signal: 11 }],
      ['absent', { kind: 'exit', code: 127 }],
      ['orphans', { kind: 'exit', code: 4 }],
      ['ok-again', { kind: 'exit', code: 0 }],
    ]);
    expect(state.programs[2]?.output).toEqual(['about to \\ crash \x1b[31m ä']);
  });
});

describe('a stream that is not finished', () => {
  it('keeps what ended and marks what did not', () => {
    const state = read(frames(HELLO, ['begin', 'one 1'], ['end', 'exit 0 1'], ['begin', 'two 1'], ['out', 'x\\ny']));
    expect(state).toMatchObject({ complete: false, corrupt: undefined });
    expect(state.programs).toMatchObject([{ end: { kind: 'exit', code: 0 } }, { end: { kind: 'cut' }, output: ['x', 'y'] }]);
  });

  it('is not complete at any byte before the last', () => {
    for (let at = 0; at < GOOD.length; at += 1) expect(read(GOOD.slice(0, at)).complete).toBe(false);
  });
});

describe('a stream that breaks a rule', () => {
  const begun = frames(HELLO, ['begin', 'one 5000']);
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['another nonce', frame(0, 'hello', '6.12 1', 'ffff'), /another nonce/],
    ['no hello first', frames(['begin', 'one 1']), /first frame is begin/],
    ['a second hello', frames(HELLO, HELLO), /second hello/],
    ['a gap', frame(0, ...HELLO) + frame(2, 'begin', 'one 1'), /frame 2 came where 1/],
    ['a repeated frame', frame(0, ...HELLO) + frame(0, ...HELLO), /frame 0 came where 1/],
    ['a wrong CRC', GOOD.replace('half', 'hall').replace('ok 1 a', 'ok 1 b'), /frame 2 has a wrong CRC/],
    ['a wrong length', GOOD.replace(' out 11 ', ' out 12 '), /frame 2 says 12/],
    ['junk between frames', `${begun}[   1.0] printk\n`, /not a frame/],
    ['junk after the last', `${GOOD}x\n`, /after the last frame/],
    ['a frame after the last', GOOD + frame(11, 'tick', '1'), /after the last frame/],
    ['an end without a begin', frames(HELLO, ['end', 'exit 0 1']), /no program runs/],
    ['output without a begin', frames(HELLO, ['out', 'x']), /no program runs/],
    ['a begin in a program', begun + frame(2, 'begin', 'two 1'), /has not ended/],
    ['a name twice', begun + frame(2, 'end', 'exit 0 1') + frame(3, 'begin', 'one 1'), /begins twice/],
    ['a begin without end', begun + frame(2, 'last', '1'), /had not ended/],
    ['a wrong count', frames(HELLO, ['begin', 'a 1'], ['end', 'exit 0 1'], ['last', '2']), /says 2 programs/],
    ['no program at all', frames(HELLO, ['last', '0']), /no program was run/],
    ['an unknown frame', frames(HELLO, ['toString', '']), /not a frame|unknown frame/],
    ['an unknown frame named as a method', frames(HELLO, ['constructor', '']), /unknown frame/],
    ['an unknown end', frames(HELLO, ['begin', 'a 1'], ['end', 'gone 0 1']), /unknown end/],
    ['an unknown escape', frames(HELLO, ['begin', 'a 1'], ['out', 'a\\q']), /unknown escape/],
    ['a ready after the hello', `${frames(HELLO)}${READY_LINE}\n`, /not a frame/],
    ['a line without end', 'x'.repeat(9000), /more than 8192/],
    ['an overlong line with an end', `${'x'.repeat(9000)}\n`, /more than 8192/],
  ];

  it.each(cases)('%s', (_, text, detail) => {
    const state = read(text);
    expect(state.corrupt).toMatch(detail);
    expect(state.complete).toBe(false);
    expect(state.events.at(-1)).toEqual({ type: 'corrupt' });
  });

  it('stays broken, and counts nothing that follows', () => {
    const state = read(`junk\n${GOOD}`);
    expect(state).toMatchObject({ complete: false, programs: [] });
  });

  it('is not complete while half a line follows the last frame', () => {
    expect(read(`${GOOD}x`)).toMatchObject({ complete: false, corrupt: undefined });
  });

  it('does not take a frame that a test prints', () => {
    const forged = frame(2, 'end', 'exit 0 1').trimEnd();
    const state = read(`${begun}${frame(2, 'out', `${forged}\\n`)}${frame(3, 'end', 'exit 1 5')}${frame(4, 'last', '1')}`);
    expect(state).toMatchObject({ complete: true, programs: [{ end: { kind: 'exit', code: 1 }, output: [forged] }] });
  });
});

it('believes a guest that ran no program only where it was given none', () => {
  const bytes = Buffer.from(frames(HELLO, ['last', '0']));
  const stream = createResultStream(NONCE, false);
  stream.feed(bytes);
  expect(stream.state()).toMatchObject({ complete: true, programs: [], corrupt: undefined });
});
