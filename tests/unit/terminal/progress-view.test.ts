import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { ProgressEvent } from '../../../harness/progress.js';
import { openProgressView } from '../../../harness/terminal/progress-view.js';

function plainView() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let now = 0;
  const view = openProgressView(stream as unknown as NodeJS.WriteStream, () => now, false);
  return {
    tell: (event: ProgressEvent, at: number) => {
      now = at;
      view.progress(event);
    },
    close: () => {
      view.close();
    },
    lines: () => text.trimEnd().split('\n'),
  };
}

it('writes plain lines where there is no terminal: what begins, what ended and how', () => {
  const view = plainView();
  view.tell({ type: 'stage', stage: 'build', state: 'begin', what: 'tip' }, 0);
  view.tell({ type: 'build', done: 3, expected: 640 }, 10);
  view.tell({ type: 'stage', stage: 'build', state: 'end', what: 'tip', ms: 2400, outcome: '15 objects' }, 2400);
  view.close();
  expect(view.lines()).toEqual(['build     tip …', 'build     tip: 15 objects (2.4 s)']);
});

it('tells at once what it waits for, and shows warnings', () => {
  const view = plainView();
  view.tell({ type: 'stage', stage: 'tree', state: 'begin', what: '6.12' }, 0);
  view.tell({ type: 'waiting', what: 'tree-x is in use by process 7' }, 1);
  view.tell({ type: 'notice', level: 'warning', text: 'NO SANDBOX' }, 2);
  view.close();
  expect(view.lines().slice(1)).toEqual(['waiting: tree-x is in use by process 7', 'WARNING   NO SANDBOX']);
});

it('shows hostile text instead of obeying it', () => {
  const view = plainView();
  view.tell({ type: 'notice', level: 'info', text: 'a\u001b[2Jb\nc' }, 0);
  view.close();
  expect(view.lines()).toEqual(['          a\\x1b[2Jb\\x0ac']);
});

it('shows how far a bisection is, and how long it may take', () => {
  const view = plainView();
  view.tell({ type: 'bisect', cells: ['old', 'open', 'skip', 'new'], left: 3, steps: 2, msPerStep: 10_000 }, 0);
  view.tell({ type: 'options', cells: ['old', 'open', 'open'], left: 2, steps: 2, msPerStep: undefined }, 1);
  view.close();
  expect(view.lines()).toEqual(['bisect    [.?s#] one of 3 changes, at most 2 steps, about 20.0 s', 'bisect    [.??] 2 of 3 options, about 2 steps']);
});

it('shows two builds that are at work at once, each with its end', () => {
  const view = plainView();
  for (const what of ['patch 2', 'patch 5']) view.tell({ type: 'stage', stage: 'build', state: 'begin', what }, 0);
  view.tell({ type: 'stage', stage: 'build', state: 'end', what: 'patch 2', ms: 1000, outcome: '1 object' }, 1000);
  view.tell({ type: 'stage', stage: 'build', state: 'end', what: 'patch 5', ms: 2000, outcome: '2 objects' }, 2000);
  view.close();
  expect(view.lines().slice(2)).toEqual(['build     patch 2: 1 object (1.0 s)', 'build     patch 5: 2 objects (2.0 s)']);
});
