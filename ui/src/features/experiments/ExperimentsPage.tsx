import { Button } from '@mantine/core';
import { IconPencil, IconTrash, IconTrashOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import '../../app/run.css';
import { type Experiment, told, tracking } from '../../api/mlflow';
import type { ListSearch } from '../../app/search';
import { Ago, Scroll } from '../../shared/bits';
import { Confirm } from '../../shared/Confirm';
import { ABSENT } from '../../shared/format';
import { ListPage } from '../../shared/ListPage';
import { NameDialog } from '../../shared/NameDialog';
import { Asked, Command, Empty } from '../../shared/states';
import { Tags } from '../../shared/Tags';
import { useListKeys } from '../../shared/useListKeys';
import { isInternalTag, pairs } from '../runs/tracking';
import { nameFilter } from './nameFilter';
import { RunCount } from './RunCount';

const route = getRouteApi('/experiments');

/** Which experiments there are, newest first; their runs are one click away. */
export function ExperimentsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const set = (change: Partial<ListSearch>) =>
    void navigate({ search: (old: ListSearch) => ({ ...old, ...change }), replace: true, resetScroll: false });
  const wanted = useDeferredValue(search.q ?? '');
  const found = useQuery(tracking.experiments(search.deleted ? 'DELETED_ONLY' : 'ACTIVE_ONLY', nameFilter('name', wanted)));
  const changed = () => client.invalidateQueries({ queryKey: ['runs'] });
  return (
    <ListPage
      title="Experiments"
      thing="experiment"
      search={search.q ?? ''}
      find={(q) => set({ q })}
      tools={
        <select
          className="select"
          aria-label="Which experiments"
          value={search.deleted ? 'deleted' : 'active'}
          onChange={(event) => set({ deleted: event.currentTarget.value === 'deleted' || undefined })}
        >
          <option value="active">Active</option>
          <option value="deleted">Deleted</option>
        </select>
      }
      create={async (name) => {
        await told('experiments/create', { name });
        await changed();
      }}
    >
      <Asked query={found} what="The list of experiments is" rows={6}>
        {(experiments) =>
          experiments.length === 0 ? (
            <None search={search} clear={() => set({ q: undefined, deleted: undefined })} />
          ) : (
            <List experiments={experiments} deleted={search.deleted === true} changed={changed} />
          )
        }
      </Asked>
    </ListPage>
  );
}

function None({ search, clear }: { search: ListSearch; clear: () => void }) {
  return search.q || search.deleted ? (
    <Empty title={search.deleted && !search.q ? 'No experiment was deleted' : 'No experiment matches'}>
      <Button variant="default" onClick={clear}>
        Show all active ones
      </Button>
    </Empty>
  ) : (
    <Empty title="No experiment is here">
      <p className="quiet">A client makes one when it names it:</p>
      <Command text={`mlflow experiments create --experiment-name first`} />
    </Empty>
  );
}

function List({ experiments, deleted, changed }: { experiments: Experiment[]; deleted: boolean; changed: () => Promise<void> }) {
  const keys = useListKeys();
  return (
    <Scroll label="Experiments">
      <table className="grid wide-names">
        <thead>
          <tr>
            <th>Name</th>
            <th className="num">Runs</th>
            <th>Last change</th>
            <th>Created</th>
            <th>Tags</th>
            <th>
              <span className="hidden-text">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={keys}>
          {experiments.map((one) => (
            <Row key={one.experiment_id} experiment={one} deleted={deleted} changed={changed} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface RowProps {
  experiment: Experiment;
  deleted: boolean;
  changed: () => Promise<void>;
}

function Row({ experiment, deleted, changed }: RowProps) {
  const [open, setOpen] = useState<'rename' | 'delete'>();
  const { experiment_id: id, name } = experiment;
  const tags = Object.entries(pairs(experiment.tags));
  const note = tags.find(([key]) => key === 'mlflow.note.content')?.[1];
  const restore = useMutation({ mutationFn: () => told('experiments/restore', { experiment_id: id }), onSuccess: changed });
  return (
    <tr>
      <td className="title">
        <Link to="/runs" search={{ experiment: id, deleted: deleted || undefined }} className="strong wrap-anywhere" data-row>
          {name}
        </Link>
        {note ? <div className="small quiet clamp">{note}</div> : null}
      </td>
      <td className="num">
        <RunCount experiment={id} deleted={deleted} />
      </td>
      <td>{experiment.last_update_time ? <Ago at={Number(experiment.last_update_time)} /> : ABSENT}</td>
      <td>{experiment.creation_time ? <Ago at={Number(experiment.creation_time)} /> : ABSENT}</td>
      <td className="roomy">
        <Tags
          of={name}
          tags={tags.filter(([key]) => !isInternalTag(key))}
          put={(key, value) => told('experiments/set-experiment-tag', { experiment_id: id, key, value })}
          remove={(key) => told('experiments/delete-experiment-tag', { experiment_id: id, key })}
          changed={() => void changed()}
          fixed={deleted}
        />
      </td>
      <td className="right">
        {deleted ? (
          <>
            <button type="button" className="icon-button" aria-label={`Restore ${name}`} title="Restore" onClick={() => restore.mutate()}>
              <IconTrashOff size={16} stroke={2} aria-hidden />
            </button>
            {restore.error ? <div className="status tone-fail small">{restore.error.message}</div> : null}
          </>
        ) : (
          <>
            <button type="button" className="icon-button" aria-label={`Rename ${name}`} title="Rename" onClick={() => setOpen('rename')}>
              <IconPencil size={16} stroke={2} aria-hidden />
            </button>
            <button type="button" className="icon-button" aria-label={`Delete ${name}`} title="Delete" onClick={() => setOpen('delete')}>
              <IconTrash size={16} stroke={2} aria-hidden />
            </button>
          </>
        )}
        {open === 'rename' ? (
          <NameDialog
            title="Rename the experiment"
            verb="Rename"
            name={name}
            act={async (next) => {
              await told('experiments/update', { experiment_id: id, new_name: next });
              await changed();
            }}
            close={() => setOpen(undefined)}
          />
        ) : null}
        {open === 'delete' ? (
          <Confirm
            title={`Delete ${name}?`}
            verb="Delete the experiment"
            act={async () => {
              await told('experiments/delete', { experiment_id: id });
              await changed();
            }}
            close={() => setOpen(undefined)}
          >
            <p>
              It leaves the lists together with its runs. Nothing is lost yet: until the retention ends, “Deleted” shows it and “Restore”
              brings all of it back. Its name stays taken.
            </p>
          </Confirm>
        ) : null}
      </td>
    </tr>
  );
}
