import { useQuery } from '@tanstack/react-query';
import { modelPath, queries } from '../../api/queries';
import type { RolloutDay } from '../../api/types';
import { Panel } from '../../shared/bits';
import { exact } from '../../shared/format';
import { PlacesTable } from '../model/RolloutPanel';
import { apart, bars } from './scores';

/** The scores of candidate and champion on the same rows, from the newest judged days of a lifecycle's rollout. */
export default function ScoreDifferences({ model }: { model: string }) {
  const rollouts = useQuery(queries.rollouts(modelPath(model)));
  const newest = rollouts.data?.items[0];
  const rollout = useQuery({ ...queries.rollout(modelPath(model), newest?.id ?? ''), enabled: newest !== undefined });
  const judged = rollout.data?.decisions.at(-1);
  const decision = useQuery({ ...queries.decision(model, judged?.id ?? ''), enabled: judged !== undefined });
  const days = (decision.data?.evidence.evidence?.days ?? []).filter((day) => day.comparison.candidateBins && day.comparison.championBins);
  if (!newest || !rollout.data || (judged && !decision.data)) {
    return null;
  }
  const title = `Scores of v${newest.version} beside v${newest.champion}`;
  return (
    <Panel title={title}>
      {days.length === 0 ? (
        <p className="panel-body quiet">The first decision of the rollout brings the rows that both scored; none is there yet.</p>
      ) : (
        <Both days={days} names={[`v${newest.champion}`, `v${newest.version}`]} />
      )}
    </Panel>
  );
}

function Both({ days, names }: { days: RolloutDay[]; names: [string, string] }) {
  const champion = days.map((day) => day.comparison.championBins ?? []);
  const candidate = days.map((day) => day.comparison.candidateBins ?? []);
  const rows = days.reduce((sum, day) => sum + day.comparison.rows, 0);
  const places = apart(champion, candidate);
  return (
    <div className="panel-body score-grid">
      <div className="stack-tight">
        <Histogram champion={bars(champion)} candidate={bars(candidate)} names={names} />
        <p className="small quiet">
          {exact(rows)} rows that both scored, {days.length} {days.length === 1 ? 'day' : 'days'}; the outline is {names[0]}, the fill{' '}
          {names[1]}.
        </p>
      </div>
      <PlacesTable places={places} names={names} />
    </div>
  );
}

const WIDTH = 480;
const HEIGHT = 120;

/** Reference as an outline, current as a fill. */
function Histogram({ champion, candidate, names }: { champion: number[]; candidate: number[]; names: [string, string] }) {
  const top = Math.max(...champion, ...candidate, Number.MIN_VALUE);
  const step = WIDTH / Math.max(1, candidate.length);
  const y = (value: number) => HEIGHT - 1 - (value / top) * (HEIGHT - 4);
  const outline = champion.map((value, at) => `${at === 0 ? 'M' : 'L'}${at * step},${y(value)}H${(at + 1) * step}`).join('');
  return (
    <svg
      className="score-bars"
      viewBox={`0 0 ${WIDTH} ${HEIGHT + 14}`}
      role="img"
      aria-label={`Distributions of the scores of ${names[0]} and ${names[1]} on the same rows`}
    >
      {candidate.map((value, at) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: bars stand at fixed places
          key={at}
          x={at * step}
          width={Math.max(1, step - 1)}
          y={y(value)}
          height={HEIGHT - 1 - y(value)}
          fill="var(--series-1)"
          fillOpacity={0.45}
        />
      ))}
      <path d={outline} fill="none" stroke="var(--text)" strokeWidth={1.25} />
      <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} stroke="var(--line-strong)" />
      {[0, 0.5, 1].map((value) => (
        <text key={value} x={value * WIDTH} y={HEIGHT + 12} textAnchor={value === 0 ? 'start' : value === 1 ? 'end' : 'middle'}>
          {value}
        </text>
      ))}
    </svg>
  );
}
