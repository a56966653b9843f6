import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries';
import type { Drift, DriftColumn, ModelDetail } from '../../api/types';
import { Scroll } from '../../shared/bits';
import { ABSENT, count, exact, metric, percent } from '../../shared/format';
import { Status, tell } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';

/** Did the world change: every feature against the tolerance, largest effect first. */
export default function DriftTab({ model }: { model: ModelDetail }) {
  const drift = useQuery(queries.drift(model.model));
  return (
    <Asked query={drift} what="Drift is" rows={8}>
      {(found) => (
        <>
          <Verdicts found={found} />
          {found.drift && found.drift.columns.length > 0 ? <Columns columns={found.drift.columns} /> : null}
          {found.findings.length > 0 ? <Findings found={found} /> : null}
        </>
      )}
    </Asked>
  );
}

function Verdicts({ found }: { found: Drift }) {
  if (!found.drift && !found.harm) {
    return (
      <Empty title="Not enough data">
        <p className="quiet">No window of what was served has closed yet; the first verdict comes when it has.</p>
      </Empty>
    );
  }
  return (
    <div className="panel-body stack">
      {found.verdict ? (
        <p>
          <Status word={found.verdict.kind} chip /> {found.verdict.text}
        </p>
      ) : null}
      <p className="small quiet">
        {found.drift
          ? `Served values of ${found.drift.from} to ${found.drift.to} against the training snapshot`
          : 'Drift is not judged yet'}
        {found.drift?.seasonUncovered ? '; the reference covers less than a season, so drift may be the season alone' : ''}. Drift is a
        question, harm is an answer: nothing retrains because of drift.
      </p>
    </div>
  );
}

function Findings({ found }: { found: Drift }) {
  return (
    <div className="panel-body stack-tight">
      <h3>Findings of {found.day}</h3>
      <ul className="list">
        {found.findings.map((finding) => (
          <li key={`${finding.kind} ${finding.column}`} style={{ padding: '6px 0' }}>
            <Status word={finding.severity} /> {finding.text} <span className="quiet small">from {finding.source}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Columns({ columns }: { columns: DriftColumn[] }) {
  return (
    <Scroll label="Drift by column">
      <table className="grid">
        <thead>
          <tr>
            <th>Column</th>
            <th>Status</th>
            <th>PSI against tolerance</th>
            <th className="num" title="How likely a change at the tolerance looks at least like this">
              p at tolerance
            </th>
            <th className="num">Rows, reference</th>
            <th className="num">Effective</th>
            <th className="num">Design effect</th>
            <th className="num">Missing</th>
          </tr>
        </thead>
        <tbody>
          {columns.toSorted(byEffect).map((column) => (
            <Column key={column.column} column={column} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

export function byEffect(a: DriftColumn, b: DriftColumn): number {
  return (b.score ?? -1) - (a.score ?? -1);
}

function Column({ column }: { column: DriftColumn }) {
  return (
    <tr>
      <td className="wrap">
        <span className="mono">{column.column}</span>
        {column.reason ? <div className="small quiet">{column.reason}</div> : null}
      </td>
      <td>
        <Status word={column.status} />
      </td>
      <td>
        {column.score === null ? (
          ABSENT
        ) : (
          <>
            {metric(column.score)} <span className="quiet">of {metric(column.tolerance)}</span>
            <DriftBar score={column.score} tolerance={column.tolerance} tone={tell(column.status)[0]} />
          </>
        )}
      </td>
      <td className="num">{metric(column.pTol, 2)}</td>
      <td className="num" title={`${exact(column.m)} served, ${exact(column.n)} in the reference`}>
        {count(column.m)} <span className="quiet">of {count(column.n)}</span>
      </td>
      <td className="num">{column.ne === null ? ABSENT : count(Math.floor(column.ne))}</td>
      <td className="num">{metric(column.deff, 2)}</td>
      <td className="num" title={`${percent(column.referenceMissingShare, 2)} in the reference`}>
        {percent(column.missingShare)}
      </td>
    </tr>
  );
}

const TOLERANCES_SHOWN = 4;

/** The score from 0 to four tolerances; the tolerance is dashed, and what is larger runs to the end. */
function DriftBar({ score, tolerance, tone }: { score: number; tolerance: number | null; tone: string }) {
  if (!tolerance) {
    return null;
  }
  const width = 180;
  const x = (value: number) => Math.min(1, value / (TOLERANCES_SHOWN * tolerance)) * width;
  return (
    <svg className={`gate-interval tone-${tone}`} width={width} height={14} aria-hidden="true">
      <rect x={0} y={4} width={width} height={6} rx={3} fill="var(--line)" />
      <rect x={0} y={4} width={Math.max(2, x(score))} height={6} rx={3} fill="var(--tone)" />
      <line x1={x(tolerance)} x2={x(tolerance)} y1={0} y2={14} stroke="var(--text)" strokeDasharray="3 2" strokeWidth={1.5} />
    </svg>
  );
}
