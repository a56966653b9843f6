import { type KeyboardEvent, memo, type PointerEvent, useMemo, useState } from 'react';
import type { SeriesPoint, TimelineSeries } from '../../api/types';
import { interval, metric } from '../../shared/format';
import { bandPath, linePath, moment, nearest, position, type Range, scaleY, type Tick, yOf } from './lifeLayout';

export const SERIES_TITLES: Record<string, string> = {
  log_loss: 'Log loss',
  skill: 'Skill',
  roc_auc: 'AUC',
  brier: 'Brier',
  calibration: 'Calibration',
};
const STRIP = 8;
const BRUSH_LEAST = 8;

export function seriesReadout(series: TimelineSeries, at: number): string {
  const point = series.points.find((one) => one.at === at);
  return point ? `${metric(point.value)} ${interval(point.low, point.high)}`.trim() : '–';
}

interface ChartProps {
  series: TimelineSeries;
  windowDays: number;
  range: Range;
  width: number;
  axis: Tick[];
  changes: number[];
  colour: string;
  height: number;
  floor: number;
  cursor: number | undefined;
  onCursor: (at: number | undefined) => void;
  onBrush: (from: number, to: number) => void;
}

/** A measure over the windows of a life: line, interval band, and a strip that says how many outcomes were known. */
export const SeriesChart = memo(function SeriesChart(props: ChartProps) {
  const { series, windowDays, range, width, axis, changes, colour, height, floor, cursor, onCursor, onBrush } = props;
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const points = useMemo(() => series.points.filter((point) => point.at >= range.from && point.at <= range.to), [series.points, range]);
  const scale = useMemo(() => scaleY(series.points, range, height), [series.points, range, height]);
  const title = SERIES_TITLES[series.name] ?? series.name;
  const x = (event: PointerEvent<SVGSVGElement>) => event.clientX - event.currentTarget.getBoundingClientRect().left;

  const move = (event: PointerEvent<SVGSVGElement>) => {
    onCursor(nearest(points, moment(x(event), range, width))?.at);
    if (drag) {
      setDrag({ from: drag.from, to: x(event) });
    }
  };
  const release = () => {
    if (drag && Math.abs(drag.to - drag.from) > BRUSH_LEAST) {
      const [left, right] = drag.from < drag.to ? [drag.from, drag.to] : [drag.to, drag.from];
      onBrush(moment(left, range, width), moment(right, range, width));
    }
    setDrag(undefined);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step !== 0 && points.length > 0) {
      event.preventDefault();
      const at = cursor === undefined ? points.length - 1 : points.findIndex((point) => point.at === cursor) + step;
      onCursor(points[Math.max(0, Math.min(points.length - 1, at))]?.at);
    }
  };
  if (!scale) {
    return (
      <div className="life-series">
        <span className="lane-name">{title}</span>
        <p className="quiet small" style={{ padding: '6px 4px' }}>
          Not enough data: no day has closed with enough known outcomes yet.
        </p>
      </div>
    );
  }
  return (
    <div className="life-series">
      <span className="lane-name">
        {title}
        <br />
        <span className="small">
          {windowDays}-day window{series.unit ? `, ${series.unit}` : ''}
        </span>
      </span>
      <svg
        height={height + STRIP + 4}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read the curve point by point
        tabIndex={0}
        aria-label={`${title}: ${summary(points)}. Arrow keys read it point by point.`}
        onPointerMove={move}
        onPointerLeave={() => {
          onCursor(undefined);
          setDrag(undefined);
        }}
        onPointerDown={(event) => setDrag({ from: x(event), to: x(event) })}
        onPointerUp={release}
        onKeyDown={onKey}
        onBlur={() => onCursor(undefined)}
      >
        {axis.map((tick) => (
          <line key={tick.at} x1={tick.x} x2={tick.x} y1={0} y2={height} stroke="var(--line)" />
        ))}
        {scale.ticks.map((value) => (
          <g key={value}>
            <line x1={0} x2={width} y1={yOf(value, scale, height)} y2={yOf(value, scale, height)} stroke="var(--line)" />
          </g>
        ))}
        {changes.map((at) => (
          <line
            key={at}
            x1={position(at, range, width)}
            x2={position(at, range, width)}
            y1={0}
            y2={height}
            stroke="var(--link)"
            strokeOpacity={0.55}
            strokeDasharray="2 3"
          />
        ))}
        <path d={bandPath(points, range, width, scale, height)} fill={colour} fillOpacity={0.16} />
        <path d={linePath(points, range, width, scale, height)} fill="none" stroke={colour} strokeWidth={1.75} strokeLinejoin="round" />
        <LonePoints
          points={points}
          place={(point) => [position(point.at, range, width), yOf(point.value ?? 0, scale, height)]}
          colour={colour}
        />
        {scale.ticks.map((value) => (
          <text key={value} x={4} y={Math.max(10, yOf(value, scale, height) - 3)} paintOrder="stroke" stroke="var(--card)" strokeWidth={3}>
            {metric(value, 3)}
          </text>
        ))}
        <Coverage points={points} range={range} width={width} top={height + 4} floor={floor} />
        {cursor !== undefined && cursor >= range.from && cursor <= range.to ? (
          <line
            x1={position(cursor, range, width)}
            x2={position(cursor, range, width)}
            y1={0}
            y2={height + STRIP + 4}
            stroke="var(--text)"
            strokeOpacity={0.6}
          />
        ) : null}
        {drag && Math.abs(drag.to - drag.from) > BRUSH_LEAST ? (
          <rect
            x={Math.min(drag.from, drag.to)}
            width={Math.abs(drag.to - drag.from)}
            y={0}
            height={height}
            fill="var(--link)"
            fillOpacity={0.15}
          />
        ) : null}
      </svg>
    </div>
  );
});

/** A value without neighbours would be a line of no length. */
function LonePoints({ points, place, colour }: { points: SeriesPoint[]; place: (point: SeriesPoint) => [number, number]; colour: string }) {
  return points
    .filter((point, at) => point.value !== null && (points[at - 1]?.value ?? null) === null && (points[at + 1]?.value ?? null) === null)
    .map((point) => {
      const [x, y] = place(point);
      return <circle key={point.at} cx={x} cy={y} r={3} fill={colour} />;
    });
}

function Coverage({
  points,
  range,
  width,
  top,
  floor,
}: {
  points: SeriesPoint[];
  range: Range;
  width: number;
  top: number;
  floor: number;
}) {
  const wide = points.length > 1 ? Math.max(1, position(points[1]?.at ?? 0, range, width) - position(points[0]?.at ?? 0, range, width)) : 4;
  return points.map((point) => (
    <rect
      key={point.at}
      x={position(point.at, range, width) - wide}
      width={wide + 0.5}
      y={top + STRIP * (1 - point.coverage)}
      height={Math.max(1, STRIP * point.coverage)}
      fill={point.coverage < floor ? 'var(--warn)' : 'var(--line-strong)'}
    />
  ));
}

function summary(points: SeriesPoint[]): string {
  const known = points.filter((point) => point.value !== null);
  const first = known[0];
  const last = known.at(-1);
  return first && last
    ? `${known.length} windows, first ${metric(first.value)}, last ${metric(last.value)} ${interval(last.low, last.high)}`.trim()
    : 'nothing known';
}
