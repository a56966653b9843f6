import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../../api/queries';
import type { MlflowRun } from '../../api/types';
import { Ago, EventTime, HashText, Scroll } from '../../shared/bits';
import { duration, metric } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked } from '../../shared/states';
import { Importance } from '../model/Importance';
import { Curve } from './Curve';
import { importanceOf, metricsOf, nameOf, paramsOf, statusWord, tagsOf } from './tracking';

export function TrackingRunDrawer({ id, close }: { id: string | undefined; close: () => void }) {
  const run = useQuery({ ...queries.trackingRun(id ?? ''), enabled: id !== undefined });
  return (
    <Drawer opened={id !== undefined} onClose={close} title={run.data ? nameOf(run.data) : 'Run'}>
      {id === undefined ? null : (
        <Asked query={run} what="Runs are">
          {(found) => <RunView run={found} />}
        </Asked>
      )}
    </Drawer>
  );
}

/** What a run did: metrics with their course, parameters, importance, tags. */
function RunView({ run }: { run: MlflowRun }) {
  const start = Number(run.info.start_time ?? 0);
  const end = Number(run.info.end_time ?? 0);
  const importance = importanceOf(run);
  const metrics = Object.entries(metricsOf(run)).filter(([key]) => !/^importance[./]/.test(key));
  return (
    <div className="stack">
      <dl className="pairs">
        <dt>Status</dt>
        <dd>
          <Status word={statusWord(run)} />
        </dd>
        <dt>Run id</dt>
        <dd>
          <HashText hash={run.info.run_id} most={36} />
        </dd>
        {start > 0 ? (
          <>
            <dt>Started</dt>
            <dd>
              <EventTime at={start} /> (<Ago at={start} />){end > start ? `, took ${duration(end - start)}` : ''}
            </dd>
          </>
        ) : null}
      </dl>
      <h3>Metrics</h3>
      {metrics.length === 0 ? <p className="quiet">None was logged.</p> : <Metrics id={run.info.run_id} metrics={metrics} />}
      {Object.keys(importance).length > 0 ? (
        <>
          <h3>Feature importance</h3>
          <Importance importance={importance} />
        </>
      ) : null}
      <h3>Parameters</h3>
      <Named entries={Object.entries(paramsOf(run))} />
      <h3>Tags</h3>
      <Named entries={Object.entries(tagsOf(run))} />
    </div>
  );
}

function Named({ entries }: { entries: [string, string][] }) {
  if (entries.length === 0) {
    return <p className="quiet">None was logged.</p>;
  }
  return (
    <dl className="pairs">
      {entries.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt className="mono">{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Metrics({ id, metrics }: { id: string; metrics: [string, number][] }) {
  const [shown, setShown] = useState<string>();
  return (
    <Scroll label="Metrics">
      <table className="grid">
        <tbody>
          {metrics.map(([key, value]) => (
            <tr key={key}>
              <td className="mono">{key}</td>
              <td className="num" title={String(value)}>
                {metric(value, 5)}
              </td>
              <td>
                <button
                  type="button"
                  className="cell-link small"
                  aria-expanded={shown === key}
                  onClick={() => setShown(shown === key ? undefined : key)}
                >
                  {shown === key ? 'Hide the course' : 'Show the course'}
                </button>
                {shown === key ? <History id={id} name={key} /> : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function History({ id, name }: { id: string; name: string }) {
  const history = useQuery(queries.metricHistory(id, name));
  return (
    <Asked query={history} what="The history of metrics is" rows={1}>
      {(values) => <Curve name={name} points={values.map((one, at) => ({ x: Number(one.step ?? at), y: Number(one.value) }))} />}
    </Asked>
  );
}
