import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { LOGS } from '../../app/search';
import { linearTicks, logTicks, tickText } from '../../shared/chart/ticks';
import { logged } from '../../shared/format';
import { Empty } from '../../shared/states';
import { useWidth } from '../../shared/useWidth';
import { isImportance, type RunRow } from '../runs/tracking';
import { type Axis, axisText, hintOf, metricKeys, readAxis, type Scale, scaleOf } from './differ';
import type { ViewProps } from './view';

const HEIGHT = 420;
const LEFT = 72;
const RIGHT = 20;
const TOP = 16;
const BOTTOM = 48;
const GAP = 0.06;
const LABEL_MAX = 14;

/** Any param or metric against any other; a dot for each run, which leads to it. */
export function Scatter({ rows, difference, lit, search, set }: ViewProps) {
  const [box, width] = useWidth();
  const axes = useMemo<Axis[]>(
    () => [
      ...difference.differing.map((key) => ({ kind: 'params' as const, key })),
      ...metricKeys(rows)
        .filter((key) => !isImportance(key))
        .map((key) => ({ kind: 'metrics' as const, key })),
      ...difference.same.map((key) => ({ kind: 'params' as const, key })),
    ],
    [rows, difference],
  );
  const known = (text: string | undefined) => {
    const axis = readAxis(text);
    return axes.find((one) => one.kind === axis?.kind && one.key === axis.key);
  };
  const x = known(search.x) ?? axes[0];
  const y = known(search.y) ?? axes.find((one) => one.kind === 'metrics' && one !== x) ?? axes[1];
  if (!x || !y) {
    return <Empty title="Two params or metrics are needed to draw one against the other" />;
  }
  const logs = search.logs ?? '';
  const toggleLog = (name: 'x' | 'y') => {
    const next = (['x', 'y'] as const).filter((one) => logs.includes(one) !== (one === name)).join('');
    set({ logs: LOGS.find((one) => one === next) }, true);
  };
  const choose = (name: 'x' | 'y') => (text: string) => set({ [name]: text }, true);
  return (
    <div className="panel-body stack">
      <div className="controls">
        <AxisChoice label="Horizontal" axes={axes} chosen={x} choose={choose('x')} />
        <LogChoice label="Log horizontal" checked={logs.includes('x')} toggle={() => toggleLog('x')} />
        <AxisChoice label="Vertical" axes={axes} chosen={y} choose={choose('y')} />
        <LogChoice label="Log vertical" checked={logs.includes('y')} toggle={() => toggleLog('y')} />
      </div>
      <div ref={box} className="scatter">
        <Dots rows={rows} x={x} y={y} width={width} lit={lit} differing={difference.differing} logs={logs} />
      </div>
    </div>
  );
}

function LogChoice({ label, checked, toggle }: { label: string; checked: boolean; toggle: () => void }) {
  return (
    <label>
      <input type="checkbox" checked={checked} onChange={toggle} />
      {label}
    </label>
  );
}

function AxisChoice({ label, axes, chosen, choose }: { label: string; axes: Axis[]; chosen: Axis; choose: (text: string) => void }) {
  return (
    <label>
      {label}
      <select className="select axis-choice" value={axisText(chosen)} onChange={(event) => choose(event.currentTarget.value)}>
        {(['params', 'metrics'] as const).map((kind) => (
          <optgroup key={kind} label={kind === 'params' ? 'Params' : 'Metrics'}>
            {axes
              .filter((axis) => axis.kind === kind)
              .map((axis) => (
                <option key={axisText(axis)} value={axisText(axis)}>
                  {axis.key}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

/** Ends of an axis with some room, and the ticks on it. */
function ends(values: number[], scale: Scale): [number, number] {
  if (scale.categories) {
    return [-0.5, Math.max(0.5, scale.categories.length - 0.5)];
  }
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (scale.log) {
    const room = (high / low) ** GAP;
    return high > low ? [low / room, high * room] : [low / 2, high * 2];
  }
  const gap = (high - low) * GAP || Math.abs(low) * 0.1 || 1;
  return [low - gap, high + gap];
}

function ticksOf([low, high]: [number, number], scale: Scale, about: number): { at: number; text: string }[] {
  if (scale.categories) {
    const every = Math.max(1, Math.ceil(scale.categories.length / about));
    return scale.categories.flatMap((text, at) =>
      at % every === 0 ? [{ at, text: text.length > LABEL_MAX ? `${text.slice(0, LABEL_MAX - 1)}…` : text }] : [],
    );
  }
  if (scale.log) {
    return logTicks(low, high, about).map((at) => ({ at, text: tickText(at, at) }));
  }
  const ticks = linearTicks(low, high, about);
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  return ticks.map((at) => ({ at, text: tickText(at, step) }));
}

/** Where a value lies between the ends of its axis, from 0 to 1. */
function share(value: number, [low, high]: [number, number], { log }: Scale): number {
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

interface DotsProps {
  rows: RunRow[];
  x: Axis;
  y: Axis;
  width: number;
  lit: string[];
  differing: string[];
  logs: string;
}

function Dots({ rows, x, y, width, lit, differing, logs }: DotsProps) {
  const xs = scaleOf(rows, x, logs.includes('x'));
  const ys = scaleOf(rows, y, logs.includes('y'));
  const dots = rows.flatMap((row) => {
    const left = xs.value(row);
    const top = ys.value(row);
    return left === undefined || top === undefined ? [] : [{ row, left, top }];
  });
  if (dots.length === 0) {
    return <p className="quiet">No run has both.</p>;
  }
  const xEnds = ends(
    dots.map((one) => one.left),
    xs,
  );
  const yEnds = ends(
    dots.map((one) => one.top),
    ys,
  );
  const toX = (value: number) => LEFT + share(value, xEnds, xs) * (width - LEFT - RIGHT);
  const toY = (value: number) => HEIGHT - BOTTOM - share(value, yEnds, ys) * (HEIGHT - BOTTOM - TOP);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing has no field set */}
      <svg width={width} height={HEIGHT} role="group" aria-label={`${y.key} against ${x.key}, ${dots.length} runs`}>
        {ticksOf(yEnds, ys, 7).map((tick) => (
          <g key={tick.at}>
            <line x1={LEFT} x2={width - RIGHT} y1={toY(tick.at)} y2={toY(tick.at)} stroke="var(--line)" />
            <text x={LEFT - 8} y={toY(tick.at) + 4} textAnchor="end" className="axis-text">
              {tick.text}
            </text>
          </g>
        ))}
        {ticksOf(xEnds, xs, Math.max(2, Math.floor(width / 110))).map((tick) => (
          <g key={tick.at}>
            <line x1={toX(tick.at)} x2={toX(tick.at)} y1={TOP} y2={HEIGHT - BOTTOM} stroke="var(--line)" />
            <text x={toX(tick.at)} y={HEIGHT - BOTTOM + 16} textAnchor="middle" className="axis-text">
              {tick.text}
            </text>
          </g>
        ))}
        <text x={(LEFT + width - RIGHT) / 2} y={HEIGHT - 8} textAnchor="middle" className="axis-name">
          {x.key}
        </text>
        <text x={-(HEIGHT - BOTTOM) / 2} y={14} textAnchor="middle" transform="rotate(-90)" className="axis-name">
          {y.key}
        </text>
        {dots.map(({ row, left, top }) => {
          const colour = lit.indexOf(row.id);
          const told = `${row.name}: ${x.key} ${text(row, x)}, ${y.key} ${text(row, y)}`;
          return (
            <Link key={row.id} to="/runs/$run" params={{ run: row.id }} className="dot" aria-label={told}>
              <title>{`${told}\n${hintOf(row, differing)}`}</title>
              <circle
                cx={toX(left)}
                cy={toY(top)}
                r={6}
                fill={colour < 0 ? 'var(--series-1)' : `var(--series-${colour + 1})`}
                stroke="var(--card)"
                strokeWidth={1}
              />
            </Link>
          );
        })}
      </svg>
      {dots.length < rows.length ? (
        <p className="small quiet">
          {rows.length - dots.length} of {rows.length} runs are not drawn: they lack one of the two
          {xs.log || ys.log ? ', or it is not above 0' : ''}.
        </p>
      ) : null}
    </>
  );
}

function text(row: RunRow, axis: Axis): string {
  return axis.kind === 'metrics' ? logged(row.metrics[axis.key], 5) : (row.params[axis.key] ?? '–');
}
