import { describe, expect, it } from 'vitest';
import { decideBisection, WITHOUT, WITHOUT_OPTIONS, type BisectionState, type BisectionVerdict } from '../../../harness/verdict/bisection.js';

function decide(state: Partial<BisectionState>): BisectionVerdict {
  return decideBisection({ ends: undefined, suspects: ['patch 3'], contradiction: undefined, confirmations: [], ...state });
}

const untestable = (code: string, text: string, suspects: readonly string[] = ['patch 3']): BisectionVerdict => ({
  ...{ verdict: 'untestable', exitCode: 125, culprit: undefined, suspects },
  reasons: [{ code, text }],
});

describe('a culprit', () => {
  const confirmations = [{ what: 'its parent again', held: true, text: 'absent' }, { what: 'it again', held: true, text: 'shown' }];

  it('is the only suspect, seen again', () => {
    expect(decide({ confirmations })).toEqual({ verdict: 'found', exitCode: 0, reasons: [], culprit: 'patch 3', suspects: ['patch 3'] });
  });

  it.each([WITHOUT, WITHOUT_OPTIONS])('need not make %s well', (what) => {
    for (const held of [false, undefined]) expect(decide({ confirmations: [...confirmations, { what, held, text: 'it still fails' }] }).verdict).toBe('found');
  });

  it('is none that was not seen again, or could not be looked at', () => {
    for (const held of [false, undefined]) {
      const seen = [{ what: 'its parent again', held: true, text: 'absent' }, { what: 'it again', held, text: 'the test passes' }];
      expect(decide({ confirmations: seen })).toEqual(untestable('bisect.unconfirmed', 'it again: the test passes'));
    }
    const without = { what: WITHOUT, held: true, text: 'absent' };
    for (const seen of [[], confirmations.slice(0, 1), [...confirmations.slice(0, 1), without]]) {
      expect(decide({ confirmations: seen })).toEqual(untestable('bisect.unconfirmed', 'patch 3 and what is before it were not both looked at again'));
    }
  });

  it('is none among several, or of none', () => {
    const text = (count: number): string => `the range cannot be narrowed further: it is one of ${count} points, of which none but the last could be judged`;
    expect(decide({ suspects: ['patch 3', 'patch 4'] })).toEqual(untestable('bisect.range', text(2), ['patch 3', 'patch 4']));
    expect(decide({ suspects: [] })).toEqual(untestable('bisect.range', text(0), []));
  });
});

describe('a bisection that proves nothing', () => {
  it('says first what is wrong with its ends', () => {
    const ends = { code: 'bisect.good-end', text: 'the base fails' };
    expect(decide({ ends, contradiction: 'patch 2 is bad and patch 3 is good' })).toEqual(untestable(ends.code, ends.text));
  });

  it('says which points contradict each other', () => {
    const contradiction = 'patch 2 is bad and patch 3 is good';
    expect(decide({ contradiction, suspects: [] })).toEqual(untestable('bisect.contradiction', contradiction, []));
  });
});
