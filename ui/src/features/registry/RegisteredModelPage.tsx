import { ActionIcon, Button } from '@mantine/core';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import '../../app/runs.css';
import '../../app/run.css';
import '../../app/registry.css';
import { type ModelVersion, type RegisteredModel, told, tracking } from '../../api/mlflow';
import { Ago, Panel, Scroll } from '../../shared/bits';
import { Confirm } from '../../shared/Confirm';
import { ABSENT } from '../../shared/format';
import { NameDialog } from '../../shared/NameDialog';
import { Status } from '../../shared/Status';
import { Asked, Empty } from '../../shared/states';
import { Tags } from '../../shared/Tags';
import { useListKeys } from '../../shared/useListKeys';
import { isInternalTag, pairs } from '../runs/tracking';
import { Aliases } from './Aliases';
import { Description } from './Description';
import { LifeLink } from './LifeLink';
import { statusWord } from './versions';

const route = getRouteApi('/registry/$name');

/** A model of the registry with all its versions. */
export function RegisteredModelPage() {
  const { name } = route.useParams();
  const model = useQuery(tracking.registeredModel(name));
  useEffect(() => {
    document.title = `${name} · Registry · Perennial`;
  }, [name]);
  return (
    <Asked query={model} what="The registry is" rows={6} back={<Link to="/registry">Go to the registry</Link>}>
      {(found) => <Shown model={found} />}
    </Asked>
  );
}

function Shown({ model }: { model: RegisteredModel }) {
  const { name } = model;
  const client = useQueryClient();
  const changed = () => client.invalidateQueries({ queryKey: ['registry'] });
  return (
    <>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/registry">Registry</Link>
      </nav>
      <Head model={model} changed={changed} />
      <div className="stack registry-about">
        <Description
          of={name}
          text={model.description ?? ''}
          save={async (description) => {
            await told('registered-models/update', { name, description }, 'PATCH');
            await changed();
          }}
        />
        <Tags
          of={name}
          tags={Object.entries(pairs(model.tags)).filter(([key]) => !isInternalTag(key))}
          put={(key, value) => told('registered-models/set-tag', { name, key, value })}
          remove={(key) => told('registered-models/delete-tag', { name, key }, 'DELETE')}
          changed={() => void changed()}
        />
      </div>
      <Panel title="Versions">
        <Versions name={name} changed={changed} />
      </Panel>
    </>
  );
}

function Head({ model, changed }: { model: RegisteredModel; changed: () => Promise<void> }) {
  const [open, setOpen] = useState<'rename' | 'delete'>();
  const navigate = route.useNavigate();
  const { name } = model;
  return (
    <div className="page-head">
      <div className="titles">
        <div className="row">
          <h1 className="long-name">{name}</h1>
          <ActionIcon variant="subtle" color="gray" aria-label="Rename the model" onClick={() => setOpen('rename')}>
            <IconPencil size={16} stroke={2} aria-hidden />
          </ActionIcon>
          <LifeLink name={name} />
        </div>
      </div>
      <Button variant="default" leftSection={<IconTrash size={16} stroke={2} aria-hidden />} onClick={() => setOpen('delete')}>
        Delete
      </Button>
      {open === 'rename' ? (
        <NameDialog
          title="Rename the model"
          verb="Rename"
          name={name}
          act={async (next) => {
            await told('registered-models/rename', { name, new_name: next });
            await changed();
            await navigate({ to: '/registry/$name', params: { name: next } });
          }}
          close={() => setOpen(undefined)}
        />
      ) : null}
      {open === 'delete' ? (
        <Confirm
          title={`Delete ${name}?`}
          verb="Delete the model"
          act={async () => {
            await told('registered-models/delete', { name }, 'DELETE');
            await navigate({ to: '/registry' });
            await changed();
          }}
          close={() => setOpen(undefined)}
        >
          <p>The model leaves the registry with all its versions, tags and aliases. This cannot be undone. The runs that made them stay.</p>
        </Confirm>
      ) : null}
    </div>
  );
}

function Versions({ name, changed }: { name: string; changed: () => Promise<void> }) {
  const versions = useQuery(tracking.modelVersions(name));
  const keys = useListKeys();
  return (
    <Asked query={versions} what="The list of versions is" rows={4}>
      {(found) =>
        found.length === 0 ? (
          <Empty title="This model has no version yet">
            <p className="quiet">
              <code>mlflow.register_model("runs:/RUN_ID/model", "{name}")</code> makes the first.
            </p>
          </Empty>
        ) : (
          <Scroll label="Versions">
            <table className="grid">
              <thead>
                <tr>
                  <th>Version</th>
                  <th>Status</th>
                  <th>Aliases</th>
                  <th>Stage</th>
                  <th>Created</th>
                  <th>By</th>
                  <th>Made by</th>
                </tr>
              </thead>
              <tbody onKeyDown={keys}>
                {found.map((version) => (
                  <Row key={version.version} version={version} changed={changed} />
                ))}
              </tbody>
            </table>
          </Scroll>
        )
      }
    </Asked>
  );
}

function Row({ version, changed }: { version: ModelVersion; changed: () => Promise<void> }) {
  return (
    <tr>
      <td>
        <Link to="/registry/$name/$version" params={{ name: version.name, version: version.version }} className="strong" data-row>
          Version {version.version}
        </Link>
      </td>
      <td>
        <Status word={statusWord(version)} {...(version.status === 'READY' ? { label: 'Ready' } : {})} />
      </td>
      <td>
        <Aliases name={version.name} version={version.version} aliases={version.aliases ?? []} changed={changed} />
      </td>
      <td>{version.current_stage && version.current_stage !== 'None' ? version.current_stage : ABSENT}</td>
      <td>{version.creation_timestamp ? <Ago at={Number(version.creation_timestamp)} /> : ABSENT}</td>
      <td>{version.user_id || ABSENT}</td>
      <td>
        <RunOf version={version} />
      </td>
    </tr>
  );
}

/** Runs of the loop's pipelines have dashes in their ids, tracking runs have none. */
export function RunOf({ version }: { version: ModelVersion }) {
  const { run_id: run } = version;
  if (!run) {
    return version.run_link ? <span className="wrap-anywhere">{version.run_link}</span> : <span className="quiet">no run</span>;
  }
  return run.includes('-') ? (
    <Link to="/runs" search={{ tab: 'pipelines', pipeline: run }}>
      pipeline run <code>{run.slice(-6)}</code>
    </Link>
  ) : (
    <RunName id={run} />
  );
}

/** The name of a run as a link to it. */
export function RunName({ id }: { id: string }) {
  const run = useQuery({ ...tracking.run(id), refetchInterval: false, staleTime: 60_000 });
  return (
    <Link to="/runs/$run" params={{ run: id }}>
      {run.data?.info.run_name ?? id.slice(0, 8)}
    </Link>
  );
}
