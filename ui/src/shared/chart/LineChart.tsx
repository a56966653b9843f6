import { useComputedColorScheme } from '@mantine/core';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { logged, metric } from '../format';
import { useWidth } from '../useWidth';
import {
  COLOURS,
  dot,
  drawGrid,
  drawLines,
  drawOver,
  type Frame,
  frameOf,
  fromX,
  inkOf,
  type Line,
  placeText,
  toX,
  toY,
  type XKind,
} from './plot';
import { nearest } from './series';

const NEAR_PIXELS = 28;
const DRAG_PIXELS = 6;
const LISTED = 8;

interface Props {
  title: string;
  lines: Line[];
  kind: XKind;
  log: boolean;
  height?: number;
  range?: [number, number] | undefined;
  /** A stretch of the x axis was chosen, or all of it. */
  onRange?: (range: [number, number] | undefined) => void;
  /** The line that is pointed at elsewhere, in a table for example. */
  lit?: string | undefined;
  onLit?: (id: string | undefined) => void;
  onPick?: (id: string) => void;
}

interface Cursor {
  place: number;
  /** Line that is nearest to the pointer. */
  line: Line | undefined;
  top: number;
}

/** Curves on a canvas: a hundred of them with a thousand points each are drawn in one frame. Drag to zoom, double click to see all again. */
export function LineChart({ title, lines, kind, log, height = 220, range, onRange, lit, onLit, onPick }: Props) {
  const [box, width] = useWidth();
  const base = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const [cursor, setCursor] = useState<Cursor>();
  const [drag, setDrag] = useState<[number, number]>();
  const frame = useMemo(() => frameOf(lines, { width, height, kind, log, range }), [lines, width, height, kind, log, range]);
  const shown = cursor?.line ?? lines.find((line) => line.id === lit);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes the ink
  useEffect(() => {
    const context = prepare(base.current, width, height);
    if (context && frame && base.current) {
      const ink = inkOf(base.current);
      const start = performance.now();
      drawGrid(context, frame, ink);
      drawLines(context, frame, lines, ink);
      base.current.dataset.drawn = `${lines.length} lines in ${(performance.now() - start).toFixed(1)} ms`;
    }
  }, [frame, lines, width, height, scheme]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes the ink
  useEffect(() => {
    const context = prepare(over.current, width, height);
    if (context && frame && over.current) {
      const ink = inkOf(over.current);
      if (drag) {
        context.fillStyle = ink.quiet;
        context.globalAlpha = 0.18;
        context.fillRect(Math.min(...drag), frame.top, Math.abs(drag[1] - drag[0]), height - frame.top - frame.bottom);
        context.globalAlpha = 1;
      }
      if (shown) {
        drawOver(context, frame, shown, ink);
      }
      if (cursor) {
        drawCursor(context, frame, cursor, ink.quiet);
      }
    }
  }, [frame, shown, cursor, drag, width, height, scheme]);

  if (!frame) {
    return (
      <div ref={box} className="chart-none quiet" style={{ height }}>
        {log ? 'No positive value is here to draw on a log scale.' : 'No value is here to draw.'}
      </div>
    );
  }
  const point = (place: number, y: number | undefined) => {
    const line = y === undefined ? (cursor?.line ?? lines[0]) : closest(frame, lines, place, y);
    setCursor({ place, line, top: y ?? 0 });
    onLit?.(line?.id);
  };
  const leave = () => {
    setCursor(undefined);
    setDrag(undefined);
    onLit?.(undefined);
  };
  const move = (event: PointerEvent<HTMLElement>) => {
    const [x, y] = within(event);
    if (drag) {
      setDrag([drag[0], Math.min(width - frame.right, Math.max(frame.left, x))]);
    }
    point(fromX(frame, x), y);
  };
  const up = (event: PointerEvent<HTMLElement>) => {
    const [x] = within(event);
    if (drag && Math.abs(x - drag[0]) > DRAG_PIXELS) {
      const ends = [fromX(frame, drag[0]), fromX(frame, x)];
      onRange?.([Math.min(...ends), Math.max(...ends)]);
    } else if (drag && cursor?.line) {
      onPick?.(cursor.line.id);
    }
    setDrag(undefined);
  };
  const key = (event: KeyboardEvent<HTMLElement>) => {
    const next = nextCursor(event.key, frame, lines, cursor);
    if (next) {
      event.preventDefault();
      setCursor(next);
      onLit?.(next.line?.id);
    } else if (event.key === 'Escape' && (cursor || range)) {
      event.stopPropagation();
      leave();
      onRange?.(undefined);
    } else if (event.key === 'Enter' && cursor?.line) {
      onPick?.(cursor.line.id);
    }
  };
  return (
    <div className="chart" ref={box}>
      <div
        className="chart-box"
        role="img"
        aria-label={summary(title, lines, frame)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys move a cursor along the lines
        tabIndex={0}
        style={{ height }}
        onPointerDown={(event) => event.button === 0 && setDrag([within(event)[0], within(event)[0]])}
        onPointerMove={move}
        onPointerUp={up}
        onPointerLeave={leave}
        onDoubleClick={() => onRange?.(undefined)}
        onKeyDown={key}
        onBlur={leave}
      >
        <canvas ref={base} />
        <canvas ref={over} />
      </div>
      {cursor ? <Readout frame={frame} lines={lines} cursor={cursor} /> : null}
    </div>
  );
}

function prepare(canvas: HTMLCanvasElement | null, width: number, height: number): CanvasRenderingContext2D | null {
  const context = canvas?.getContext('2d') ?? null;
  if (canvas && context) {
    const ratio = globalThis.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }
  return context;
}

function within(event: PointerEvent<HTMLElement>): [number, number] {
  const place = event.currentTarget.getBoundingClientRect();
  return [event.clientX - place.left, event.clientY - place.top];
}

function drawCursor(context: CanvasRenderingContext2D, frame: Frame, cursor: Cursor, quiet: string): void {
  const x = Math.round(toX(frame, cursor.place)) + 0.5;
  context.strokeStyle = quiet;
  context.setLineDash([3, 3]);
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, frame.top);
  context.lineTo(x, frame.height - frame.bottom);
  context.stroke();
  const at = cursor.line ? nearest(cursor.line.points.x, cursor.place) : -1;
  if (cursor.line && at >= 0) {
    dot(context, frame, cursor.line.points.x[at] as number, cursor.line.points.y[at] as number, 3.5);
  }
}

/** The line whose point at that place is nearest to the pointer, when one is near. */
export function closest(frame: Frame, lines: Line[], place: number, top: number): Line | undefined {
  let found: Line | undefined;
  let least = NEAR_PIXELS;
  for (const line of lines) {
    const at = nearest(line.points.x, place);
    const value = line.points.y[at];
    const x = line.points.x[at];
    if (value !== undefined && x !== undefined && Number.isFinite(value) && Math.abs(toX(frame, x) - toX(frame, place)) < 2 * NEAR_PIXELS) {
      const away = Math.abs(toY(frame, value) - top);
      if (away < least) {
        least = away;
        found = line;
      }
    }
  }
  return found;
}

function nextCursor(key: string, frame: Frame, lines: Line[], cursor: Cursor | undefined): Cursor | undefined {
  const line = cursor?.line ?? lines[0];
  if (!line) {
    return undefined;
  }
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const { x } = line.points;
    const here = cursor ? nearest(x, cursor.place) : key === 'ArrowRight' ? -1 : x.length;
    const at = Math.min(x.length - 1, Math.max(0, here + (key === 'ArrowRight' ? 1 : -1)));
    return { place: x[at] ?? frame.x[0], line, top: 0 };
  }
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    const here = cursor?.line ? lines.indexOf(line) : -1;
    const next = lines[(here + (key === 'ArrowDown' ? 1 : -1) + lines.length) % lines.length];
    return { place: cursor?.place ?? frame.x[1], line: next, top: 0 };
  }
  return undefined;
}

function valueAt(line: Line, place: number): number | undefined {
  return line.points.y[nearest(line.points.x, place)];
}

function Readout({ frame, lines, cursor }: { frame: Frame; lines: Line[]; cursor: Cursor }) {
  const listed = lines.length <= LISTED ? lines : cursor.line ? [cursor.line] : [];
  const left = toX(frame, cursor.place) > frame.width / 2;
  return (
    <div
      className="chart-readout"
      role="status"
      style={left ? { right: frame.width - toX(frame, cursor.place) + 12 } : { left: toX(frame, cursor.place) + 12 }}
    >
      <div className="quiet">{placeText(frame, cursor.place, true)}</div>
      {listed.map((line) => (
        <div key={line.id} className={line === cursor.line ? 'strong' : undefined}>
          <Swatch colour={line.colour} /> <span className="chart-value">{logged(valueAt(line, cursor.place), 5)}</span> {line.label}
          {line === cursor.line && line.hint ? <div className="quiet chart-hint">{line.hint}</div> : null}
        </div>
      ))}
    </div>
  );
}

/** The sign of a line in a legend or a table. */
export function Swatch({ colour }: { colour: number | undefined }) {
  return (
    <svg width={16} height={8} aria-hidden="true" className="swatch">
      <line
        x1={0}
        x2={16}
        y1={4}
        y2={4}
        stroke={colour === undefined ? 'var(--quiet)' : `var(--series-${(colour % COLOURS) + 1})`}
        strokeWidth={colour === undefined ? 1 : 2.5}
        strokeDasharray={colour === undefined ? undefined : SWATCH_DASHES[colour % COLOURS]}
      />
    </svg>
  );
}

const SWATCH_DASHES = [undefined, undefined, undefined, undefined, '5 2', '2 2', '6 2 2 2', '3 3'];

function summary(title: string, lines: Line[], frame: Frame): string {
  const first = lines[0];
  if (lines.length === 1 && first) {
    const { y } = first.points;
    return `${title}: ${y.length} points, from ${logged(y[0])} to ${logged(y.at(-1))}`;
  }
  return `${title}: ${lines.length} lines, values from ${metric(frame.y[0])} to ${metric(frame.y[1])}`;
}
