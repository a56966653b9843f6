import { Button } from '@mantine/core';
import { IconRocket, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import '../../app/runs.css';
import '../../app/run.css';
import '../../app/registry.css';
import { access } from '../../api/access';
import { type ModelVersion, told, tracking } from '../../api/mlflow';
import { queries } from '../../api/queries';
import { Ago, Fact, HashText, Panel } from '../../shared/bits';
import { Confirm } from '../../shared/Confirm';
import { ABSENT } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked } from '../../shared/states';
import { Tags } from '../../shared/Tags';
import { DataInputs } from '../run/Lineage';
import { isInternalTag, pairs } from '../runs/tracking';
import { Aliases } from './Aliases';
import { Description } from './Description';
import { LifeLink, useLife } from './LifeLink';
import { RunOf } from './RegisteredModelPage';
import { modelFileAt, Signature } from './Signature';
import { serverAddress } from './snippets';
import { UseModel } from './UseModel';
import { STAGES, statusWord } from './versions';

const DeployDialog = lazy(() => import('../endpoints/DeployDialog'));
const route = getRouteApi('/registry/$name/$version');

/** The address of a file of a version, below the base. */
const fileOf = ({ name, version }: ModelVersion, path: string) =>
  `model-versions/get-artifact?name=${encodeURIComponent(name)}&version=${encodeURIComponent(version)}&path=${encodeURIComponent(path)}`;

/** One version: where it comes from, what it takes, how to use it. */
export function VersionPage() {
  const { name, version } = route.useParams();
  const found = useQuery(tracking.modelVersion(name, version));
  useEffect(() => {
    document.title = `${name} version ${version} · Perennial`;
  }, [name, version]);
  return (
    <Asked
      query={found}
      what="The registry is"
      rows={6}
      back={
        <Link to="/registry/$name" params={{ name }}>
          Go to the versions of {name}
        </Link>
      }
    >
      {(one) => <Shown version={one} />}
    </Asked>
  );
}

function Shown({ version }: { version: ModelVersion }) {
  const { name } = version;
  const client = useQueryClient();
  const changed = () => client.invalidateQueries({ queryKey: ['registry'] });
  const at = { name, version: version.version };
  return (
    <>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/registry">Registry</Link>
        <span className="quiet"> / </span>
        <Link to="/registry/$name" params={{ name }}>
          {name}
        </Link>
      </nav>
      <Head version={version} changed={changed} />
      <Facts version={version} changed={changed} />
      <div className="stack registry-about">
        <Description
          of={`version ${version.version}`}
          text={version.description ?? ''}
          save={async (description) => {
            await told('model-versions/update', { ...at, description }, 'PATCH');
            await changed();
          }}
        />
        <Tags
          of={`version ${version.version}`}
          tags={Object.entries(pairs(version.tags)).filter(([key]) => !isInternalTag(key))}
          put={(key, value) => told('model-versions/set-tag', { ...at, key, value })}
          remove={(key) => told('model-versions/delete-tag', { ...at, key }, 'DELETE')}
          changed={() => void changed()}
        />
      </div>
      <Details version={version} />
    </>
  );
}

function Head({ version, changed }: { version: ModelVersion; changed: () => Promise<void> }) {
  const [open, setOpen] = useState(false);
  const [deploying, setDeploying] = useState(false);
  const navigate = route.useNavigate();
  return (
    <div className="page-head">
      <div className="titles">
        <div className="row">
          <h1 className="long-name">
            {version.name} <span className="quiet regular">version {version.version}</span>
          </h1>
          <Status word={statusWord(version)} {...(version.status === 'READY' ? { label: 'Ready' } : {})} chip />
          <LifeLink name={version.name} />
        </div>
        {version.status_message ? <p className="small quiet">{version.status_message}</p> : null}
      </div>
      <div className="row">
        <Button variant="default" leftSection={<IconRocket size={16} stroke={2} aria-hidden />} onClick={() => setDeploying(true)}>
          Deploy…
        </Button>
        <Button variant="default" leftSection={<IconTrash size={16} stroke={2} aria-hidden />} onClick={() => setOpen(true)}>
          Delete
        </Button>
      </div>
      <Suspense fallback={null}>
        {deploying ? <DeployDialog version={`models:/${version.name}/${version.version}`} close={() => setDeploying(false)} /> : null}
      </Suspense>
      {open ? (
        <Confirm
          title={`Delete version ${version.version} of ${version.name}?`}
          verb="Delete the version"
          act={async () => {
            await told('model-versions/delete', { name: version.name, version: version.version }, 'DELETE');
            await navigate({ to: '/registry/$name', params: { name: version.name } });
            await changed();
          }}
          close={() => setOpen(false)}
        >
          <p>Its aliases and tags go with it, and its number is not given again. This cannot be undone.</p>
        </Confirm>
      ) : null}
    </div>
  );
}

function Facts({ version, changed }: { version: ModelVersion; changed: () => Promise<void> }) {
  return (
    <dl className="facts">
      <Fact name="Aliases">
        <Aliases name={version.name} version={version.version} aliases={version.aliases ?? []} changed={changed} />
      </Fact>
      <Fact name="Stage">
        <StageChoice version={version} changed={changed} />
      </Fact>
      <Fact name="Registered">
        {version.creation_timestamp ? <Ago at={Number(version.creation_timestamp)} /> : ABSENT}
        {version.user_id ? <div className="small quiet">by {version.user_id}</div> : null}
      </Fact>
      <Fact name="Made by">
        <RunOf version={version} />
      </Fact>
    </dl>
  );
}

function StageChoice({ version, changed }: { version: ModelVersion; changed: () => Promise<void> }) {
  const [archive, setArchive] = useState(false);
  const [wanted, setWanted] = useState<string>();
  const now = version.current_stage ?? 'None';
  return (
    <>
      <select className="select" aria-label="Stage" value={now} onChange={(event) => setWanted(event.currentTarget.value)}>
        {STAGES.map((stage) => (
          <option key={stage}>{stage}</option>
        ))}
      </select>
      {wanted ? (
        <Confirm
          title={`From ${now} to ${wanted}?`}
          verb={`Move to ${wanted}`}
          danger={false}
          act={async () => {
            await told('model-versions/transition-stage', {
              name: version.name,
              version: version.version,
              stage: wanted,
              archive_existing_versions: archive,
            });
            await changed();
          }}
          close={() => setWanted(undefined)}
        >
          <p>
            Version {version.version} of {version.name} goes from {now} to {wanted}. The ledger keeps it.
          </p>
          <label className="row-tight">
            <input type="checkbox" checked={archive} onChange={() => setArchive(!archive)} />
            Archive the versions that are in {wanted} now
          </label>
        </Confirm>
      ) : null}
    </>
  );
}

function Details({ version }: { version: ModelVersion }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const file = useQuery(modelFileAt(fileOf(version, 'MLmodel')));
  const { data: me } = useQuery(access.me());
  const status = useQuery(queries.status());
  const life = useLife(version.name);
  const scorer = status.data?.scorers?.find((one) => one.alive)?.url;
  const inputs = file.data?.inputs ?? [];
  return (
    <>
      <div className="panel-grid">
        <Panel title="Signature">
          <Asked query={file} what="Reading the model's files is" rows={3}>
            {(read) => (read ? <Signature file={read} /> : <NoModelFile life={life !== undefined} name={version.name} />)}
          </Asked>
        </Panel>
        <Panel title="Lineage">
          <Lineage version={version} />
        </Panel>
      </div>
      <Panel title="Use this model">
        <div className="panel-body">
          <UseModel
            use={{
              server: serverAddress(),
              uri: `models:/${version.name}/${version.version}`,
              about: `api/2.0/mlflow/model-versions/get-download-uri?name=${encodeURIComponent(version.name)}&version=${version.version}`,
              file: fileOf(version, 'MLmodel'),
              auth: me?.authenticated ?? false,
              inputs,
              endpoint:
                life && scorer ? `${scorer}/endpoints/${encodeURIComponent(version.name).replaceAll('%40', '@')}/predict` : undefined,
            }}
            chosen={search.use ?? 'python'}
            choose={(use) => void navigate({ search: { use }, replace: true, resetScroll: false })}
          />
        </div>
      </Panel>
    </>
  );
}

function NoModelFile({ life, name }: { life: boolean; name: string }) {
  return (
    <p className="panel-body quiet">
      {life ? (
        <>
          The loop made this version; its signature is on the page of the <LifeLink name={name} />.
        </>
      ) : (
        'This version has no MLmodel file, so nothing is known of what it takes.'
      )}
    </p>
  );
}

function Lineage({ version }: { version: ModelVersion }) {
  const tracked = version.run_id !== undefined && version.run_id !== '' && !version.run_id.includes('-');
  const run = useQuery({ ...tracking.run(version.run_id ?? ''), enabled: tracked, refetchInterval: false });
  const logged = useQuery({ ...tracking.loggedModel(version.model_id ?? ''), enabled: Boolean(version.model_id) });
  return (
    <div className="panel-body stack">
      <dl className="pairs">
        <dt>Run</dt>
        <dd>
          <RunOf version={version} />
        </dd>
        {version.model_id ? (
          <>
            <dt>Logged model</dt>
            <dd>
              <Link to="/logged-models/$model" params={{ model: version.model_id }}>
                {logged.data?.model.info.name ?? 'Files, metrics and params'}
              </Link>{' '}
              <HashText hash={version.model_id} most={20} />
            </dd>
          </>
        ) : null}
        <dt>Source</dt>
        <dd className="mono">{version.source || ABSENT}</dd>
      </dl>
      {run.data ? <DataInputs run={run.data} /> : null}
    </div>
  );
}
