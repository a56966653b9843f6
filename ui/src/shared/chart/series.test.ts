import { describe, expect, it } from 'vitest';
import { curvesOf } from './curves';
import { decimate, extent, nearest, smooth, span } from './series';

const f = (...values: number[]) => Float64Array.from(values);

describe('smoothing', () => {
  it('without weight changes nothing', () => {
    const values = f(1, 5, 2);
    expect(smooth(values, 0)).toBe(values);
  });

  it('does not pull the begin towards 0, and keeps a constant', () => {
    expect(smooth(f(4, 4, 4), 0.9)).toEqual(f(4, 4, 4));
    expect(smooth(f(10, 0), 0.5)[0]).toBe(10);
  });

  it('leaves gaps as they are and does not count them', () => {
    const smoothed = smooth(f(2, Number.NaN, 2), 0.5);
    expect(smoothed[1]).toBeNaN();
    expect(smoothed[2]).toBe(2);
  });

  it('with any weight stays between lowest and highest', () => {
    const smoothed = smooth(f(1, 9, 1, 9), 1);
    expect(Math.min(...smoothed)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...smoothed)).toBeLessThanOrEqual(9);
  });
});

describe('decimation', () => {
  const many = { x: Float64Array.from({ length: 10_000 }, (_, at) => at), y: new Float64Array(10_000) };

  it('keeps a spike of one point in ten thousand', () => {
    const y = many.y.slice();
    y[4321] = 99;
    y[4322] = -99;
    const kept = decimate({ x: many.x, y }, 0, 9999, 50);
    expect(Math.max(...kept.y)).toBe(99);
    expect(Math.min(...kept.y)).toBe(-99);
    expect(kept.x.length).toBeLessThanOrEqual(4 * 51);
  });

  it('keeps first and last point and the order', () => {
    const { x } = decimate(many, 0, 9999, 50);
    expect(x[0]).toBe(0);
    expect(x.at(-1)).toBe(9999);
    expect([...x]).toEqual([...x].toSorted((a, b) => a - b));
  });

  it('leaves few points alone', () => {
    const few = { x: f(1, 2, 3), y: f(1, 2, 3) };
    expect(decimate(few, 1, 3, 50)).toEqual(few);
  });
});

describe('places on a curve', () => {
  it('are found by the nearest x, the left one of two', () => {
    expect(nearest(f(0, 10, 20), 14)).toBe(1);
    expect(nearest(f(0, 10, 20), 5)).toBe(0);
    expect(nearest(f(0, 10, 20), 99)).toBe(2);
    expect(nearest(f(), 1)).toBe(-1);
  });

  it('have an extent within a range, without infinities, and without negatives on a log scale', () => {
    const points = [{ x: f(0, 1, 2, 3), y: f(-5, 1, Number.POSITIVE_INFINITY, 8) }];
    expect(extent(points, 0, 3, false)).toEqual([-5, 8]);
    expect(extent(points, 0, 3, true)).toEqual([1, 8]);
    expect(extent(points, 0, 0, true)).toBeUndefined();
    expect(span(points)).toEqual([0, 3]);
    expect(span([])).toBeUndefined();
  });
});

describe('histories of several runs', () => {
  const metrics = [
    { key: 'm', run_id: 'b', step: 2, timestamp: 300, value: 3 },
    { key: 'm', run_id: 'a', step: 1, timestamp: 150, value: 2 },
    { key: 'm', run_id: 'a', step: 0, timestamp: 100, value: 'NaN' as const },
  ];

  it('become a curve for each, in order of steps', () => {
    const curves = curvesOf(metrics, 'step');
    expect([...curves.keys()].toSorted()).toEqual(['a', 'b']);
    expect([...(curves.get('a')?.x ?? [])]).toEqual([0, 1]);
    expect(curves.get('a')?.y[0]).toBeNaN();
  });

  it('have the wall clock as axis, or the time since their own first point', () => {
    expect([...(curvesOf(metrics, 'time').get('a')?.x ?? [])]).toEqual([100, 150]);
    expect([...(curvesOf(metrics, 'relative').get('b')?.x ?? [])]).toEqual([0]);
    expect([...(curvesOf(metrics, 'relative').get('a')?.x ?? [])]).toEqual([0, 50]);
  });
});
