import { ActionIcon, Button, Tabs } from '@mantine/core';
import { IconArrowsDiff, IconPencil } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import '../../app/runs.css';
import '../../app/charts.css';
import '../../app/run.css';
import { type Run, told, tracking } from '../../api/mlflow';
import type { OneRunSearch, RunView } from '../../app/search';
import { Ago, EventTime, Fact, HashText, useNow } from '../../shared/bits';
import { ABSENT, duration } from '../../shared/format';
import { NameDialog } from '../../shared/NameDialog';
import { Status } from '../../shared/Status';
import { Asked } from '../../shared/states';
import { FileTree, NoFiles } from '../files/FileTree';
import { type RunRow, took, toRow } from '../runs/tracking';
import { RunCharts } from './RunCharts';
import { RunOverview } from './RunOverview';

const route = getRouteApi('/runs/$run');

/** What one run did. */
export function RunPage() {
  const { run: id } = route.useParams();
  const run = useQuery(tracking.run(id));
  return (
    <Asked query={run} what="This run is" rows={8} back={<Link to="/runs">Go to the runs</Link>}>
      {(found) => <Shown key={id} run={found} />}
    </Asked>
  );
}

function Shown({ run }: { run: Run }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const row = toRow(run);
  const experiment = useQuery(tracking.experiment(row.experiment));
  const set = (change: Partial<OneRunSearch>, replace = false) =>
    void navigate({ search: (old: OneRunSearch) => ({ ...old, ...change }), replace, resetScroll: false });
  useEffect(() => {
    document.title = `${row.name} · Perennial`;
  }, [row.name]);
  return (
    <>
      <nav className="crumbs" aria-label="Where this run is">
        <Link to="/runs" search={{ experiment: row.experiment }}>
          {experiment.data?.name ?? `Experiment ${row.experiment}`}
        </Link>
        {row.tags['mlflow.parentRunId'] ? <Parent id={row.tags['mlflow.parentRunId']} /> : null}
      </nav>
      <Head row={row} />
      <Facts row={row} />
      <div className="panel">
        <Tabs value={search.view ?? 'overview'} onChange={(view) => set({ view: view as RunView }, true)} keepMounted={false}>
          <Tabs.List aria-label="Parts of the run">
            <Tabs.Tab value="overview">Overview</Tabs.Tab>
            <Tabs.Tab value="charts">Charts</Tabs.Tab>
            <Tabs.Tab value="artifacts">Artifacts</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="overview">
            <RunOverview run={run} row={row} />
          </Tabs.Panel>
          <Tabs.Panel value="charts">
            <RunCharts row={row} search={search} set={set} />
          </Tabs.Panel>
          <Tabs.Panel value="artifacts">
            <FileTree
              source={{ kind: 'run', id: row.id }}
              models={[...new Set((run.outputs?.model_outputs ?? []).map((one) => one.model_id))]}
              chosen={
                search.path
                  ? { source: search.model ? { kind: 'model', id: search.model } : { kind: 'run', id: row.id }, path: search.path }
                  : undefined
              }
              open={({ source, path }) => set({ path, model: source.kind === 'model' ? source.id : undefined })}
              none={<NoFiles />}
            />
          </Tabs.Panel>
        </Tabs>
      </div>
    </>
  );
}

function Parent({ id }: { id: string }) {
  const parent = useQuery(tracking.run(id));
  return (
    <>
      <span className="quiet"> / </span>
      <Link to="/runs/$run" params={{ run: id }}>
        {parent.data ? toRow(parent.data).name : id.slice(0, 8)}
      </Link>
    </>
  );
}

function Head({ row }: { row: RunRow }) {
  const [naming, setNaming] = useState(false);
  const client = useQueryClient();
  const changed = () => client.invalidateQueries({ queryKey: ['runs'] });
  return (
    <div className="page-head">
      <div className="titles">
        <div className="row">
          <h1 className="long-name">{row.name}</h1>
          <ActionIcon variant="subtle" color="gray" aria-label="Rename the run" onClick={() => setNaming(true)}>
            <IconPencil size={16} stroke={2} aria-hidden />
          </ActionIcon>
          <Status word={row.status} chip />
          {row.deleted ? <span className="tag">deleted</span> : null}
        </div>
        <p className="small quiet">
          <HashText hash={row.id} most={32} />
        </p>
      </div>
      <Button
        variant="default"
        leftSection={<IconArrowsDiff size={16} stroke={2} aria-hidden />}
        renderRoot={(props) => <Link to="/runs" search={{ experiment: row.experiment, picked: row.id }} {...props} />}
      >
        Compare with …
      </Button>
      {naming ? (
        <NameDialog
          title="Rename the run"
          verb="Rename"
          name={row.name}
          act={async (name) => {
            await told('runs/update', { run_id: row.id, run_name: name });
            await changed();
          }}
          close={() => setNaming(false)}
        />
      ) : null}
    </div>
  );
}

function Facts({ row }: { row: RunRow }) {
  const source = row.tags['mlflow.source.name'];
  const commit = row.tags['mlflow.source.git.commit'];
  return (
    <dl className="facts">
      <Fact name="Started">
        {row.start > 0 ? (
          <>
            <Ago at={row.start} />
            <div className="small quiet">
              <EventTime at={row.start} zone={Intl.DateTimeFormat().resolvedOptions().timeZone} />
            </div>
          </>
        ) : (
          ABSENT
        )}
      </Fact>
      <Fact name="Took">
        <Took row={row} />
      </Fact>
      <Fact name="User">{row.user || ABSENT}</Fact>
      <Fact name="Source">
        {source ? <code title={source}>{source.slice(source.lastIndexOf('/') + 1)}</code> : ABSENT}
        {commit ? (
          <div className="small quiet">
            commit <code title={commit}>{commit.slice(0, 8)}</code>
          </div>
        ) : null}
      </Fact>
    </dl>
  );
}

function Took({ row }: { row: RunRow }) {
  const now = useNow(1000);
  const millis = took(row, now);
  return (
    <>
      {millis === undefined ? ABSENT : duration(millis)}
      {row.status === 'RUNNING' ? <div className="small quiet">so far</div> : null}
    </>
  );
}
