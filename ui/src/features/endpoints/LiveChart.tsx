import { useWidth } from '../../shared/useWidth';
import { niceTop, path } from './liveLayout';

export interface LiveLine {
  name: string;
  colour: string;
  dash?: boolean;
  /** One value for each moment; undefined where nothing is known. */
  values: (number | undefined)[];
}

interface Props {
  title: string;
  unit: string;
  /** Times of the values, rising. */
  at: number[];
  lines: LiveLine[];
  /** The width of the chart in time, up to the newest. */
  millis: number;
  text: (value: number | undefined) => string;
}

const HEIGHT = 96;

/** The last minutes of a few measures, the newest at the right. */
export function LiveChart({ title, unit, at, lines, millis, text }: Props) {
  const [ref, width] = useWidth();
  const now = at.at(-1) ?? 0;
  const top = niceTop(lines.flatMap((line) => line.values));
  const told = lines.map((line) => `${line.name} ${text(line.values.at(-1))}`).join(', ');
  return (
    <figure className="live-chart">
      <figcaption className="spread small">
        <span className="strong">
          {title} <span className="quiet regular">{unit}</span>
        </span>
        <span className="row">
          {lines.map((line) => (
            <span key={line.name} className="row-tight">
              <svg width={14} height={4} aria-hidden="true">
                <line x1={0} x2={14} y1={2} y2={2} stroke={line.colour} strokeWidth={3} strokeDasharray={line.dash ? '4 3' : undefined} />
              </svg>
              {line.name} <b>{text(line.values.at(-1))}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={ref}>
        <svg width={width} height={HEIGHT} role="img" aria-label={`${title} ${unit}: ${told === '' ? 'nothing yet' : told}`}>
          <line x1={0} x2={width} y1={HEIGHT - 1} y2={HEIGHT - 1} stroke="var(--line-strong)" />
          <line x1={0} x2={width} y1={HEIGHT / 2} y2={HEIGHT / 2} stroke="var(--line)" />
          <line x1={0} x2={width} y1={1} y2={1} stroke="var(--line)" />
          {lines.map((line) => (
            <path
              key={line.name}
              d={path(at, line.values, { from: now - millis, to: now }, top, width, HEIGHT)}
              fill="none"
              stroke={line.colour}
              strokeWidth={1.75}
              strokeLinejoin="round"
              strokeLinecap="round"
              strokeDasharray={line.dash ? '4 3' : undefined}
            />
          ))}
          <text x={4} y={12} paintOrder="stroke" stroke="var(--card)" strokeWidth={3}>
            {text(top)}
          </text>
        </svg>
      </div>
    </figure>
  );
}
