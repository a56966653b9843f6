import type { GuardLook, RolloutLook } from '../../api/rollouts';
import type { SeriesPoint } from '../../api/types';
import { date, dateTime, interval, metric } from '../../shared/format';
import { Status } from '../../shared/Status';
import { useWidth } from '../../shared/useWidth';
import { bandPath, linePath, position, type Range, scaleY, yOf } from './lifeLayout';

const HEIGHT = 110;
const FOOT = 16;
const LABEL = 12;

const TITLES: Record<string, string> = {
  harm: 'Harm',
  score: 'Score shift',
  errors: 'Failed calls',
  latency: 'Latency',
};

export const guardTitle = (guard: string) => TITLES[guard] ?? guard;

/** What its numbers are. */
function unit(guard: string, harmMetric: string): string {
  switch (guard) {
    case 'harm':
      return `${harmMetric}, candidate minus champion on the same rows`;
    case 'score':
      return 'PSI against the champion’s scores of the same rows';
    case 'errors':
      return 'share of failed calls, less the control’s';
    case 'latency':
      return 'compute time, times the control’s';
    default:
      return '';
  }
}

interface GuardProps {
  newest: GuardLook;
  looks: RolloutLook[];
  /** Length of a day or block. */
  cluster: number;
  /** Whether days are judged, and in which zone they are told. */
  days: boolean;
  zone: string;
  harmMetric: string;
}

/** One guard: what it says now, in numbers, and its sequence against its bound. */
export function Guard({ newest, looks, cluster, days, zone, harmMetric }: GuardProps) {
  const points = looks.flatMap((look) => {
    const guard = look.guards.find((one) => one.guard === newest.guard);
    return guard && guard.estimate !== null ? [point(look.at, guard)] : [];
  });
  const label = days ? (at: number) => date(at, zone) : (at: number) => dateTime(at, zone);
  return (
    <div className="stack-tight guard">
      <div className="spread">
        <strong>{guardTitle(newest.guard)}</strong>
        <Status word={newest.verdict} label={verdict(newest)} />
      </div>
      <span className="small quiet">{unit(newest.guard, harmMetric)}</span>
      {newest.estimate === null ? null : (
        <span className="small">
          <b>{metric(newest.estimate, 3)}</b> {range(newest)} · bound <b>{metric(newest.bound, 3)}</b>
        </span>
      )}
      {points.length > 0 ? <Sequence newest={newest} points={points} cluster={cluster} label={label} /> : null}
      {newest.estimate === null ? null : (
        <span className="small quiet" title="Rows of one day or block are not independent: so many of them count as one">
          {newest.clusters} {clusterWord(newest.clusters, days)}, design effect {metric(newest.deff, 2)}
        </span>
      )}
      {newest.why === null ? null : <span className="small quiet wrap-anywhere">{newest.why}</span>}
    </div>
  );
}

const clusterWord = (clusters: number, days: boolean) => `${days ? 'day' : 'block'}${clusters === 1 ? '' : 's'}`;

/** Only the lower end is judged; one that has no upper end is told so. */
function range({ low, high }: GuardLook): string {
  return high === null && low !== null ? `[${metric(low, 3)}, …)` : interval(low, high, 3);
}

function point(at: number, guard: GuardLook): SeriesPoint {
  return { at, value: guard.estimate, low: guard.low, high: guard.high ?? guard.estimate, rows: 0, coverage: 1 };
}

function verdict(guard: GuardLook): string {
  switch (guard.verdict) {
    case 'CLEAR':
      return 'harm is not shown';
    case 'SHOWN':
      return 'harm is shown: the rollout stops';
    case 'NOT_COMPUTABLE':
      return 'cannot be computed: nothing is promoted by itself';
    case 'OFF':
      return 'off';
  }
}

interface SequenceProps {
  newest: GuardLook;
  points: SeriesPoint[];
  cluster: number;
  label: (at: number) => string;
}

/** Estimate, band and bound over the looks. */
function Sequence({ newest, points, cluster, label }: SequenceProps) {
  const [ref, width] = useWidth();
  const first = points[0]?.at ?? 0;
  const last = points.at(-1)?.at ?? first;
  const air = Math.max(last - first, cluster) * 0.05;
  const span: Range = { from: first - air, to: last + air };
  const bound: SeriesPoint = { at: last, value: newest.bound, low: null, high: null, rows: 0, coverage: 1 };
  const scale = scaleY([...points, bound], span, HEIGHT);
  if (!scale) {
    return null;
  }
  const colour = newest.verdict === 'SHOWN' ? 'var(--fail)' : 'var(--link)';
  const y = yOf(newest.bound, scale, HEIGHT);
  const told = `${guardTitle(newest.guard)}: ${points.length} ${points.length === 1 ? 'look' : 'looks'}, newest ${metric(
    newest.estimate,
  )} ${interval(newest.low, newest.high)}`;
  const halo = { paintOrder: 'stroke', stroke: 'var(--card)', strokeWidth: 3, fontSize: 11 } as const;
  return (
    <div ref={ref}>
      <svg width={width} height={HEIGHT + FOOT} role="img" aria-label={`${told.trim()} against a bound of ${metric(newest.bound)}`}>
        {scale.ticks.map((value) => (
          <line key={value} x1={0} x2={width} y1={yOf(value, scale, HEIGHT)} y2={yOf(value, scale, HEIGHT)} stroke="var(--line)" />
        ))}
        <path d={bandPath(points, span, width, scale, HEIGHT)} fill={colour} fillOpacity={0.16} />
        <path d={linePath(points, span, width, scale, HEIGHT)} fill="none" stroke={colour} strokeWidth={1.75} strokeLinejoin="round" />
        {points.map((one) => (
          <g key={one.at} stroke={colour}>
            <line
              x1={position(one.at, span, width)}
              x2={position(one.at, span, width)}
              y1={yOf(one.low ?? one.value ?? 0, scale, HEIGHT)}
              y2={yOf(one.high ?? one.value ?? 0, scale, HEIGHT)}
              strokeOpacity={0.5}
            />
            <circle cx={position(one.at, span, width)} cy={yOf(one.value ?? 0, scale, HEIGHT)} r={2.5} fill={colour} />
          </g>
        ))}
        <line x1={0} x2={width} y1={y} y2={y} stroke="var(--fail)" strokeDasharray="5 4" />
        {scale.ticks.map((value) => (
          <text key={value} x={4} y={Math.max(10, yOf(value, scale, HEIGHT) - 3)} fill="var(--quiet)" {...halo}>
            {metric(value, 3)}
          </text>
        ))}
        <text x={width - 4} y={y < 2 * LABEL ? y + LABEL : y - 4} textAnchor="end" fill="var(--fail)" {...halo}>
          bound {metric(newest.bound, 3)}
        </text>
        <text x={0} y={HEIGHT + LABEL} fontSize={11} fill="var(--quiet)">
          {label(first)}
        </text>
        {last > first ? (
          <text x={width} y={HEIGHT + LABEL} textAnchor="end" fontSize={11} fill="var(--quiet)">
            {label(last)}
          </text>
        ) : null}
      </svg>
    </div>
  );
}
