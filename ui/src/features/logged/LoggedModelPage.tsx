import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import '../../app/runs.css';
import '../../app/run.css';
import '../../app/registry.css';
import { access } from '../../api/access';
import { type LoggedModel, type MetricPoint, told, tracking } from '../../api/mlflow';
import { Ago, Fact, HashText, Panel } from '../../shared/bits';
import { ABSENT, logged } from '../../shared/format';
import { Named } from '../../shared/Named';
import { Status } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { Tags } from '../../shared/Tags';
import { FileTree } from '../files/FileTree';
import { filePath } from '../files/source';
import { RunName } from '../registry/RegisteredModelPage';
import { modelFileAt, Signature } from '../registry/Signature';
import { serverAddress } from '../registry/snippets';
import { UseModel } from '../registry/UseModel';
import { isInternalTag, pairs } from '../runs/tracking';
import { metricName, statusOf } from './words';

const route = getRouteApi('/logged-models/$model');

/** A model as a run logged it: with its own files, params and metrics, registered or not. */
export function LoggedModelPage() {
  const { model: id } = route.useParams();
  const model = useQuery(tracking.loggedModel(id));
  useEffect(() => {
    document.title = `${model.data?.model.info.name ?? id} · Perennial`;
  }, [model.data, id]);
  return (
    <Asked query={model} what="This logged model is" rows={8}>
      {(found) =>
        found ? (
          <Shown key={id} model={found.model} />
        ) : (
          <Empty title="There is no such logged model">
            <p className="quiet">It was deleted with its run, or your rights do not reach it.</p>
            <p>
              <Link to="/experiments">Go to the experiments</Link>
            </p>
          </Empty>
        )
      }
    </Asked>
  );
}

function Shown({ model }: { model: LoggedModel }) {
  const { info } = model;
  const client = useQueryClient();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const source = { kind: 'model' as const, id: info.model_id };
  const address = `logged-models/${encodeURIComponent(info.model_id)}`;
  return (
    <>
      <Head model={model} />
      <Facts model={model} />
      <div className="registry-about">
        <Tags
          of={info.name}
          tags={Object.entries(pairs(info.tags)).filter(([key]) => !isInternalTag(key))}
          put={(key, value) => told(`${address}/tags`, { tags: [{ key, value }] }, 'PATCH')}
          remove={(key) => told(`${address}/tags/${encodeURIComponent(key)}`, undefined, 'DELETE')}
          changed={() => void client.invalidateQueries({ queryKey: ['registry', 'logged', info.model_id] })}
        />
      </div>
      <Use model={model} />
      <Panel title="Metrics and params">
        <Numbers model={model} />
      </Panel>
      <Panel title="Files">
        <FileTree
          source={source}
          chosen={search.path ? { source, path: search.path } : undefined}
          open={({ path }) => void navigate({ search: (old) => ({ ...old, path }), resetScroll: false })}
          none={<Empty title="This model has no file yet" />}
        />
      </Panel>
    </>
  );
}

function Head({ model: { info } }: { model: LoggedModel }) {
  const experiment = useQuery(tracking.experiment(info.experiment_id));
  const [word, label] = statusOf(info.status);
  return (
    <>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/runs" search={{ experiment: info.experiment_id }}>
          {experiment.data?.name ?? `Experiment ${info.experiment_id}`}
        </Link>
        {info.source_run_id ? (
          <>
            <span className="quiet"> / </span>
            <RunName id={info.source_run_id} />
          </>
        ) : null}
      </nav>
      <div className="page-head">
        <div className="titles">
          <div className="row">
            <h1 className="long-name">{info.name}</h1>
            <span className="tag">logged model</span>
            <Status word={word} label={label} chip />
          </div>
          <p className="small quiet">
            <HashText hash={info.model_id} most={34} />
          </p>
        </div>
      </div>
    </>
  );
}

function Facts({ model: { info } }: { model: LoggedModel }) {
  const registrations = info.registrations ?? [];
  return (
    <dl className="facts">
      <Fact name="Logged">{info.creation_timestamp_ms ? <Ago at={Number(info.creation_timestamp_ms)} /> : ABSENT}</Fact>
      <Fact name="Made by">{info.source_run_id ? <RunName id={info.source_run_id} /> : ABSENT}</Fact>
      <Fact name="Kind">{info.model_type || ABSENT}</Fact>
      <Fact name="Registered as">
        {registrations.length === 0 ? <span className="quiet">not registered</span> : null}
        {registrations.map((one) => (
          <div key={`${one.name} ${one.version}`}>
            <Link to="/registry/$name/$version" params={{ name: one.name, version: String(one.version) }}>
              {one.name} version {one.version}
            </Link>
          </div>
        ))}
      </Fact>
    </dl>
  );
}

function Use({ model: { info } }: { model: LoggedModel }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: me } = useQuery(access.me());
  const path = filePath({ kind: 'model', id: info.model_id }, 'MLmodel');
  const file = useQuery(modelFileAt(path));
  return (
    <div className="panel-grid">
      <Panel title="Signature">
        <Asked query={file} what="Reading the model's files is" rows={3}>
          {(read) => (read ? <Signature file={read} /> : <p className="panel-body quiet">This model has no MLmodel file.</p>)}
        </Asked>
      </Panel>
      <Panel title="Use this model">
        <div className="panel-body">
          <UseModel
            use={{
              server: serverAddress(),
              uri: `models:/${info.model_id}`,
              about: `api/2.0/mlflow/logged-models/${info.model_id}`,
              file: path,
              auth: me?.authenticated ?? false,
              inputs: file.data?.inputs ?? [],
              endpoint: undefined,
            }}
            chosen={search.use ?? 'python'}
            choose={(use) => void navigate({ search: (old) => ({ ...old, use }), replace: true, resetScroll: false })}
          />
        </div>
      </Panel>
    </div>
  );
}

function Numbers({ model: { data } }: { model: LoggedModel }) {
  const metrics = (data?.metrics ?? []).map((one): [string, MetricPoint] => [metricName(one), one]);
  return (
    <div className="panel-body two-columns">
      <Named
        title="Metrics"
        entries={metrics}
        none="No metric names this model."
        cell={({ value }) => <span title={String(value)}>{logged(Number(value), 6)}</span>}
      />
      <Named
        title="Params"
        entries={(data?.params ?? []).map((one): [string, string] => [one.key, one.value])}
        none="No param was logged."
        cell={(value) => <span className="mono wrap-anywhere">{value}</span>}
      />
    </div>
  );
}
