import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries';
import type { DriftColumn, ModelDetail } from '../../api/types';
import { Scroll } from '../../shared/bits';
import { ABSENT, count, exact, metric } from '../../shared/format';
import { Status, tell } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { IntervalBar } from './VerdictTable';

/** Did the world change: every feature against the tolerance, largest effect first. */
export function DriftTab({ model }: { model: ModelDetail }) {
  const drift = useQuery(queries.drift(model.model));
  return (
    <Asked query={drift} what="Drift is" rows={8}>
      {(found) =>
        found.columns.length === 0 ? (
          <Empty title="Not enough data">
            <p className="quiet">{found.verdict || 'No window of serving data has closed yet; the first verdict comes when it has.'}</p>
          </Empty>
        ) : (
          <>
            <p className="panel-body" style={{ paddingBottom: 0 }}>
              <strong>{found.verdict}</strong>
            </p>
            <Scroll label="Drift by column">
              <table className="grid">
                <thead>
                  <tr>
                    <th>Column</th>
                    <th>Status</th>
                    <th>Score against tolerance</th>
                    <th className="num" title="How likely a change at the tolerance looks at least like this">
                      p at tolerance
                    </th>
                    <th className="num">Rows now</th>
                    <th className="num">Rows reference</th>
                    <th className="num">Effective rows</th>
                    <th className="num">Design effect</th>
                    <th>Why</th>
                  </tr>
                </thead>
                <tbody>
                  {found.columns.toSorted(byEffect).map((column) => (
                    <Column key={column.column} column={column} />
                  ))}
                </tbody>
              </table>
            </Scroll>
          </>
        )
      }
    </Asked>
  );
}

export function byEffect(a: DriftColumn, b: DriftColumn): number {
  return (b.score ?? -1) - (a.score ?? -1);
}

function Column({ column }: { column: DriftColumn }) {
  return (
    <tr>
      <td className="mono">{column.column}</td>
      <td>
        <Status word={column.status} />
      </td>
      <td>
        {column.score === null ? (
          ABSENT
        ) : (
          <>
            {metric(column.score)} <span className="quiet">of {metric(column.tolerance)}</span>
            <IntervalBar estimate={column.score} low={null} high={null} threshold={column.tolerance} tone={tell(column.status)[0]} />
          </>
        )}
      </td>
      <td className="num">{metric(column.pTol, 2)}</td>
      <td className="num" title={exact(column.n)}>
        {count(column.n)}
      </td>
      <td className="num" title={exact(column.m)}>
        {count(column.m)}
      </td>
      <td className="num">{column.ne === null ? ABSENT : count(Math.floor(column.ne))}</td>
      <td className="num">{metric(column.deff, 2)}</td>
      <td className="wrap">{column.reason ?? ABSENT}</td>
    </tr>
  );
}
