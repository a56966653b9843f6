import { metric } from '../../shared/format';

const WIDTH = 380;
const HEIGHT = 140;
const LEFT = 52;
const BOTTOM = 20;

export interface CurvePoint {
  x: number;
  y: number;
}

/** A metric over the steps of a run. */
export function Curve({ name, points }: { name: string; points: CurvePoint[] }) {
  const known = points.filter((point) => Number.isFinite(point.y)).toSorted((a, b) => a.x - b.x);
  const first = known[0];
  const last = known.at(-1);
  if (!first || !last || known.length < 2) {
    return <p className="small quiet">One value only; there is no course to draw.</p>;
  }
  const low = Math.min(...known.map((point) => point.y));
  const high = Math.max(...known.map((point) => point.y));
  const x = (value: number) => LEFT + ((value - first.x) / (last.x - first.x || 1)) * (WIDTH - LEFT - 8);
  const y = (value: number) => HEIGHT - BOTTOM - ((value - low) / (high - low || 1)) * (HEIGHT - BOTTOM - 12);
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      style={{ maxWidth: '100%' }}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`${name}: ${known.length} steps, from ${metric(first.y)} to ${metric(last.y)}`}
    >
      {[low, high].map((value) => (
        <g key={value}>
          <line x1={LEFT} x2={WIDTH - 8} y1={y(value)} y2={y(value)} stroke="var(--line)" />
          <text x={LEFT - 6} y={y(value) + 4} textAnchor="end" fontSize={11} fill="var(--quiet)">
            {metric(value)}
          </text>
        </g>
      ))}
      <text x={LEFT} y={HEIGHT - 4} fontSize={11} fill="var(--quiet)">
        step {first.x}
      </text>
      <text x={WIDTH - 8} y={HEIGHT - 4} fontSize={11} textAnchor="end" fill="var(--quiet)">
        step {last.x}
      </text>
      <path
        d={known.map((point, at) => `${at === 0 ? 'M' : 'L'}${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join('')}
        fill="none"
        stroke="var(--series-1)"
        strokeWidth={1.75}
      />
    </svg>
  );
}
