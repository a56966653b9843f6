/** What happens to the points of a curve before they are drawn. Pure functions. */

export interface Points {
  x: Float64Array;
  y: Float64Array;
}

export const NO_POINTS: Points = { x: new Float64Array(), y: new Float64Array() };

/**
 * An exponential moving average without the pull towards 0 at its begin. What is not a finite number stays as it is and does not count.
 *
 * @param weight of the past, from 0 (nothing happens) to below 1
 */
export function smooth(values: Float64Array, weight: number): Float64Array {
  if (!(weight > 0)) {
    return values;
  }
  const past = Math.min(weight, 0.999);
  const smoothed = new Float64Array(values.length);
  let sum = 0;
  let mass = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (Number.isFinite(value)) {
      sum = past * sum + (1 - past) * value;
      mass = past * mass + (1 - past);
      smoothed[at] = sum / mass;
    } else {
      smoothed[at] = value;
    }
  }
  return smoothed;
}

/**
 * Leaves of each of so many equal stretches of x the first, the lowest, the highest and the last point: no spike is lost. Points must be
 * ordered by x. Few points come back as they are.
 */
export function decimate({ x, y }: Points, from: number, to: number, stretches: number): Points {
  if (x.length <= 4 * stretches || !(to > from)) {
    return { x, y };
  }
  const kept: number[] = [];
  const width = (to - from) / stretches;
  let at = 0;
  while (at < x.length) {
    const bucket = Math.floor(((x[at] as number) - from) / width);
    const first = at;
    let low = at;
    let high = at;
    while (at < x.length && Math.floor(((x[at] as number) - from) / width) === bucket) {
      if ((y[at] as number) < (y[low] as number)) {
        low = at;
      }
      if ((y[at] as number) > (y[high] as number)) {
        high = at;
      }
      at++;
    }
    for (const one of [first, Math.min(low, high), Math.max(low, high), at - 1]) {
      if (kept.at(-1) !== one) {
        kept.push(one);
      }
    }
  }
  return { x: Float64Array.from(kept, (one) => x[one] as number), y: Float64Array.from(kept, (one) => y[one] as number) };
}

/** Position of the point that is nearest to a place on the x axis; -1 when there is none. */
export function nearest(x: Float64Array, place: number): number {
  if (x.length === 0) {
    return -1;
  }
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] as number) < place) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 && place - (x[low - 1] as number) <= (x[low] as number) - place ? low - 1 : low;
}

/** Lowest and highest finite value of the points within a range of x; undefined when there is none. A log axis needs positive ones. */
export function extent(all: Points[], from: number, to: number, positive: boolean): [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { x, y } of all) {
    for (let at = 0; at < x.length; at++) {
      const value = y[at] as number;
      const place = x[at] as number;
      if (place >= from && place <= to && Number.isFinite(value) && (!positive || value > 0)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  return low <= high ? [low, high] : undefined;
}

/** First and last place on the x axis. */
export function span(all: Points[]): [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { x } of all) {
    for (const place of x) {
      low = Math.min(low, place);
      high = Math.max(high, place);
    }
  }
  return low <= high ? [low, high] : undefined;
}
