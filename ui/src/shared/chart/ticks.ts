/** Where the lines of a chart's grid stand, and what is written at them. Pure functions. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  1,
  10,
  100,
  1000,
  5000,
  10_000,
  30_000,
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  30 * DAY,
  90 * DAY,
  365 * DAY,
];

/** Round numbers (1, 2 or 5 times a power of ten) within a range, about as many as asked for. */
export function linearTicks(low: number, high: number, about: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) {
    return Number.isFinite(low) ? [low] : [];
  }
  const rough = span / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10);
  const decimals = Math.max(0, Math.min(15, -Math.floor(Math.log10(step) + 1e-9)));
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) {
    ticks.push(Number((at * step).toFixed(decimals)));
  }
  return ticks;
}

/** Powers of ten, with their doubles and fives when the range is small. */
export function logTicks(low: number, high: number, about: number): number[] {
  if (!(low > 0) || !(high >= low)) {
    return [];
  }
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const every = Math.max(1, Math.ceil((last - first) / Math.max(1, about)));
  const factors = last - first <= about / 2 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = first; power <= last; power += every) {
    for (const factor of factors) {
      const value = Number((factor * 10 ** power).toPrecision(1));
      if (value >= low * 0.999 && value <= high * 1.001) {
        ticks.push(value);
      }
    }
  }
  return ticks;
}

/** Whole steps of the clock; `shift` is how far the wall clock is ahead of UTC, so that days begin at local midnight. */
export function timeTicks(low: number, high: number, about: number, shift = 0): number[] {
  const span = high - low;
  if (!(span > 0)) {
    return [low];
  }
  const step = TIME_STEPS.find((one) => span / one <= about) ?? Math.ceil(span / about / (365 * DAY)) * 365 * DAY;
  const ticks = [];
  for (let at = Math.ceil((low + shift) / step) * step - shift; at <= high; at += step) {
    ticks.push(at);
  }
  return ticks;
}

/** A length of time, short: 250 ms, 5 s, 1:30 min, 2:05 h, 3 d. */
export function shortDuration(millis: number): string {
  const size = Math.abs(millis);
  const sign = millis < 0 ? '−' : '';
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0');
  if (size === 0) {
    return '0';
  }
  if (size < 1000) {
    return `${sign}${Math.round(size)} ms`;
  }
  if (size < MINUTE) {
    return `${sign}${Number((size / 1000).toFixed(size < 10_000 ? 1 : 0))} s`;
  }
  if (size < HOUR) {
    return `${sign}${Math.floor(size / MINUTE)}:${two((size % MINUTE) / 1000)} min`;
  }
  if (size < 2 * DAY) {
    return `${sign}${Math.floor(size / HOUR)}:${two((size % HOUR) / MINUTE)} h`;
  }
  return `${sign}${Number((size / DAY).toFixed(1))} d`;
}

/** A number at an axis: no more digits than the distance of the ticks asks for. */
export function tickText(value: number, step: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) {
    return value.toExponential(0).replace('e+', 'e').replaceAll('-', '−');
  }
  if (size >= 10_000) {
    const [share, unit] = size >= 1e9 ? [value / 1e9, 'G'] : size >= 1e6 ? [value / 1e6, 'M'] : [value / 1e3, 'K'];
    return `${Number(share.toFixed(3))}${unit}`.replace('-', '−');
  }
  const decimals = step > 0 && Number.isFinite(step) ? Math.max(0, Math.min(8, -Math.floor(Math.log10(step) + 1e-9))) : 3;
  return value.toFixed(decimals).replace('-', '−');
}
