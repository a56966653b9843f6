import { Link } from '@tanstack/react-router';
import type { EndpointDetail } from '../../api/endpoints';
import { Ago, Panel, Scroll } from '../../shared/bits';
import { percent } from '../../shared/format';
import { Status } from '../../shared/Status';
import { VersionLink } from './Variants';
import { lifeOf } from './words';

/** Who deployed what, and what became of it. */
export function Deployments({ endpoint }: { endpoint: EndpointDetail }) {
  return endpoint.deployments.length === 0 ? null : (
    <Panel title="Deployments">
      <Scroll label="Deployments">
        <table className="grid">
          <thead>
            <tr>
              <th>Version</th>
              <th>State</th>
              <th>Became</th>
              <th>When</th>
              <th>By</th>
              <th>Reason</th>
              <th>Run</th>
            </tr>
          </thead>
          <tbody>
            {endpoint.deployments.map((one) => (
              <tr key={one.id}>
                <td className="title">{one.version === '' ? one.source : <VersionLink endpoint={endpoint} version={one.version} />}</td>
                <td>
                  <Status word={one.state} />
                  {one.message ? <div className="small quiet wrap-anywhere deploy-text">{one.message}</div> : null}
                </td>
                <td>{one.role ?? <span className="quiet">–</span>}</td>
                <td>
                  <Ago at={one.startedAt} />
                </td>
                <td>{one.by}</td>
                <td className="wrap-anywhere deploy-text">{one.reason}</td>
                <td>
                  {one.run ? (
                    <Link to="/runs" search={{ tab: 'pipelines', pipeline: one.run }}>
                      steps
                    </Link>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}

/** Scorers that do not serve a version yet, since its environment is not on their machine; why, where it cannot be made. */
export function MissingEnvironments({ endpoint }: { endpoint: EndpointDetail }) {
  const missing = endpoint.scorers
    .filter((scorer) => scorer.alive)
    .flatMap((scorer) => (scorer.environments ?? []).map((one) => ({ ...one, scorer: scorer.id })));
  return missing.length === 0 ? null : (
    <Panel title="Environments that scorers lack">
      <Scroll label="Environments that scorers lack">
        <table className="grid">
          <thead>
            <tr>
              <th>Scorer</th>
              <th>Version</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            {missing.map((one) => (
              <tr key={`${one.scorer} ${one.version}`}>
                <td className="title mono">{one.scorer}</td>
                <td>
                  <VersionLink endpoint={endpoint} version={one.version} />
                </td>
                <td>
                  {one.state === 'BUILDING' ? (
                    <>
                      <Status word="RUNNING" label="Being built" /> <span className="quiet">it is served there when it is done</span>
                    </>
                  ) : (
                    <>
                      <Status word="FAILED" label="Cannot be built" />{' '}
                      <span className="quiet">tried again after a pause, and when the endpoint changes</span>
                      <pre className="code-block">{one.message}</pre>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}

const LIMITS: Record<string, string> = {
  concurrency: 'Requests at once',
  queueRows: 'Rows that wait',
  queueBytes: 'Bytes that wait',
  deadlineMillis: 'Deadline, ms',
};

const ofTensors = ({ inputs, tensors }: EndpointDetail) => inputs.length === 0 && tensors.length > 0;

function loggedWords(endpoint: EndpointDetail): string {
  const { log } = endpoint.settings;
  if (ofTensors(endpoint)) {
    return 'none: tensors are in no prediction log';
  }
  if (log.inputs === 'none') {
    return 'nothing is kept';
  }
  const what = log.inputs === 'outputs' ? 'scores without inputs' : 'inputs and scores';
  const share = log.share < 1 ? `, ${percent(log.share)} of the calls` : '';
  return `${what}${share}${log.redact.length > 0 ? `, without ${log.redact.join(', ')}` : ''}`;
}

/** How calls are taken and what is kept of them. */
export function Settings({ endpoint }: { endpoint: EndpointDetail }) {
  const { limits, fallback, mode } = endpoint.settings;
  const named = Object.entries(limits).filter(([, value]) => value !== null);
  return (
    <Panel title="Settings">
      <div className="panel-body">
        <dl className="pairs">
          <dt>Made by</dt>
          <dd>
            {lifeOf(endpoint) === undefined
              ? `${endpoint.createdBy ?? 'somebody'}, over the API`
              : 'its lifecycle file, which alone changes it'}
          </dd>
          <dt>Mode</dt>
          <dd>{mode === 'mlflow' ? 'as MLflow serves, its losses included' : 'strict: what would be damaged silently is refused'}</dd>
          <dt>Prediction id</dt>
          <dd className="mono">{endpoint.key.length === 0 ? 'given by the scorer' : endpoint.key.join(', ')}</dd>
          <dt>Prediction log</dt>
          <dd>{loggedWords(endpoint)}</dd>
          <dt>Fallback</dt>
          <dd>
            {fallback?.version
              ? `version ${fallback.version}`
              : fallback?.constant
                ? `the constant ${fallback.constant.join(', ')}`
                : fallback?.outputs
                  ? `constants of ${Object.keys(fallback.outputs).join(', ')}`
                  : 'the champion, for a candidate that fails'}
          </dd>
          <dt>Limits</dt>
          <dd>{named.length === 0 ? "the scorer's own" : named.map(([key, value]) => `${LIMITS[key] ?? key} ${value}`).join(' · ')}</dd>
        </dl>
      </div>
    </Panel>
  );
}
