import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HarnessError } from '../../../harness/errors.js';
import type { Series } from '../../../harness/model.js';
import { stackOf } from '../../../harness/series/prefix.js';
import { readSeries } from '../../../harness/series/read-series.js';
import { readSeriesStack } from '../../../harness/series/read-stack.js';
import { diff, mail, refusalIn, requestIn, shipIn, writeIn } from './shipping.js';
import { makePlace, type Place } from './support.js';

let place: Place;

beforeEach(() => {
  place = makePlace();
});

afterEach(() => {
  place.remove();
});

function read(text: string): Promise<Series> {
  return readSeries(place.ctx, requestIn(place, text));
}
const refusal = (action: Promise<unknown>): Promise<HarnessError> => refusalIn(place, action);
const write = (path: string, content: string | Buffer): string => writeIn(place, path, content);
const ship = (name: string, changes: Readonly<Record<string, string>> = {}, more = ''): void => {
  shipIn(place, name, changes, more);
};

describe('readSeriesStack', () => {
  const stack = (...texts: readonly string[]): Promise<Series> => readSeriesStack(place.ctx, { ...requestIn(place, ''), texts });

  it('puts several series behind each other and renumbers them', async () => {
    ship('one');
    ship('two', { SUITE: 'other', PROMISES: 'two: 1, three: 1' });
    const series = await stack('one', 'two');
    expect(series).toMatchObject({
      name: 'one+two',
      origin: 'shipped:one/6.12+shipped:two/6.12',
      suites: ['ipc', 'other'],
      promises: { one: 1, two: 2, three: 3 },
    });
    expect(series.patches.map(({ number, files }) => [number, files[0]?.to])).toEqual([
      [1, 'one/a'],
      [2, 'one/b'],
      [3, 'two/a'],
      [4, 'two/b'],
    ]);
    expect((await stack('two', 'one')).digest).not.toBe(series.digest);
    expect(await stack('one')).toEqual(await read('one'));
  });

  it('applies what two series need first once, before both', async () => {
    for (const name of ['one', 'two']) {
      ship(name, { 'patches: "6.12"': 'patches: "6.12", prerequisites: before' });
      write(`kernel-patches/${name}/before/0001-x.patch`, mail('[PATCH] ipc: take it out', diff('x')));
    }
    const series = await stack('one', 'two');
    expect(stackOf(series).map(({ number, files }) => [number, files[0]?.to])).toEqual([[0, 'x'], [1, 'one/a'], [2, 'one/b'], [3, 'two/a'], [4, 'two/b']]);
  });

  it('refuses series that do not go together, one twice, and none', async () => {
    ship('one');
    ship('two', {}, 'conflicts: [one]\n');
    expect((await refusal(stack('one', 'two'))).message).toBe('the series one and two cannot be applied together');
    expect((await refusal(stack('two', 'one'))).code).toBe('series.conflict');
    expect((await refusal(stack('one', 'one'))).code).toBe('series.twice');
    expect((await refusal(stack())).code).toBe('series.none');
  });
});
