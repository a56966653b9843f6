import { useMemo } from 'react';
import type { CurveSearch } from '../../app/search';
import { CurveControls } from '../../shared/chart/CurveControls';
import { LineChart } from '../../shared/chart/LineChart';
import { useCurves } from '../../shared/chart/useCurves';
import { logged } from '../../shared/format';
import { Seen } from '../../shared/Seen';
import { Empty } from '../../shared/states';
import { isImportance, type RunRow } from '../runs/tracking';

const HEIGHT = 200;
const CARD = HEIGHT + 40;
const SEARCH_FROM = 7;

interface Props {
  row: RunRow;
  search: CurveSearch;
  set: (change: CurveSearch, replace?: boolean) => void;
}

/** The course of every metric of a run; a chart is made when it comes near the screen. */
export function RunCharts({ row, search, set }: Props) {
  const all = Object.keys(row.metrics)
    .filter((key) => !isImportance(key))
    .toSorted();
  const words = (search.metrics ?? '').toLowerCase().split(/\s+/);
  const shown = all.filter((key) => words.every((word) => key.toLowerCase().includes(word)));
  if (all.length === 0) {
    return (
      <Empty title="No metric was logged yet">
        <p className="quiet">Curves appear here while the run logs.</p>
      </Empty>
    );
  }
  return (
    <div className="panel-body stack">
      <div className="controls">
        {all.length >= SEARCH_FROM || search.metrics ? (
          <input
            className="field"
            data-filter
            aria-label="Search metrics"
            placeholder={`Search ${all.length} metrics`}
            value={search.metrics ?? ''}
            onChange={(event) => set({ metrics: event.currentTarget.value || undefined }, true)}
          />
        ) : null}
        <CurveControls search={search} set={set} />
      </div>
      {shown.length === 0 ? <p className="quiet">No metric matches.</p> : null}
      <div className="chart-grid">
        {shown.map((key) => (
          <section key={key} className="chart-card" aria-label={key}>
            <h3 title={key}>
              {key} <span className="quiet regular">{logged(row.metrics[key])}</span>
            </h3>
            <Seen height={CARD - 40}>
              <MetricChart row={row} name={key} search={search} set={set} />
            </Seen>
          </section>
        ))}
      </div>
    </div>
  );
}

function MetricChart({ row, name, search, set }: Props & { name: string }) {
  const runs = useMemo(() => [row.id], [row.id]);
  const axis = search.axis ?? 'step';
  const { curves, pending, error } = useCurves({
    runs,
    metric: name,
    axis,
    smoothing: search.smooth ?? 0,
    live: row.status === 'RUNNING',
  });
  const curve = curves.get(row.id);
  const lines = useMemo(() => (curve ? [{ id: row.id, label: row.name, ...curve, colour: 0 }] : []), [curve, row.id, row.name]);
  if (error && !curve) {
    return <p className="chart-none quiet">{error.message}</p>;
  }
  if (!curve) {
    return pending ? <div className="bone" style={{ height: HEIGHT - 16 }} /> : <p className="chart-none quiet">No value is here.</p>;
  }
  if (curve.points.x.length === 1) {
    return (
      <div className="chart-none" style={{ height: HEIGHT - 16 }}>
        <div>
          <div className="single-value" title={String(curve.points.y[0])}>
            {logged(curve.points.y[0])}
          </div>
          <div className="quiet">one value, no course</div>
        </div>
      </div>
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
    />
  );
}
