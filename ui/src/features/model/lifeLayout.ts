import type { SeriesPoint, TimelineMark, TimelineSpan } from '../../api/types';
import { offset, startOfDay } from '../../shared/format';
import { type Tone, tell, worst } from '../../shared/Status';

/** Where things stand on the one time axis of a model's life. Pure functions of data, width and range. */

export interface Range {
  from: number;
  to: number;
}

const DAY = 86_400_000;
const MARK_GAP = 26;
const TICK_ROOM = 30;
const TICK_GAP = 72;
/** A label needs this much room to the end of the axis. */
const TICK_END = 36;

/** The whole life with a little air, at least a day wide. */
export function wholeRange(from: number, to: number): Range {
  const length = Math.max(to - from, DAY);
  return { from: from - length * 0.015, to: from + length * 1.015 };
}

export function position(at: number, range: Range, width: number): number {
  return ((at - range.from) / (range.to - range.from)) * width;
}

export function moment(x: number, range: Range, width: number): number {
  return range.from + (x / Math.max(1, width)) * (range.to - range.from);
}

export interface Tick {
  at: number;
  x: number;
  label: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Ticks at local midnights: years, quarters, months, weeks, days or hours, whichever fits. */
export function ticks(range: Range, width: number, zone: string): Tick[] {
  const length = range.to - range.from;
  const room = Math.max(1, Math.floor(width / TICK_GAP));
  const make = (moments: number[], label: (at: number) => string): Tick[] =>
    moments
      .filter((at) => at >= range.from && at <= range.to && position(at, range, width) < width - TICK_END)
      .map((at) => ({ at, x: position(at, range, width), label: label(at) }));
  const months = length / (30 * DAY);
  if (months >= 2) {
    const step = [1, 2, 3, 6, 12, 24].find((size) => months / size <= room) ?? 60;
    return make(monthStarts(range, zone, step), (at) => {
      const local = new Date(at + offset(at, zone));
      const month = MONTHS[local.getUTCMonth()] ?? '';
      return local.getUTCMonth() === 0 || step >= 12 ? `${month} ${local.getUTCFullYear()}` : month;
    });
  }
  const days = length / DAY;
  if (days >= 2) {
    const step = [1, 2, 7, 14].find((size) => days / size <= room) ?? 28;
    return make(dayStarts(range, zone, step), (at) => {
      const local = new Date(at + offset(at, zone));
      return `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]}`;
    });
  }
  const hours = length / 3_600_000;
  const step = [1, 3, 6, 12].find((size) => hours / size <= room) ?? 24;
  const first = startOfDay(range.from, zone);
  return make(
    Array.from({ length: Math.ceil((range.to - first) / (step * 3_600_000)) + 1 }, (_, index) => first + index * step * 3_600_000),
    (at) => {
      const local = new Date(at + offset(at, zone));
      return `${String(local.getUTCHours()).padStart(2, '0')}:00`;
    },
  );
}

function monthStarts(range: Range, zone: string, step: number): number[] {
  const first = new Date(range.from + offset(range.from, zone));
  let month = first.getUTCFullYear() * 12 + first.getUTCMonth();
  month -= month % step;
  const found: number[] = [];
  for (; found.length < 200; month += step) {
    const wall = Date.UTC(Math.floor(month / 12), month % 12, 1);
    const at = wall - offset(wall, zone);
    if (at > range.to) {
      break;
    }
    found.push(at);
  }
  return found;
}

function dayStarts(range: Range, zone: string, step: number): number[] {
  const found: number[] = [];
  // Weeks begin on Monday; day 4 of the epoch was one.
  let day = Math.floor((range.from + offset(range.from, zone)) / DAY);
  if (step % 7 === 0) {
    day -= (day - 4) % 7;
  }
  for (; found.length < 200; day += step) {
    const wall = day * DAY;
    const at = wall - offset(wall, zone);
    if (at > range.to) {
      break;
    }
    found.push(at);
  }
  return found;
}

export interface PlacedSpan {
  span: TimelineSpan;
  left: number;
  width: number;
  /** Which row of its lane, from 0. */
  level: number;
}

/** Spans that would cover one another lie in rows; none is narrower than `least`. */
export function placeSpans(spans: TimelineSpan[], range: Range, width: number, least = 4): PlacedSpan[] {
  const ends: number[] = [];
  return spans
    .filter((span) => span.to >= range.from && span.from <= range.to)
    .toSorted((a, b) => a.from - b.from)
    .map((span) => {
      const left = Math.max(-2, position(span.from, range, width));
      const right = Math.min(width + 2, position(span.to, range, width));
      const wide = Math.max(least, right - left);
      const start = Math.min(left, width + 2 - wide);
      const free = ends.findIndex((end) => end <= start + 1);
      const level = free < 0 ? ends.length : free;
      ends[level] = start + wide;
      return { span, left: start, width: wide, level };
    });
}

export interface PlacedMarks {
  x: number;
  marks: TimelineMark[];
  tone: Tone;
  injected: boolean;
}

export function markTone(mark: TimelineMark): Tone {
  return tell(mark.verdict ?? mark.severity ?? mark.kind)[0];
}

/** Marks that would cover one another become one, told by the worst of them. */
export function placeMarks(marks: TimelineMark[], range: Range, width: number): PlacedMarks[] {
  const groups: { x: number; marks: TimelineMark[] }[] = [];
  const shown = marks.filter((mark) => mark.at >= range.from && mark.at <= range.to).toSorted((a, b) => a.at - b.at);
  for (const mark of shown) {
    const x = position(mark.at, range, width);
    const last = groups.at(-1);
    if (last && x - last.x < MARK_GAP) {
      last.marks.push(mark);
    } else {
      groups.push({ x, marks: [mark] });
    }
  }
  return groups.map((group) => ({
    x: Math.min(Math.max(group.x, 13), Math.max(13, width - 13)),
    marks: group.marks,
    tone: worst(group.marks.map(markTone)),
    injected: group.marks.some((mark) => mark.injected === true),
  }));
}

export interface ScaleY {
  low: number;
  high: number;
  ticks: number[];
}

/** A little more than what is shown, intervals included, with round ticks inside: one for each thirty pixels or so. */
export function scaleY(points: SeriesPoint[], range: Range, height = 150): ScaleY | undefined {
  const values = points
    .filter((point) => point.at >= range.from && point.at <= range.to)
    .flatMap((point) => [point.value, point.low, point.high])
    .filter((value): value is number => value !== null && Number.isFinite(value));
  if (values.length === 0) {
    return undefined;
  }
  const least = Math.min(...values);
  const most = Math.max(...values);
  const span = most - least || Math.abs(most) / 10 || 1;
  const low = least - span * 0.06;
  const high = most + span * 0.06;
  const raw = (high - low) / Math.max(1, height / TICK_ROOM);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((size) => raw <= size * power) ?? 10);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return { low, high, ticks: Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12))) };
}

export function yOf(value: number, scale: ScaleY, height: number): number {
  return height - ((value - scale.low) / (scale.high - scale.low)) * height;
}

/** The line of the values, broken where nothing is known. */
export function linePath(points: SeriesPoint[], range: Range, width: number, scale: ScaleY, height: number): string {
  let path = '';
  let pen = false;
  for (const point of points) {
    if (point.value === null) {
      pen = false;
      continue;
    }
    path += `${pen ? 'L' : 'M'}${position(point.at, range, width).toFixed(1)},${yOf(point.value, scale, height).toFixed(1)}`;
    pen = true;
  }
  return path;
}

/** The band of the intervals, one closed shape for each unbroken stretch. */
export function bandPath(points: SeriesPoint[], range: Range, width: number, scale: ScaleY, height: number): string {
  const stretches: SeriesPoint[][] = [];
  let open: SeriesPoint[] = [];
  for (const point of points) {
    if (point.low === null || point.high === null) {
      if (open.length > 0) {
        stretches.push(open);
        open = [];
      }
    } else {
      open.push(point);
    }
  }
  if (open.length > 0) {
    stretches.push(open);
  }
  const at = (point: SeriesPoint, value: number | null) =>
    `${position(point.at, range, width).toFixed(1)},${yOf(value ?? 0, scale, height).toFixed(1)}`;
  return stretches
    .map(
      (part) =>
        `M${part.map((point) => at(point, point.high)).join('L')}L${part
          .toReversed()
          .map((point) => at(point, point.low))
          .join('L')}Z`,
    )
    .join('');
}

/** The point nearest to a moment, by bisection: points are in order. */
export function nearest(points: SeriesPoint[], at: number): SeriesPoint | undefined {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const half = (low + high) >> 1;
    if ((points[half]?.at ?? 0) < at) {
      low = half + 1;
    } else {
      high = half;
    }
  }
  const right = points[low];
  const left = points[low - 1];
  return left && right && at - left.at < right.at - at ? left : right;
}
