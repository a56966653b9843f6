import { describe, expect, it } from 'vitest';
import { niceTop, path } from './liveLayout';
import { apart, bars, scoreAt } from './scores';

describe('the top of a live chart', () => {
  it('is the next of 1, 2, 5 times a power of ten', () => {
    expect([3, 41, 0.0858, 10, 900].map((value) => niceTop([value]))).toEqual([5, 50, 0.1, 10, 1000]);
  });

  it('is 1 where nothing is known or all is 0', () => {
    expect(niceTop([])).toBe(1);
    expect(niceTop([undefined, 0])).toBe(1);
    expect(niceTop([Number.POSITIVE_INFINITY])).toBe(1);
  });
});

describe('the line of a live chart', () => {
  const range = { from: 0, to: 100 };

  it('goes from left to right, the top at 2 pixels', () => {
    expect(path([0, 100], [0, 10], range, 10, 200, 50)).toBe('M0.0,48.0L200.0,2.0');
  });

  it('breaks where nothing is known, and draws a value alone as a dot', () => {
    expect(path([0, 50, 100], [0, undefined, 0], range, 1, 100, 50)).toBe('M0.0,48.0h0.1M100.0,48.0h0.1');
  });

  it('is empty without values', () => {
    expect(path([], [], range, 1, 100, 50)).toBe('');
  });
});

describe('the scores of two versions', () => {
  it('are shares of the rows of all days, in bars', () => {
    expect(
      bars(
        [
          [0, 1, 499, 1],
          [999, 2],
        ],
        2,
      ),
    ).toEqual([0.5, 0.5]);
    expect(bars([], 2)).toEqual([]);
  });

  it('have a score at each share of the rows', () => {
    const days = [
      [100, 1, 300, 1],
      [200, 2],
    ];
    expect(scoreAt(days, 0.25)).toBe(0.1005);
    expect(scoreAt(days, 0.5)).toBe(0.2005);
    expect(scoreAt(days, 1)).toBe(0.3005);
    expect(scoreAt([], 0.5)).toBeUndefined();
  });

  it('are compared at the same shares', () => {
    expect(apart([[100, 1]], [[400, 1]], [0.5])).toEqual([{ share: 0.5, champion: 0.1005, candidate: 0.4005 }]);
    expect(apart([[]], [[400, 1]])).toEqual([]);
  });
});
