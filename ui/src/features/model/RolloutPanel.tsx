import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries';
import type { GuardLook, RolloutDetail, RolloutLook, SeriesPoint } from '../../api/types';
import { EventTime } from '../../shared/bits';
import { duration, exact, interval, metric } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked } from '../../shared/states';
import { useWidth } from '../../shared/useWidth';
import { bandPath, linePath, position, type Range, scaleY, yOf } from './lifeLayout';

const HEIGHT = 110;
const DAY = 86_400_000;

const TITLES: Record<string, string> = {
  harm: 'Harm',
  score: 'Score shift',
  errors: 'Failed calls',
  latency: 'Latency',
};

interface Props {
  /** The address of the model, or of an endpoint that no lifecycle file made; see {@link queries.rollouts}. */
  of: string;
  /** In which days are told. */
  zone: string;
}

/** The newest rollout: each guard's sequence against its bound, look by look. */
export default function RolloutPanel({ of, zone }: Props) {
  const rollouts = useQuery(queries.rollouts(of));
  const newest = rollouts.data?.items[0];
  return newest ? <Newest of={of} zone={zone} id={newest.id} version={newest.version} /> : null;
}

function Newest({ of, zone, id, version }: Props & { id: string; version: number }) {
  const detail = useQuery(queries.rollout(of, id));
  return (
    <section className="panel" aria-label={`Rollout of version ${version}`}>
      <Asked query={detail} what="The rollout is" rows={3}>
        {(rollout) => <Looks zone={zone} rollout={rollout} />}
      </Asked>
    </section>
  );
}

function Looks({ zone, rollout }: { zone: string; rollout: RolloutDetail }) {
  const last = rollout.looks.at(-1);
  const block = rollout.plan?.pace?.blockMillis ?? 0;
  const own = block > 0 && rollout.candidate !== undefined && rollout.replaces !== undefined;
  return (
    <div className="stack" style={{ padding: 14 }}>
      <div className="row">
        <h2 className="wrap-anywhere">
          Rollout of {own ? rollout.candidate : `v${rollout.version}`} against {own ? rollout.replaces : `v${rollout.champion}`}
        </h2>
        <Status word={rollout.phase} chip />
        <span className="small quiet">
          since <EventTime at={rollout.startedAt} zone={zone} day={block === 0} />
        </span>
      </div>
      {last ? (
        <>
          <p className="small quiet">
            {last.minima.clusters} of {last.minima.clustersNeeded} {block === 0 ? 'days' : 'blocks'} closed, {exact(last.minima.rows)} rows
            of {exact(last.minima.rowsNeeded)}. Harm is shown when a band lies above its bound.
          </p>
          <div style={{ display: 'grid', gap: 14, gridTemplateColumns: 'repeat(auto-fit, minmax(min(320px, 100%), 1fr))' }}>
            {last.guards.map((guard) => (
              <Guard key={guard.guard} newest={guard} looks={rollout.looks} cluster={block === 0 ? DAY : block} />
            ))}
          </div>
        </>
      ) : (
        <p className="quiet small">
          {block === 0
            ? 'No day has closed yet: the first look comes with the next publication hour.'
            : `No block of ${duration(block)} has closed yet: the first look comes with it.`}
        </p>
      )}
    </div>
  );
}

function Guard({ newest, looks, cluster }: { newest: GuardLook; looks: RolloutLook[]; cluster: number }) {
  const points = looks.flatMap((look) => {
    const guard = look.guards.find((one) => one.guard === newest.guard);
    return guard && guard.estimate !== null ? [point(look.at, guard)] : [];
  });
  return (
    <div className="stack-tight">
      <strong>{TITLES[newest.guard] ?? newest.guard}</strong>
      {points.length > 0 ? <Sequence newest={newest} points={points} cluster={cluster} /> : null}
      <span className="small">{verdict(newest)}</span>
    </div>
  );
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
      return `cannot be computed: ${guard.why ?? 'data are missing'}; nothing is promoted`;
    case 'OFF':
      return `off: ${guard.why ?? 'not asked for'}`;
  }
}

/** Estimate, band and bound over the looks. */
function Sequence({ newest, points, cluster }: { newest: GuardLook; points: SeriesPoint[]; cluster: number }) {
  const [ref, width] = useWidth();
  const first = points[0]?.at ?? 0;
  const last = points.at(-1)?.at ?? first;
  const air = Math.max(last - first, cluster) * 0.05;
  const range: Range = { from: first - air, to: last + air };
  const bound: SeriesPoint = { at: last, value: newest.bound, low: null, high: null, rows: 0, coverage: 1 };
  const scale = scaleY([...points, bound], range, HEIGHT);
  if (!scale) {
    return null;
  }
  const colour = newest.verdict === 'SHOWN' ? 'var(--fail)' : 'var(--link)';
  const y = yOf(newest.bound, scale, HEIGHT);
  const label = `${TITLES[newest.guard] ?? newest.guard}: ${points.length} ${points.length === 1 ? 'look' : 'looks'}, newest ${metric(
    newest.estimate,
  )} ${interval(newest.low, newest.high)}`;
  return (
    <div ref={ref}>
      <svg width={width} height={HEIGHT} role="img" aria-label={`${label.trim()} against a bound of ${metric(newest.bound)}`}>
        {scale.ticks.map((value) => (
          <line key={value} x1={0} x2={width} y1={yOf(value, scale, HEIGHT)} y2={yOf(value, scale, HEIGHT)} stroke="var(--line)" />
        ))}
        <path d={bandPath(points, range, width, scale, HEIGHT)} fill={colour} fillOpacity={0.16} />
        <path d={linePath(points, range, width, scale, HEIGHT)} fill="none" stroke={colour} strokeWidth={1.75} strokeLinejoin="round" />
        {points.map((one) => (
          <g key={one.at} stroke={colour}>
            <line
              x1={position(one.at, range, width)}
              x2={position(one.at, range, width)}
              y1={yOf(one.low ?? one.value ?? 0, scale, HEIGHT)}
              y2={yOf(one.high ?? one.value ?? 0, scale, HEIGHT)}
              strokeOpacity={0.5}
            />
            <circle cx={position(one.at, range, width)} cy={yOf(one.value ?? 0, scale, HEIGHT)} r={2.5} fill={colour} />
          </g>
        ))}
        <line x1={0} x2={width} y1={y} y2={y} stroke="var(--fail)" strokeDasharray="5 4" />
        {scale.ticks.map((value) => (
          <text
            key={value}
            x={4}
            y={Math.max(10, yOf(value, scale, HEIGHT) - 3)}
            fontSize={11}
            fill="var(--quiet)"
            paintOrder="stroke"
            stroke="var(--card)"
            strokeWidth={3}
          >
            {metric(value, 3)}
          </text>
        ))}
      </svg>
    </div>
  );
}
