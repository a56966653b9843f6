import { describe, expect, it } from 'vitest';
import type { SeriesPoint, TimelineMark } from '../../api/types';
import { bandPath, linePath, moment, nearest, placeMarks, placeSpans, position, scaleY, ticks, wholeRange } from './lifeLayout';

const DAY = 86_400_000;
const FROM = Date.UTC(2013, 3, 1, 4);
const TO = Date.UTC(2013, 11, 31, 5);
const YEAR = { from: FROM, to: TO };

const point = (day: number, value: number | null, low: number | null = null, high: number | null = null): SeriesPoint => ({
  at: FROM + day * DAY,
  value,
  low,
  high,
  rows: 1,
  coverage: 1,
});

describe('the axis', () => {
  it('maps moments to pixels and back', () => {
    expect(position(FROM, YEAR, 900)).toBe(0);
    expect(position(TO, YEAR, 900)).toBe(900);
    expect(moment(position(FROM + 7 * DAY, YEAR, 900), YEAR, 900)).toBeCloseTo(FROM + 7 * DAY, -1);
  });

  it('gives a life of no length a day of room', () => {
    const { from, to } = wholeRange(FROM, FROM);
    expect(to - from).toBeGreaterThan(DAY);
  });

  it('ticks months at local midnight of the zone', () => {
    const labels = ticks(YEAR, 900, 'America/New_York');
    expect(labels.map((tick) => tick.label)).toEqual(['Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']);
    expect(labels[1]?.at).toBe(Date.UTC(2013, 4, 1, 4));
    expect(labels.at(-1)?.at).toBe(Date.UTC(2013, 11, 1, 5));
  });

  it('ticks fewer months where there is less room, and names the year in January', () => {
    expect(ticks(YEAR, 300, 'UTC').length).toBeLessThanOrEqual(5);
    const long = ticks({ from: FROM, to: TO + 100 * DAY }, 1200, 'UTC');
    expect(long.some((tick) => tick.label === 'Jan 2014')).toBe(true);
  });

  it('ticks Mondays over a month and hours within a day', () => {
    const month = ticks({ from: FROM, to: FROM + 30 * DAY }, 500, 'America/New_York');
    expect(month.every((tick) => new Date(tick.at).getUTCDay() === 1)).toBe(true);
    expect(ticks({ from: FROM, to: FROM + DAY }, 500, 'America/New_York').map((tick) => tick.label)).toContain('06:00');
  });
});

describe('marks', () => {
  const mark = (day: number, verdict: string, injected = false): TimelineMark => ({
    at: FROM + day * DAY,
    label: verdict,
    kind: 'GATE',
    verdict,
    injected,
  });

  it('stay apart when there is room', () => {
    expect(placeMarks([mark(0, 'PASS'), mark(30, 'FAIL')], YEAR, 900)).toHaveLength(2);
  });

  it('become one, told by the worst, when they would cover one another', () => {
    const [group, ...more] = placeMarks([mark(10, 'PASS'), mark(11, 'FAIL', true), mark(12, 'INSUFFICIENT_DATA')], YEAR, 900);
    expect(more).toHaveLength(0);
    expect(group?.marks).toHaveLength(3);
    expect(group?.tone).toBe('fail');
    expect(group?.injected).toBe(true);
  });

  it('outside the range are not drawn, and at its ends they stay inside', () => {
    expect(placeMarks([mark(-5, 'PASS')], YEAR, 900)).toHaveLength(0);
    expect(placeMarks([mark(0, 'PASS')], YEAR, 900)[0]?.x).toBe(13);
  });
});

it('clips spans to the range and never loses one', () => {
  const spans = [{ from: FROM - 50 * DAY, to: FROM + DAY, label: 'v1', kind: 'CHAMPION' }];
  const [placed] = placeSpans(spans, YEAR, 900);
  expect(placed?.left).toBe(-2);
  expect(placed?.width).toBeGreaterThanOrEqual(4);
});

it('lays spans that would cover one another in rows, and uses a row again when it is free', () => {
  const span = (from: number, to: number) => ({ from: FROM + from * DAY, to: FROM + to * DAY, label: 'a', kind: 'ALERT' });
  const levels = placeSpans([span(0, 20), span(10, 30), span(40, 60), span(41, 41)], YEAR, 900, 24).map((placed) => placed.level);
  expect(levels).toEqual([0, 1, 0, 1]);
});

describe('curves', () => {
  it('break where nothing is known', () => {
    const points = [point(0, 0.5), point(1, 0.5), point(2, null), point(3, 0.6)];
    const scale = scaleY(points, YEAR);
    expect(scale && linePath(points, YEAR, 900, scale, 100).match(/M/g)).toHaveLength(2);
  });

  it('draw one band for each unbroken stretch', () => {
    const points = [point(0, 0.5), point(1, 0.5, 0.4, 0.6), point(2, 0.5, 0.4, 0.6), point(3, null), point(4, 0.5, 0.4, 0.6)];
    const scale = scaleY(points, YEAR);
    expect(scale && bandPath(points, YEAR, 900, scale, 100).match(/Z/g)).toHaveLength(2);
  });

  it('scale around values and intervals with round ticks inside', () => {
    const scale = scaleY([point(0, 0.5, 0.38, 0.61)], YEAR);
    expect(scale?.low).toBeLessThanOrEqual(0.38);
    expect(scale?.high).toBeGreaterThanOrEqual(0.61);
    expect(scale?.ticks).toEqual([0.4, 0.5, 0.6]);
    expect(scaleY([point(0, null)], YEAR)).toBeUndefined();
    expect(scaleY([point(0, 0)], YEAR)?.high).toBeGreaterThan(0);
  });

  it('find the nearest point', () => {
    const points = [point(0, 1), point(1, 1), point(5, 1)];
    expect(nearest(points, FROM + 0.6 * DAY)?.at).toBe(FROM + DAY);
    expect(nearest(points, FROM + 99 * DAY)?.at).toBe(FROM + 5 * DAY);
    expect(nearest(points, FROM - DAY)?.at).toBe(FROM);
    expect(nearest([], FROM)).toBeUndefined();
  });
});
