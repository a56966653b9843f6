import { Button, Modal } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import '../../app/runs.css';
import '../../app/run.css';
import '../../app/registry.css';
import { failure } from '../../api/client';
import { type ModelVersion, told, tracking } from '../../api/mlflow';
import { queries } from '../../api/queries';
import { Ago, Fact, HashText, Panel, Scroll } from '../../shared/bits';
import { ABSENT } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked } from '../../shared/states';
import { Tags } from '../../shared/Tags';
import { DataInputs } from '../run/Lineage';
import { isInternalTag, pairs } from '../runs/tracking';
import { Aliases } from './Aliases';
import { Description } from './Description';
import { LifeLink, useLife } from './LifeLink';
import { type ModelColumn, type ModelFile, readModelFile } from './modelFile';
import { RunOf } from './RegisteredModelPage';
import { UseModel } from './UseModel';
import { STAGES, statusWord } from './versions';

const route = getRouteApi('/registry/$name/$version');

/** The MLmodel file of a version, read as text; null when it has none. */
const modelFile = (name: string, version: string) =>
  queryOptions({
    queryKey: ['registry', 'file', name, version],
    queryFn: async ({ signal }): Promise<ModelFile | null> => {
      const address = `model-versions/get-artifact?name=${encodeURIComponent(name)}&version=${encodeURIComponent(version)}&path=MLmodel`;
      const answer = await fetch(new URL(address, document.baseURI), { signal });
      if (answer.status === 404 || answer.status === 400) {
        return null;
      }
      const text = await answer.text();
      if (!answer.ok) {
        throw failure(answer.status, text);
      }
      return readModelFile(text);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

/** One version: where it comes from, what it takes, how to use it. */
export function VersionPage() {
  const { name, version } = route.useParams();
  const found = useQuery(tracking.modelVersion(name, version));
  useEffect(() => {
    document.title = `${name} version ${version} · Perennial`;
  }, [name, version]);
  return (
    <Asked query={found} what="The registry is" rows={6}>
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
  const navigate = route.useNavigate();
  const remove = useMutation({
    mutationFn: () => told('model-versions/delete', { name: version.name, version: version.version }, 'DELETE'),
    onSuccess: async () => {
      await navigate({ to: '/registry/$name', params: { name: version.name } });
      await changed();
    },
  });
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
      <Button variant="default" leftSection={<IconTrash size={16} stroke={2} aria-hidden />} onClick={() => setOpen(true)}>
        Delete
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={`Delete version ${version.version} of ${version.name}?`}>
        <div className="stack">
          <p>Its aliases and tags go with it, and its number is not given again. This cannot be undone.</p>
          {remove.error ? (
            <p className="status tone-fail" role="alert">
              {remove.error.message}
            </p>
          ) : null}
          <div className="row">
            <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
              Delete the version
            </Button>
            <Button variant="default" onClick={() => setOpen(false)}>
              Leave as it is
            </Button>
          </div>
        </div>
      </Modal>
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
  const move = useMutation({
    mutationFn: (stage: string) =>
      told('model-versions/transition-stage', {
        name: version.name,
        version: version.version,
        stage,
        archive_existing_versions: archive,
      }),
    onSuccess: async () => {
      setWanted(undefined);
      await changed();
    },
  });
  const now = version.current_stage ?? 'None';
  return (
    <>
      <select
        className="select"
        aria-label="Stage"
        value={now}
        onChange={(event) => {
          move.reset();
          setWanted(event.currentTarget.value);
        }}
      >
        {STAGES.map((stage) => (
          <option key={stage}>{stage}</option>
        ))}
      </select>
      <Modal opened={wanted !== undefined} onClose={() => setWanted(undefined)} title={`From ${now} to ${wanted}?`}>
        <div className="stack">
          <p>
            Version {version.version} of {version.name} goes from {now} to {wanted}. The ledger keeps it.
          </p>
          <label className="row-tight">
            <input type="checkbox" checked={archive} onChange={() => setArchive(!archive)} />
            Archive the versions that are in {wanted} now
          </label>
          {move.error ? (
            <p className="status tone-fail" role="alert">
              {move.error.message}
            </p>
          ) : null}
          <div className="row">
            <Button loading={move.isPending} onClick={() => wanted && move.mutate(wanted)}>
              Move to {wanted}
            </Button>
            <Button variant="default" onClick={() => setWanted(undefined)}>
              Leave as it is
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}

function Details({ version }: { version: ModelVersion }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const file = useQuery(modelFile(version.name, version.version));
  const status = useQuery(queries.status());
  const life = useLife(version.name);
  const scorer = status.data?.scorers.find((one) => one.alive)?.url;
  const inputs = file.data?.inputs ?? [];
  return (
    <>
      <div className="panel-grid">
        <Panel title="Signature">
          <Asked query={file} what="Reading the model's files is" rows={3}>
            {(read) => <Signature file={read} life={life !== undefined} name={version.name} />}
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
              server: new URL('.', document.baseURI).toString().replace(/\/$/, ''),
              name: version.name,
              version: version.version,
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

function Signature({ file, life, name }: { file: ModelFile | null; life: boolean; name: string }) {
  if (!file) {
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
  return (
    <>
      <p className="panel-body small quiet">
        {file.flavors.length > 0 ? `Flavours: ${file.flavors.join(', ')}` : 'No flavour is named.'}
        {file.inputs.length === 0 ? ' The model was logged without a signature.' : ''}
      </p>
      <Columns title="Takes" columns={file.inputs} />
      <Columns title="Gives" columns={file.outputs} />
      <Columns title="Params" columns={file.params} />
    </>
  );
}

function Columns({ title, columns }: { title: string; columns: ModelColumn[] }) {
  return columns.length === 0 ? null : (
    <Scroll label={title}>
      <table className="grid">
        <thead>
          <tr>
            <th>{title}</th>
            <th>Type</th>
            <th>
              <span className="hidden-text">Needed</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <tr key={column.name}>
              <td className="mono">{column.name}</td>
              <td className="mono">{column.type}</td>
              <td className="small quiet">{column.required ? '' : 'may be absent'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
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
              {logged.data?.model.info.name ? `${logged.data.model.info.name} ` : ''}
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
