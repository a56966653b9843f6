import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../../api/queries';
import type { ModelSummary } from '../../api/types';
import { EstimateText, EventTime, ReplayTag, Scroll } from '../../shared/bits';
import { ABSENT, count, exact, percent } from '../../shared/format';
import { Spark } from '../../shared/Spark';
import { Status } from '../../shared/Status';
import { openAlerts, worstFirst } from './order';

const SPARKS_MAX = 20;

export function Models({ models }: { models: ModelSummary[] }) {
  const alerts = useQuery(queries.alerts());
  const open = alerts.data;
  return (
    <Scroll label="Models">
      <table className="grid">
        <thead>
          <tr>
            <th>Model</th>
            <th>State</th>
            <th>Alerts</th>
            <th>Champion</th>
            <th>Log loss, last window</th>
            <th>Course</th>
            <th>Last decision</th>
            <th>Clock</th>
          </tr>
        </thead>
        <tbody>
          {worstFirst(models, open).map((model, row) => (
            <tr key={model.model}>
              <td className="title">
                <div className="stack-tight">
                  <span className="row">
                    <Link to="/models/$model" params={{ model: model.model }} className="strong">
                      {model.name}
                    </Link>
                    <ReplayTag scope={model.scope} />
                  </span>
                  <span className="quiet small">
                    {model.title} Owner: {model.owner}.
                  </span>
                </div>
              </td>
              <td>
                <Status word={model.state} />
                {model.candidate === null ? null : <div className="small quiet">candidate v{model.candidate}</div>}
              </td>
              <td>
                <OpenAlerts model={model} open={openAlerts(model, open)} />
              </td>
              <td>{model.champion === null ? ABSENT : <span className="mono">v{model.champion}</span>}</td>
              <td>
                {model.performance ? (
                  <>
                    <EstimateText {...model.performance.logLoss} />
                    <div className="small quiet" title={`${exact(model.performance.labelled)} outcomes known`}>
                      {count(model.performance.labelled)} rows, {percent(model.performance.coverage, 0)} known
                    </div>
                  </>
                ) : (
                  <span className="quiet">no outcome yet</span>
                )}
              </td>
              <td>{row < SPARKS_MAX && model.performance ? <Course model={model.model} /> : ABSENT}</td>
              <td className="title">
                {model.lastDecision ? (
                  <div className="stack-tight">
                    <span>{model.lastDecision}</span>
                    {model.lastDecisionAt === undefined ? null : (
                      <span className="quiet small">
                        <EventTime at={model.lastDecisionAt} day />
                      </span>
                    )}
                  </div>
                ) : (
                  ABSENT
                )}
              </td>
              <td>
                <EventTime at={model.clock} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function OpenAlerts({ model, open }: { model: ModelSummary; open: number | undefined }) {
  if (open === undefined) {
    return <span className="quiet">{ABSENT}</span>;
  }
  if (open === 0) {
    return <span className="quiet">none</span>;
  }
  return (
    <Link to="/alerts" search={{ model: model.model }} className="status tone-fail">
      <Status word="OPEN" label={`${open} open`} />
    </Link>
  );
}

function Course({ model }: { model: string }) {
  const performance = useQuery(queries.performance(model, 14));
  const values = performance.data?.points.map((point) => point.logLoss.value) ?? [];
  return <Spark values={values} label={`Log loss of ${model} over ${values.length} days`} />;
}
