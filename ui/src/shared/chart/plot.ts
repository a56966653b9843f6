import { offset } from '../format';
import { decimate, extent, type Points, span } from './series';
import { linearTicks, logTicks, shortDuration, tickText, timeTicks } from './ticks';

/** How curves come onto a canvas: scales, grid, lines. Knows nothing of React. */

export type XKind = 'step' | 'time' | 'relative';

export interface Line {
  id: string;
  label: string;
  /** What tells this line from the others: its differing parameters, for example. */
  hint?: string;
  points: Points;
  /** The points as they were logged, when `points` are smoothed: drawn faintly. */
  raw?: Points | undefined;
  /** Position in the palette; undefined is one of many, in grey. */
  colour: number | undefined;
}

export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: [number, number];
  y: [number, number];
  log: boolean;
  kind: XKind;
}

export interface Ink {
  text: string;
  quiet: string;
  line: string;
  card: string;
  series: string[];
}

/** Dashes begin with the fifth colour, so that colour alone never tells two lines apart. */
const DASHES = [[], [], [], [], [6, 3], [2, 3], [8, 3, 2, 3], [4, 4]];
export const COLOURS = 8;
const GAP = 0.04;

export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim() || '#888888';
  return {
    text: read('--text'),
    quiet: read('--quiet'),
    line: read('--line'),
    card: read('--card'),
    series: Array.from({ length: COLOURS }, (_, at) => read(`--series-${at + 1}`)),
  };
}

/** The part of the plane that is seen; undefined when no point is in it. */
export function frameOf(
  lines: Line[],
  { width, height, kind, log, range }: { width: number; height: number; kind: XKind; log: boolean; range: [number, number] | undefined },
): Frame | undefined {
  const all = lines.map((line) => line.points);
  const whole = range ?? span(all);
  if (!whole) {
    return undefined;
  }
  const seen = extent(all, whole[0], whole[1], log);
  if (!seen) {
    return undefined;
  }
  const x: [number, number] = whole[0] === whole[1] ? [whole[0] - 1, whole[1] + 1] : whole;
  return { width, height, left: 56, right: 12, top: 10, bottom: 24, x, y: padded(seen, log), log, kind };
}

function padded([low, high]: [number, number], log: boolean): [number, number] {
  if (log) {
    return low === high ? [low / 2, high * 2] : [low / (high / low) ** GAP, high * (high / low) ** GAP];
  }
  const gap = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * GAP;
  return [low - gap, high + gap];
}

export function toX(frame: Frame, place: number): number {
  const share = (place - frame.x[0]) / (frame.x[1] - frame.x[0]);
  return frame.left + share * (frame.width - frame.left - frame.right);
}

export function fromX(frame: Frame, pixel: number): number {
  const share = (pixel - frame.left) / (frame.width - frame.left - frame.right);
  return frame.x[0] + Math.min(1, Math.max(0, share)) * (frame.x[1] - frame.x[0]);
}

export function toY(frame: Frame, value: number): number {
  const room = frame.height - frame.top - frame.bottom;
  const [low, high] = frame.y;
  const share = frame.log ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low)) : (value - low) / (high - low);
  return frame.height - frame.bottom - share * room;
}

export function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A place on the x axis in words. */
export function placeText(frame: Pick<Frame, 'kind' | 'x'>, place: number, precise = false): string {
  if (frame.kind === 'step') {
    return precise ? `step ${place.toLocaleString('en-US', { maximumFractionDigits: 2 })}` : tickText(place, 1);
  }
  if (frame.kind === 'relative') {
    return shortDuration(place);
  }
  const wide = frame.x[1] - frame.x[0] > 36 * 3_600_000;
  const fine = frame.x[1] - frame.x[0] < 600_000;
  return new Date(place).toLocaleString('en-GB', {
    ...(wide || precise ? { day: 'numeric', month: 'short' } : {}),
    ...(wide && !precise ? {} : { hour: '2-digit', minute: '2-digit' }),
    ...(fine || precise ? { second: '2-digit' } : {}),
  });
}

function xTicks(frame: Frame): number[] {
  const about = Math.max(2, Math.floor((frame.width - frame.left) / 96));
  if (frame.kind === 'step') {
    return linearTicks(frame.x[0], frame.x[1], about).filter((tick) => Number.isInteger(tick));
  }
  return timeTicks(frame.x[0], frame.x[1], about, frame.kind === 'time' ? offset(frame.x[0], zone()) : 0);
}

export function drawGrid(context: CanvasRenderingContext2D, frame: Frame, ink: Ink): void {
  const about = Math.max(2, Math.floor((frame.height - frame.top - frame.bottom) / 44));
  const ys = frame.log ? logTicks(frame.y[0], frame.y[1], about) : linearTicks(frame.y[0], frame.y[1], about);
  const step = ys.length > 1 ? (ys[1] as number) - (ys[0] as number) : Math.abs(ys[0] ?? 1);
  context.font = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
  context.lineWidth = 1;
  context.strokeStyle = ink.line;
  context.fillStyle = ink.quiet;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  context.beginPath();
  for (const value of ys) {
    const y = Math.round(toY(frame, value)) + 0.5;
    context.moveTo(frame.left, y);
    context.lineTo(frame.width - frame.right, y);
    context.fillText(tickText(value, frame.log ? value : step), frame.left - 8, y);
  }
  context.stroke();
  context.textBaseline = 'top';
  context.textAlign = 'center';
  for (const place of xTicks(frame)) {
    const x = toX(frame, place);
    const text = placeText(frame, place);
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(frame.width - half - 2, Math.max(half + 2, x)), frame.height - frame.bottom + 7);
    context.fillRect(Math.round(x), frame.height - frame.bottom, 1, 4);
  }
}

function trace(context: CanvasRenderingContext2D, frame: Frame, points: Points): void {
  const { x, y } = decimate(points, frame.x[0], frame.x[1], Math.max(1, frame.width - frame.left - frame.right));
  context.beginPath();
  let pen = false;
  let alone = false;
  for (let at = 0; at < x.length; at++) {
    const value = y[at] as number;
    if (!Number.isFinite(value) || (frame.log && value <= 0)) {
      pen = false;
      continue;
    }
    const left = toX(frame, x[at] as number);
    const top = toY(frame, value);
    if (pen) {
      context.lineTo(left, top);
      alone = false;
    } else {
      context.moveTo(left, top);
      alone = true;
    }
    pen = true;
  }
  context.stroke();
  if (alone && x.length > 0) {
    dot(context, frame, x.at(-1) as number, y.at(-1) as number, 2.5);
  }
}

export function dot(context: CanvasRenderingContext2D, frame: Frame, place: number, value: number, radius: number): void {
  context.beginPath();
  context.arc(toX(frame, place), toY(frame, value), radius, 0, 2 * Math.PI);
  context.fillStyle = context.strokeStyle;
  context.fill();
}

/** Draws the lines: those in grey first, then the coloured ones, so that what was picked lies on top. */
export function drawLines(context: CanvasRenderingContext2D, frame: Frame, lines: Line[], ink: Ink): void {
  context.save();
  context.beginPath();
  context.rect(frame.left, 0, frame.width - frame.left - frame.right, frame.height - frame.bottom + 1);
  context.clip();
  context.lineJoin = 'round';
  const many = lines.length > COLOURS;
  for (const coloured of [false, true]) {
    for (const line of lines) {
      if ((line.colour !== undefined) === coloured) {
        style(context, line, ink, many ? 0.3 : 0.65);
        drawLine(context, frame, line);
      }
    }
  }
  context.restore();
}

function style(context: CanvasRenderingContext2D, line: Line, ink: Ink, faint: number): void {
  context.globalAlpha = line.colour === undefined ? faint : 1;
  context.strokeStyle = line.colour === undefined ? ink.quiet : (ink.series[line.colour % COLOURS] as string);
  context.lineWidth = line.colour === undefined ? 1 : 1.75;
  context.setLineDash(line.colour === undefined ? [] : (DASHES[line.colour % COLOURS] as number[]));
}

function drawLine(context: CanvasRenderingContext2D, frame: Frame, line: Line): void {
  if (line.raw && line.colour !== undefined) {
    const full = context.globalAlpha;
    context.globalAlpha = 0.28;
    context.lineWidth = 1;
    context.setLineDash([]);
    trace(context, frame, line.raw);
    context.globalAlpha = full;
    context.lineWidth = 1.75;
    context.setLineDash(DASHES[line.colour % COLOURS] as number[]);
  }
  trace(context, frame, line.points);
}

/** The line under the pointer, on top of everything and wider. */
export function drawOver(context: CanvasRenderingContext2D, frame: Frame, line: Line, ink: Ink): void {
  context.save();
  context.beginPath();
  context.rect(frame.left, 0, frame.width - frame.left - frame.right, frame.height - frame.bottom + 1);
  context.clip();
  context.lineJoin = 'round';
  context.strokeStyle = ink.card;
  context.lineWidth = 5;
  trace(context, frame, line.points);
  context.strokeStyle = line.colour === undefined ? ink.text : (ink.series[line.colour % COLOURS] as string);
  context.lineWidth = 2.5;
  trace(context, frame, line.points);
  context.restore();
}
