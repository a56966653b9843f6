import { describe, expect, it } from 'vitest';
import { linearTicks, logTicks, shortDuration, tickText, timeTicks } from './ticks';

describe('ticks', () => {
  it('are round and within the range', () => {
    expect(linearTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks(-3, 3, 3)).toEqual([-2, 0, 2]);
    expect(linearTicks(0.1234, 0.1239, 5)).toEqual([0.1234, 0.1235, 0.1236, 0.1237, 0.1238, 0.1239]);
  });

  it('of a range without width are its one value', () => {
    expect(linearTicks(5, 5, 4)).toEqual([5]);
    expect(linearTicks(Number.NaN, 5, 4)).toEqual([]);
  });

  it('of a log axis are powers of ten, with twos and fives when there is room', () => {
    expect(logTicks(0.001, 1000, 6)).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1000]);
    expect(logTicks(1, 10, 6)).toEqual([1, 2, 5, 10]);
    expect(logTicks(-1, 10, 6)).toEqual([]);
  });

  it('of a clock stand at whole steps, at midnight of the zone', () => {
    const day = 86_400_000;
    const hour = 3_600_000;
    expect(timeTicks(0, 3 * day, 4, 0)).toEqual([0, day, 2 * day, 3 * day]);
    expect(timeTicks(0, 3 * day, 4, 2 * hour)[0]).toBe(day - 2 * hour);
  });
});

describe('what is written at them', () => {
  it('has as many decimals as their distance asks for', () => {
    expect(tickText(0.5, 0.25)).toBe('0.5');
    expect(tickText(0.5, 0.01)).toBe('0.50');
    expect(tickText(-2, 1)).toBe('−2');
    expect(tickText(20_000, 5000)).toBe('20K');
    expect(tickText(1_500_000, 500_000)).toBe('1.5M');
    expect(tickText(0.00001, 0.00001)).toBe('1e−5');
  });

  it('tells lengths of time in the unit that fits', () => {
    expect(shortDuration(0)).toBe('0');
    expect(shortDuration(250)).toBe('250 ms');
    expect(shortDuration(5000)).toBe('5 s');
    expect(shortDuration(90_000)).toBe('1:30 min');
    expect(shortDuration(7_500_000)).toBe('2:05 h');
    expect(shortDuration(3 * 86_400_000)).toBe('3 d');
  });
});
