import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Run, told, tracking } from '../../api/mlflow';
import { Ago, HashText, Scroll } from '../../shared/bits';
import { logged } from '../../shared/format';
import { Named } from '../../shared/Named';
import { Status } from '../../shared/Status';
import { Tags } from '../../shared/Tags';
import { Importance } from '../model/Importance';
import { importanceOf, isImportance, isInternalTag, type RunRow, toRow } from '../runs/tracking';
import { DataInputs, Outputs } from './Lineage';

const NOTE = 'mlflow.note.content';

/** Tags that say where a run comes from, in words. */
const ENVIRONMENT: Record<string, string> = {
  'mlflow.source.name': 'Program',
  'mlflow.source.type': 'Kind of source',
  'mlflow.source.git.commit': 'Git commit',
  'mlflow.source.git.branch': 'Git branch',
  'mlflow.source.git.repoURL': 'Git repository',
  'mlflow.project.entryPoint': 'Entry point',
  'mlflow.project.env': 'Project environment',
  'mlflow.docker.image.uri': 'Image',
  'mlflow.user': 'User',
  'mlflow.host': 'Host',
  'mlflow.autologging': 'Autologging',
};
/** Tags that are shown elsewhere on the page, or that hold what only programs read. */
const ELSEWHERE = new Set(['mlflow.runName', NOTE, 'mlflow.parentRunId', 'mlflow.log-model.history', 'mlflow.loggedArtifacts']);

export function RunOverview({ run, row }: { run: Run; row: RunRow }) {
  const client = useQueryClient();
  const changed = () => void client.invalidateQueries({ queryKey: ['runs', 'run', row.id] });
  const tags = Object.entries(row.tags);
  const importance = importanceOf(row.metrics);
  const steps = new Map((run.data?.metrics ?? []).map((one) => [one.key, Number(one.step ?? 0)]));
  return (
    <div className="panel-body stack-wide">
      {row.tags[NOTE] ? <p className="quote">{row.tags[NOTE]}</p> : null}
      <Tags
        of={row.name}
        tags={tags.filter(([key]) => !isInternalTag(key))}
        put={(key, value) => told('runs/set-tag', { run_id: row.id, key, value })}
        remove={(key) => told('runs/delete-tag', { run_id: row.id, key })}
        changed={changed}
      />
      <div className="two-columns">
        <Named
          title="Metrics"
          entries={Object.entries(row.metrics).filter(([key]) => !isImportance(key))}
          none="No metric was logged yet."
          cell={(value, key) => (
            <>
              <span title={String(value)}>{logged(value, 6)}</span>
              {(steps.get(key) ?? 0) > 0 ? <span className="quiet small"> at step {steps.get(key)?.toLocaleString('en-US')}</span> : null}
            </>
          )}
          label={(key) => (
            <Link to="/runs/$run" params={{ run: row.id }} search={{ view: 'charts', metrics: key }}>
              {key}
            </Link>
          )}
        />
        <Named
          title="Params"
          entries={Object.entries(row.params)}
          none="No param was logged."
          cell={(value) => <span className="mono wrap-anywhere">{value === '' ? <span className="quiet">empty</span> : value}</span>}
        />
      </div>
      {Object.keys(importance).length > 0 ? (
        <section>
          <h2>Feature importance</h2>
          <Importance importance={importance} />
        </section>
      ) : null}
      <DataInputs run={run} />
      <Outputs run={run} row={row} />
      <Children row={row} />
      <section>
        <h2>Code and environment</h2>
        <Facts entries={tags.filter(([key]) => key in ENVIRONMENT).map(([key, value]) => [ENVIRONMENT[key] ?? key, value])} />
        <details className="more">
          <summary>Everything that the client and the loop noted</summary>
          <Facts entries={tags.filter(([key]) => isInternalTag(key) && !(key in ENVIRONMENT) && !ELSEWHERE.has(key))} />
        </details>
      </section>
    </div>
  );
}

function Facts({ entries }: { entries: [string, string][] }) {
  return entries.length === 0 ? (
    <p className="quiet">Nothing was noted.</p>
  ) : (
    <dl className="pairs">
      {entries.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Runs that were started within this one. */
function Children({ row }: { row: RunRow }) {
  const children = useQuery(tracking.children(row.id, row.experiment));
  const rows = (children.data?.runs ?? []).map(toRow);
  if (rows.length === 0) {
    return null;
  }
  return (
    <section>
      <div className="spread section-head">
        <h2>
          Runs within this one <span className="quiet regular">{children.data?.next ? `${rows.length} and more` : rows.length}</span>
        </h2>
        {rows.length > 1 ? (
          <Link
            to="/compare"
            search={{
              runs: rows
                .slice(0, 100)
                .map((child) => child.id)
                .join(','),
            }}
          >
            Compare them
          </Link>
        ) : null}
      </div>
      <div className="named-box">
        <Scroll label="Runs within this one">
          <table className="grid">
            <tbody>
              {rows.map((child) => (
                <tr key={child.id}>
                  <td>
                    <Link to="/runs/$run" params={{ run: child.id }} className="strong">
                      {child.name}
                    </Link>
                  </td>
                  <td>
                    <Status word={child.status} />
                  </td>
                  <td>{child.start > 0 ? <Ago at={child.start} /> : null}</td>
                  <td className="mono small quiet">
                    <HashText hash={child.id} most={12} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </div>
    </section>
  );
}
