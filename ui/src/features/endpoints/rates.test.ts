import { describe, expect, it } from 'vitest';
import type { LiveCounts } from '../../api/endpoints';
import { earlier, extended, quantile, rateOf, rateOfAll, type Sample } from './rates';

const counts = (version: string, requests: number, failures = 0, requestNanos = requests * 2e6): LiveCounts => ({
  version,
  rows: requests * 3,
  requests,
  failures,
  requestNanos,
  modelNanos: 0,
});
const look = (at: number, versions: LiveCounts[], answered = ['one'], latency?: Sample['latency']): Sample => ({
  at,
  scorers: answered.map((id) => ({ id, answered: true })),
  versions,
  ...(latency ? { latency } : {}),
});

describe('the rate of a version', () => {
  it('is what was counted between two looks, by second', () => {
    expect(rateOf(look(1_000, [counts('3', 10, 2)]), look(6_000, [counts('3', 30, 7)]), '3')).toEqual({
      rowsPerSecond: 12,
      requestsPerSecond: 5,
      failuresPerSecond: 1,
      failureShare: 0.2,
      meanMillis: 2,
    });
  });

  it('has neither a share of failures nor a mean time when nothing was asked', () => {
    const rate = rateOf(look(0, [counts('3', 10)]), look(1_000, [counts('3', 10)]), '3');
    expect(rate?.rowsPerSecond).toBe(0);
    expect(rate?.failureShare).toBeUndefined();
    expect(rate?.meanMillis).toBeUndefined();
  });

  it('counts from nothing for a version that began between the looks', () => {
    expect(rateOf(look(0, []), look(1_000, [counts('4', 5)]), '4')?.requestsPerSecond).toBe(5);
  });

  it('is unknown after a scorer began anew, whose counts are smaller', () => {
    expect(rateOf(look(0, [counts('3', 10)]), look(1_000, [counts('3', 4)]), '3')).toBeUndefined();
  });

  it('is unknown when another scorer answered, none did, or time stands still', () => {
    const before = look(0, [counts('3', 1)]);
    expect(rateOf(before, look(1_000, [counts('3', 9)], ['one', 'two']), '3')).toBeUndefined();
    expect(rateOf(look(0, [], []), look(1_000, [], []), '3')).toBeUndefined();
    expect(rateOf(before, look(0, [counts('3', 9)]), '3')).toBeUndefined();
  });

  it('versions of two models with one number are told apart by their full names', () => {
    const before = look(0, [counts('1', 10), counts('sk/1', 2)]);
    const now = look(1_000, [counts('1', 40), counts('sk/1', 3)]);
    expect(rateOf(before, now, 'Iris flowers/1')?.requestsPerSecond).toBe(30);
    expect(rateOf(before, now, 'sk/1')?.requestsPerSecond).toBe(1);
  });

  it('is unknown for a version that nobody has', () => {
    expect(rateOf(look(0, []), look(1_000, []), '9')).toBeUndefined();
  });
});

describe('the rate of all versions', () => {
  it('sums them, a version that came between included', () => {
    const rate = rateOfAll(look(0, [counts('3', 10)]), look(2_000, [counts('3', 14), counts('4', 6)]));
    expect(rate?.requestsPerSecond).toBe(5);
  });

  it('is unknown when one version went, because a scorer began anew', () => {
    expect(rateOfAll(look(0, [counts('3', 1), counts('4', 1)]), look(1_000, [counts('4', 90)]))).toBeUndefined();
  });

  it('is nothing for an endpoint without a call', () => {
    expect(rateOfAll(look(0, []), look(1_000, []))?.rowsPerSecond).toBe(0);
  });
});

describe('a quantile of the latency', () => {
  const buckets = (...of: number[]) => ({ seconds: [0.001, 0.01], counts: of });
  const between = (before: number[], now: number[], share: number) =>
    quantile(look(0, [], ['one'], buckets(...before)), look(1_000, [], ['one'], buckets(...now)), share);

  it('lies straight between the edges of its bucket', () => {
    expect(between([100, 0, 0], [100, 10, 0], 0.5)?.millis).toBeCloseTo(5.5, 9);
    expect(between([0, 0, 0], [10, 0, 0], 0.5)).toEqual({ millis: 0.5, beyond: false });
  });

  it('says when it lies beyond the last edge', () => {
    expect(between([0, 0, 0], [1, 0, 9], 0.99)).toEqual({ millis: 10, beyond: true });
  });

  it('is unknown without a call, without buckets, and after a scorer began anew', () => {
    expect(between([5, 5, 5], [5, 5, 5], 0.5)).toBeUndefined();
    expect(quantile(look(0, []), look(1_000, []), 0.5)).toBeUndefined();
    expect(between([5, 5, 5], [1, 9, 9], 0.5)).toBeUndefined();
  });
});

describe('the history of looks', () => {
  it('keeps each look once and lets go of old ones', () => {
    const one = look(1_000, []);
    const two = extended([one], look(3_000, []), 10_000);
    expect(two).toHaveLength(2);
    expect(extended(two, look(3_000, []), 10_000)).toBe(two);
    expect(extended(two, look(12_000, []), 10_000).map((each) => each.at)).toEqual([3_000, 12_000]);
  });

  it('is compared with the newest look that is old enough, or else the oldest', () => {
    const history = [0, 4_000, 8_000, 12_000].map((at) => look(at, []));
    expect(earlier(history, 5_000)?.at).toBe(4_000);
    expect(earlier(history, 60_000)?.at).toBe(0);
    expect(earlier(history.slice(0, 1), 5_000)).toBeUndefined();
    expect(earlier([], 5_000)).toBeUndefined();
  });
});
