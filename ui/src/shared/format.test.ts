import { describe, expect, it } from 'vitest';
import { ago, around, count, date, dateTime, duration, interval, metric, middle, offset, percent, signed, startOfDay } from './format';

describe('numbers', () => {
  it('gives metrics four significant digits and a real minus sign', () => {
    expect(metric(0.494321)).toBe('0.4943');
    expect(metric(-0.06394)).toBe('−0.06394');
    expect(metric(12.34567)).toBe('12.35');
    expect(metric(123456)).toBe('123456');
    expect(metric(0)).toBe('0');
    expect(metric(-0)).toBe('0');
  });

  it('gives figures around 0 and their intervals the same decimals', () => {
    expect(around(0.00076, -0.0682, 0.0697)).toEqual({ value: '0.001', range: '[−0.068, 0.070]' });
    expect(around(-0.00004, null, null)).toEqual({ value: '0.000', range: '' });
    expect(around(null, null, null)).toEqual({ value: '–', range: '' });
    expect(around(Number.NaN, 0, 1).value).toBe('–');
  });

  it('uses an exponent outside 0.001 to a million', () => {
    expect(metric(0.00012345)).toBe('1.23e−4');
    expect(metric(2_500_000)).toBe('2.50e6');
    expect(metric(0.001)).toBe('0.001000');
  });

  it('shows what is absent as a dash, never as NaN or null', () => {
    for (const value of [null, undefined, Number.NaN]) {
      expect(metric(value)).toBe('–');
      expect(count(value)).toBe('–');
      expect(percent(value)).toBe('–');
    }
    expect(metric(Number.POSITIVE_INFINITY)).toBe('∞');
    expect(interval(null, 1)).toBe('');
  });

  it('signs differences and brackets intervals', () => {
    expect(signed(0.02)).toBe('+0.02000');
    expect(signed(-0.02)).toBe('−0.02000');
    expect(interval(0.19, 0.23)).toBe('[0.1900, 0.2300]');
  });

  it('keeps counts exact below ten thousand and truncates above', () => {
    expect(count(9999)).toBe('9,999');
    expect(count(12_399)).toBe('12.3K');
    expect(count(336_776)).toBe('336K');
    expect(count(1_999_999)).toBe('1.9M');
  });
});

describe('times', () => {
  it('truncates durations, never to 60 of a unit', () => {
    expect(duration(156)).toBe('156 ms');
    expect(duration(5199)).toBe('5.1 s');
    expect(duration(59_990)).toBe('59 s');
    expect(duration(125_999)).toBe('2m 05s');
    expect(duration(59 * 60_000 + 59_999)).toBe('59m 59s');
    expect(duration(5 * 3_600_000)).toBe('5h 00m');
    expect(duration(3 * 86_400_000 + 4.9 * 3_600_000)).toBe('3d 4h');
    expect(duration(-1)).toBe('–');
  });

  it('tells how long ago in whole units', () => {
    expect(ago(0, 59_999)).toBe('59 s ago');
    expect(ago(0, 3_599_999)).toBe('59 min ago');
    expect(ago(0, 3_600_000)).toBe('1 hour ago');
    expect(ago(0, 5 * 86_400_000)).toBe('5 days ago');
    expect(ago(10, 0)).toBe('0 s ago');
  });

  it('tells event time in the zone of the model', () => {
    const at = Date.UTC(2013, 3, 1, 2);
    expect(date(at, 'America/New_York')).toBe('31 Mar 2013');
    expect(date(at)).toBe('1 Apr 2013');
    expect(dateTime(at, 'UTC')).toBe('1 Apr 2013, 02:00 UTC');
    expect(date(at, 'Not/AZone')).toBe('1 Apr 2013');
  });

  it('knows local midnight on both sides of a clock change', () => {
    const zone = 'America/New_York';
    expect(offset(Date.UTC(2013, 0, 1), zone)).toBe(-5 * 3_600_000);
    expect(offset(Date.UTC(2013, 6, 1), zone)).toBe(-4 * 3_600_000);
    expect(startOfDay(Date.UTC(2013, 2, 10, 18), zone)).toBe(Date.UTC(2013, 2, 10, 5));
    expect(startOfDay(Date.UTC(2013, 2, 11, 18), zone)).toBe(Date.UTC(2013, 2, 11, 4));
  });
});

it('cuts long names in the middle, because the end often differs', () => {
  expect(middle('short')).toBe('short');
  expect(middle('a-very-long-name-that-ends-in-7', 11)).toBe('a-ver…-in-7');
});
