import { useMemo, useState } from 'react';
import { CurveControls } from '../../shared/chart/CurveControls';
import { LineChart, Swatch } from '../../shared/chart/LineChart';
import { COLOURS, type Line } from '../../shared/chart/plot';
import { useCurves } from '../../shared/chart/useCurves';
import { Seen } from '../../shared/Seen';
import { Empty } from '../../shared/states';
import { isImportance } from '../runs/tracking';
import { hintOf, metricKeys } from './differ';
import type { ViewProps } from './view';

const HEIGHT = 300;
const SHORT = 72;
const FEW = 8;

/** A metric in one chart, a line for each run. Many runs are grey, and those that were picked are in colour on top. */
export function Curves({ rows, difference, lit, search, set }: ViewProps) {
  const [pointed, setPointed] = useState<string>();
  const keys = useMemo(() => metricKeys(rows).filter((key) => !isImportance(key)), [rows]);
  const words = (search.metrics ?? '').toLowerCase().split(/\s+/);
  const shown = keys.filter((key) => words.every((word) => key.toLowerCase().includes(word)));
  const toggle = (id: string) => {
    const next = lit.includes(id) ? lit.filter((one) => one !== id) : [...lit, id].slice(-COLOURS);
    set({ lit: next.length === 0 ? 'none' : next.join(',') }, true);
  };
  if (keys.length === 0) {
    return <Empty title="None of these runs logged a metric" />;
  }
  return (
    <div className="compare-curves">
      <div className="controls curves-controls">
        <input
          className="field"
          data-filter
          aria-label="Search metrics"
          placeholder={`Search ${keys.length} metrics`}
          value={search.metrics ?? ''}
          onChange={(event) => set({ metrics: event.currentTarget.value || undefined }, true)}
        />
        <CurveControls search={search} set={set} />
      </div>
      <div className="curves-charts">
        {shown.length === 0 ? <p className="quiet">No metric matches.</p> : null}
        {shown.map((key) => (
          <section key={key} className="chart-card" aria-label={key}>
            <h3 title={key}>{key}</h3>
            <Seen height={SHORT}>
              <MetricCurves
                rows={rows}
                difference={difference}
                lit={lit}
                search={search}
                set={set}
                name={key}
                pointed={pointed}
                point={setPointed}
                toggle={toggle}
              />
            </Seen>
          </section>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="curves-legend" aria-label="Runs in the charts" tabIndex={0}>
        <p className="small quiet legend-hint">
          {lit.length === 0 && rows.length > FEW
            ? `Pick up to ${COLOURS} runs to colour them.`
            : `${lit.length} of ${rows.length} in colour`}
        </p>
        {rows.map((row) => (
          <label
            key={row.id}
            className={`legend-run${row.id === pointed ? ' pointed' : ''}`}
            onPointerEnter={() => setPointed(row.id)}
            onPointerLeave={() => setPointed(undefined)}
          >
            <input type="checkbox" checked={lit.includes(row.id)} onChange={() => toggle(row.id)} />
            <Swatch colour={lit.includes(row.id) ? lit.indexOf(row.id) : undefined} />
            <span className="legend-name">
              <span className="cut" title={row.name}>
                {row.name}
              </span>
              <span className="cut small quiet">{hintOf(row, difference.differing)}</span>
            </span>
          </label>
        ))}
      </section>
    </div>
  );
}

interface MetricProps extends ViewProps {
  name: string;
  pointed: string | undefined;
  point: (id: string | undefined) => void;
  toggle: (id: string) => void;
}

function MetricCurves({ rows, difference, lit, search, set, name, pointed, point, toggle }: MetricProps) {
  const axis = search.axis ?? 'step';
  const having = useMemo(() => rows.filter((row) => row.metrics[name] !== undefined), [rows, name]);
  const ids = useMemo(() => having.map((row) => row.id), [having]);
  const { curves, pending, error } = useCurves({
    runs: ids,
    metric: name,
    axis,
    smoothing: search.smooth ?? 0,
    live: having.some((row) => row.status === 'RUNNING'),
  });
  const colours = lit.join(',');
  const lines = useMemo(
    () =>
      having.flatMap((row): Line[] => {
        const curve = curves.get(row.id);
        const place = colours.split(',').indexOf(row.id);
        return curve
          ? [{ id: row.id, label: row.name, hint: hintOf(row, difference.differing), ...curve, colour: place < 0 ? undefined : place }]
          : [];
      }),
    [having, curves, colours, difference],
  );
  if (error && lines.length === 0) {
    return <p className="chart-none quiet">{error.message}</p>;
  }
  if (pending && lines.length === 0) {
    return <div className="bone" style={{ height: HEIGHT - 16 }} />;
  }
  if (!pending && lines.every((line) => line.points.x.length <= 1)) {
    return (
      <p className="chart-none quiet" style={{ height: SHORT }}>
        One value for each run, no course: it stands side by side with the others.
      </p>
    );
  }
  return (
    <LineChart
      title={name}
      lines={lines}
      kind={axis}
      log={search.log ?? false}
      height={HEIGHT}
      range={search.from !== undefined && search.to !== undefined ? [search.from, search.to] : undefined}
      onRange={(range) => set({ from: range?.[0], to: range?.[1] }, true)}
      lit={pointed}
      onLit={point}
      onPick={toggle}
    />
  );
}
