import type { DecisionEvidence, RolloutNumbers } from '../../api/types';
import { Scroll } from '../../shared/bits';
import { exact, interval, metric, percent, signed } from '../../shared/format';
import { IntervalBar } from './VerdictTable';

/** The numbers that a rollout was judged from: score shift, harm, errors, day by day. */
export function RolloutNumbersView({ evidence }: { evidence: DecisionEvidence }) {
  const numbers = evidence.decision?.numbers;
  const days = evidence.evidence?.days ?? [];
  const fuse = evidence.evidence?.blownFuse;
  return (
    <div className="stack">
      {fuse ? (
        <div className="banner tone-fail" style={{ margin: 0 }}>
          <p>
            <strong>A fuse blew at the scorer:</strong> {fuse}
          </p>
        </div>
      ) : null}
      {numbers ? <Numbers numbers={numbers} /> : null}
      {days.length > 0 ? (
        <Scroll label="Days of the rollout">
          <table className="grid">
            <thead>
              <tr>
                <th>Day</th>
                <th className="num">Predictions</th>
                <th className="num">Outcomes known</th>
                <th className="num">Scored by both</th>
                <th className="num">Candidate’s calls</th>
                <th className="num">Errors</th>
                <th className="num">Fallbacks</th>
              </tr>
            </thead>
            <tbody>
              {days.map((day) => (
                <tr key={day.day}>
                  <td>{day.day}</td>
                  <td className="num">{exact(day.predictions)}</td>
                  <td className="num">{day.predictions > 0 ? percent(day.labels / day.predictions, 0) : '–'}</td>
                  <td className="num">{exact(day.comparison.rows)}</td>
                  <td className="num">{exact(day.calls)}</td>
                  <td className="num">{exact(day.errors)}</td>
                  <td className="num">{exact(day.fallbacks)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      ) : null}
    </div>
  );
}

function Numbers({ numbers }: { numbers: RolloutNumbers }) {
  const { shift, harm } = numbers;
  return (
    <dl className="pairs">
      <dt>Days closed, judged</dt>
      <dd>
        {numbers.closedDays}, {numbers.judgedDays}
      </dd>
      <dt>Rows scored by both</dt>
      <dd>
        {exact(numbers.rows)}, {exact(numbers.labelled)} with outcome
      </dd>
      <dt>Score shift (PSI)</dt>
      <dd>
        {shift ? (
          <>
            {metric(shift.psi)} against a tolerance of {metric(shift.tolerance)}; p of a shift at the tolerance {metric(shift.pTol, 2)}
            <div className="small quiet">
              {exact(Math.floor(shift.effectiveRows))} effective rows of {exact(shift.rows)}, design effect {metric(shift.deff, 2)},{' '}
              {shift.bins} bins
            </div>
            <IntervalBar
              estimate={shift.psi}
              low={null}
              high={null}
              threshold={shift.tolerance}
              tone={shift.psi > shift.tolerance ? 'fail' : 'pass'}
            />
          </>
        ) : (
          <span className="quiet">not enough data yet</span>
        )}
      </dd>
      <dt>Harm</dt>
      <dd>
        {harm ? (
          <>
            {signed(harm.estimate)} {interval(harm.low, harm.high)} in {harm.metric.replaceAll('_', ' ').toLowerCase()}, candidate minus
            champion; margin {metric(harm.margin)}
            <div className="small quiet">
              The bounds hold at every look of the whole rollout at once. {exact(Math.floor(harm.effectiveRows))} effective rows, design
              effect {metric(harm.deff, 2)}
            </div>
            <IntervalBar
              estimate={harm.estimate}
              low={harm.low}
              high={harm.high}
              threshold={harm.margin}
              tone={harm.low > harm.margin ? 'fail' : 'pass'}
            />
          </>
        ) : (
          <span className="quiet">no outcome of both known yet</span>
        )}
      </dd>
      <dt>Calls of the candidate</dt>
      <dd>
        {exact(numbers.calls)}, {exact(numbers.errors)} failed, {exact(numbers.fallbacks)} answered by the champion instead
      </dd>
    </dl>
  );
}
