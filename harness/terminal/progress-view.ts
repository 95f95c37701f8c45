import { createLogUpdate } from 'log-update';
import { drawRange, type Progress, type ProgressEvent, type RangeCell, type Stage } from '../progress.js';
import { count } from '../spec/count.js';
import { shorten, visible } from './escape.js';
import { formatBytes, formatMs } from './format.js';

/** Shows progress; `close` ends it and leaves the terminal as it was. */
export interface ProgressView {
  readonly progress: Progress;
  readonly close: () => void;
}

/** Stages may be at work at once, such as the build of the tip and the boot of the base, or two builds of a bisection. */
const STAGE_OF: Readonly<Partial<Record<ProgressEvent['type'], Stage>>> = { download: 'source', build: 'build', test: 'boot' };

const PLAIN_EVERY_MS = 30_000;
const LIVE_EVERY_MS = 100;
const NAME_WIDTH = 9;

/** What is going on below a stage, in a few words. */
function describeDetail(event: ProgressEvent, elapsedMs: number): string {
  switch (event.type) {
    case 'download': {
      const rate = elapsedMs > 0 ? `, ${formatBytes((event.bytes / elapsedMs) * 1000)}/s` : '';
      return `${event.what}: ${formatBytes(event.bytes)}${event.total === undefined ? '' : ` of ${formatBytes(event.total)}`}${rate}`;
    }
    case 'build':
      return event.expected === undefined ? count(event.done, 'object') : `${event.done} of about ${event.expected} objects`;
    case 'test':
      return event.program;
    case 'waiting':
      return `waiting: ${event.what}`;
    default:
      return '';
  }
}

/** Points of a bisection that a picture has room for. */
const PICTURE_WIDTH = 60;

type Range = Extract<ProgressEvent, { type: 'bisect' }>;

function picture(cells: readonly RangeCell[]): string {
  return `[${drawRange(cells, PICTURE_WIDTH)}]`;
}

function timeLeft({ steps, msPerStep }: Pick<Range, 'steps' | 'msPerStep'>): string {
  return msPerStep === undefined || steps === 0 ? '' : `, about ${formatMs(steps * msPerStep)}`;
}

/** The options that are still suspected as a picture: `?`, and `.` for those that are not. */
function describeOptions(event: Extract<ProgressEvent, { type: 'options' }>): string {
  const { cells, left, steps } = event;
  const more = steps === 0 ? 'no more steps' : `about ${count(steps, 'step')}`;
  return `${picture(cells)} ${left === 1 ? 'one option' : `${left} of ${cells.length} options`}, ${more}${timeLeft(event)}`;
}

function describeRange(event: Range): string {
  const { cells, left, steps } = event;
  return `${picture(cells)} ${left === 1 ? 'one change' : `one of ${left} changes`}, ${steps === 0 ? 'no more steps' : `at most ${count(steps, 'step')}${timeLeft(event)}`}`;
}

interface Active {
  readonly stage: Stage;
  readonly what: string;
  readonly begun: number;
  detail: string;
  detailBegun: number;
  detailKind: string;
}

function endLine(event: Extract<ProgressEvent, { state: 'end' }>): string {
  return visible(`${event.stage.padEnd(NAME_WIDTH)} ${event.what}: ${event.outcome} (${formatMs(event.ms)})`);
}

/**
 * Progress on standard error: live on a terminal, else plain lines, at least one each thirty seconds while work goes on.
 * @param now milliseconds of a clock that never goes back
 */
export function openProgressView(stream: NodeJS.WriteStream, now: () => number, live = stream.isTTY): ProgressView {
  const active = new Map<string, Active>();
  const latest = (stage: Stage | undefined): Active | undefined => [...active.values()].findLast((one) => one.stage === stage);
  const update = live ? createLogUpdate(stream) : undefined;
  const println = (line: string): void => {
    update?.clear();
    stream.write(`${line}\n`);
  };
  const currentLines = (): readonly string[] =>
    [...active.values()].map(({ stage, what, begun, detail }) => {
      const text = visible(`${stage.padEnd(NAME_WIDTH)} ${what}${detail === '' ? '' : `: ${detail}`} (${formatMs(now() - begun)})`);
      return shorten(text, live ? Math.max(20, (stream.columns || 80) - 1) : 400);
    });
  const timer = setInterval(
    () => {
      if (update) update(currentLines().join('\n'));
      else for (const line of currentLines()) println(line);
    },
    live ? LIVE_EVERY_MS : PLAIN_EVERY_MS,
  );
  timer.unref();
  const progress: Progress = (event) => {
    if (event.type === 'stage') {
      if (event.state === 'begin') {
        active.set(`${event.stage} ${event.what}`, { stage: event.stage, what: event.what, begun: now(), detail: '', detailBegun: now(), detailKind: '' });
        if (!live) println(visible(`${event.stage.padEnd(NAME_WIDTH)} ${event.what} …`));
      } else {
        active.delete(`${event.stage} ${event.what}`);
        println(endLine(event));
      }
    } else if (event.type === 'bisect') {
      println(`${'bisect'.padEnd(NAME_WIDTH)} ${describeRange(event)}`);
    } else if (event.type === 'options') {
      println(`${'bisect'.padEnd(NAME_WIDTH)} ${describeOptions(event)}`);
    } else if (event.type === 'notice') {
      println(`${event.level === 'warning' ? 'WARNING'.padEnd(NAME_WIDTH) : ''.padEnd(NAME_WIDTH)} ${visible(event.text)}`);
    } else {
      const last = latest(STAGE_OF[event.type]) ?? [...active.values()].at(-1);
      if (!last) return;
      if (last.detailKind !== event.type) last.detailBegun = now();
      last.detailKind = event.type;
      last.detail = describeDetail(event, now() - last.detailBegun);
      if (event.type === 'waiting' && !live) println(visible(last.detail));
    }
  };
  return {
    progress,
    close: () => {
      clearInterval(timer);
      if (update) {
        update.clear();
        update.done();
      }
    },
  };
}
