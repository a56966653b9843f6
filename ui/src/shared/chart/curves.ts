import type { MetricPoint } from '../../api/mlflow';
import type { XKind } from './plot';
import type { Points } from './series';

/** Histories of a metric as curves by run, in order of the axis. `relative` counts from the first point of each run. */
export function curvesOf(metrics: MetricPoint[], axis: XKind): Map<string, Points> {
  const byRun = new Map<string, MetricPoint[]>();
  for (const one of metrics) {
    const run = one.run_id ?? '';
    const known = byRun.get(run);
    if (known) {
      known.push(one);
    } else {
      byRun.set(run, [one]);
    }
  }
  return new Map([...byRun].map(([run, points]) => [run, curve(points, axis)]));
}

function curve(points: MetricPoint[], axis: XKind): Points {
  const place = (point: MetricPoint) => Number((axis === 'step' ? point.step : point.timestamp) ?? 0);
  const start = axis === 'relative' ? points.reduce((least, point) => Math.min(least, place(point)), Number.POSITIVE_INFINITY) : 0;
  const sorted = points.toSorted((a, b) => place(a) - place(b) || Number(a.timestamp ?? 0) - Number(b.timestamp ?? 0));
  return { x: Float64Array.from(sorted, (point) => place(point) - start), y: Float64Array.from(sorted, (point) => Number(point.value)) };
}
