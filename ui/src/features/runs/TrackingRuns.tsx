import { Button, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/client';
import { queries } from '../../api/queries';
import type { MlflowExperiment, MlflowRun } from '../../api/types';
import type { RunSearch } from '../../app/search';
import { Ago, Scroll } from '../../shared/bits';
import { ABSENT, duration, metric } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked, Command, Empty } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';
import { metricColumns, metricsOf, nameOf, orderBy, paramColumns, paramsOf, statusWord } from './tracking';

const FIRST = 50;
const MOST = 1000;

interface Props {
  search: RunSearch;
  set: (change: Partial<RunSearch>, replace?: boolean) => void;
}

/** Runs as the official client logged them, and as the loop logs its own trainings. */
export function TrackingRuns({ search, set }: Props) {
  const experiments = useQuery(queries.experiments());
  return (
    <Asked query={experiments} what="Tracking is" rows={6}>
      {(found) => <Chosen experiments={found} search={search} set={set} />}
    </Asked>
  );
}

function Chosen({ experiments, search, set }: Props & { experiments: MlflowExperiment[] }) {
  const [limit, setLimit] = useState(FIRST);
  const ids = search.experiment ? [search.experiment] : experiments.map((one) => one.experiment_id);
  const runs = useQuery(queries.trackingRuns(ids, search.filter ?? '', search.order ?? '', limit));
  const wrong = runs.error instanceof ApiError && runs.error.status === 400 ? runs.error : undefined;
  if (experiments.length === 0) {
    return <NoRuns />;
  }
  return (
    <>
      <Filters key={search.filter ?? ''} experiments={experiments} search={search} set={set} error={wrong?.message} />
      {wrong ? null : (
        <Asked query={runs} what="The search for runs is" rows={6}>
          {(answer) => {
            const items = answer.runs ?? [];
            if (items.length === 0) {
              return search.filter || search.experiment ? (
                <Empty title="No run matches">
                  <Button variant="default" onClick={() => set({ filter: undefined, experiment: undefined })}>
                    Clear the filter
                  </Button>
                </Empty>
              ) : (
                <NoRuns />
              );
            }
            return (
              <>
                <RunTable runs={items} experiments={experiments} order={search.order} set={set} />
                {answer.next_page_token && limit < MOST ? (
                  <div className="panel-body">
                    <Button variant="default" loading={runs.isPlaceholderData} onClick={() => setLimit(Math.min(MOST, limit * 4))}>
                      Show more runs
                    </Button>
                  </div>
                ) : null}
              </>
            );
          }}
        </Asked>
      )}
    </>
  );
}

function NoRuns() {
  return (
    <Empty title="No run was logged yet">
      <p className="quiet">Point the official MLflow client here and change nothing else; the loop’s own trainings appear by themselves.</p>
      <Command text={`export MLFLOW_TRACKING_URI=${location.origin}`} />
    </Empty>
  );
}

function Filters({ experiments, search, set, error }: Props & { experiments: MlflowExperiment[]; error: string | undefined }) {
  const [typed, setTyped] = useState(search.filter ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set({ filter: typed.trim() === '' ? undefined : typed.trim() }, true);
  };
  return (
    <form className="panel-body row" onSubmit={submit} style={{ alignItems: 'flex-start' }}>
      <select
        className="select"
        aria-label="Experiment"
        value={search.experiment ?? ''}
        onChange={(event) => set({ experiment: event.currentTarget.value === '' ? undefined : event.currentTarget.value })}
      >
        <option value="">All experiments</option>
        {experiments.map((one) => (
          <option key={one.experiment_id} value={one.experiment_id}>
            {one.name}
          </option>
        ))}
      </select>
      <TextInput
        className="grow"
        style={{ maxWidth: 560 }}
        data-filter
        aria-label="Filter"
        placeholder="metrics.log_loss < 0.5 and params.trees = '100'"
        leftSection={<IconSearch size={16} stroke={2} aria-hidden />}
        value={typed}
        error={error}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" variant="default">
        Filter
      </Button>
    </form>
  );
}

interface TableProps {
  runs: MlflowRun[];
  experiments: MlflowExperiment[];
  order: string | undefined;
  set: Props['set'];
}

function RunTable({ runs, experiments, order, set }: TableProps) {
  const metrics = metricColumns(runs);
  const params = paramColumns(runs);
  const keys = useListKeys();
  const names = new Map(experiments.map((one) => [one.experiment_id, one.name]));
  const sort = (kind: 'metrics' | 'params' | 'attributes', key: string) => {
    const down = orderBy(kind, key, true);
    const up = orderBy(kind, key, false);
    set({ order: order === up ? down : order === down ? undefined : up }, true);
  };
  const head = (kind: 'metrics' | 'params' | 'attributes', key: string, label: string, numeric = false) => (
    <SortHead
      key={`${kind}.${key}`}
      label={label}
      numeric={numeric}
      order={order}
      up={orderBy(kind, key, false)}
      down={orderBy(kind, key, true)}
      sort={() => sort(kind, key)}
    />
  );
  return (
    <Scroll label="Tracking runs">
      <table className="grid">
        <thead>
          <tr>
            <th>Run</th>
            <th>Status</th>
            {head('attributes', 'start_time', 'Started')}
            <th>Took</th>
            {metrics.map((key) => head('metrics', key, key, true))}
            {params.map((key) => head('params', key, key))}
            <th>Experiment</th>
          </tr>
        </thead>
        <tbody onKeyDown={keys}>
          {runs.map((run) => {
            const values = metricsOf(run);
            const settings = paramsOf(run);
            return (
              <tr key={run.info.run_id}>
                <td>
                  <button type="button" className="cell-link strong" data-row onClick={() => set({ run: run.info.run_id })}>
                    {nameOf(run)}
                  </button>
                </td>
                <td>
                  <Status word={statusWord(run)} />
                </td>
                <td>{run.info.start_time ? <Ago at={Number(run.info.start_time)} /> : ABSENT}</td>
                <td>
                  {run.info.start_time && run.info.end_time ? duration(Number(run.info.end_time) - Number(run.info.start_time)) : ABSENT}
                </td>
                {metrics.map((key) => (
                  <td key={key} className="num" title={String(values[key] ?? '')}>
                    {metric(values[key])}
                  </td>
                ))}
                {params.map((key) => (
                  <td key={key} className="mono">
                    {settings[key] ?? ABSENT}
                  </td>
                ))}
                <td>{names.get(run.info.experiment_id) ?? run.info.experiment_id}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

interface SortProps {
  label: string;
  numeric: boolean;
  order: string | undefined;
  up: string;
  down: string;
  sort: () => void;
}

function SortHead({ label, numeric, order, up, down, sort }: SortProps) {
  const state = order === up ? 'ascending' : order === down ? 'descending' : 'none';
  return (
    <th className={numeric ? 'num' : undefined} aria-sort={state}>
      <button type="button" className="sort" onClick={sort}>
        {label}
        {state === 'ascending' ? (
          <IconArrowUp size={14} aria-hidden />
        ) : state === 'descending' ? (
          <IconArrowDown size={14} aria-hidden />
        ) : null}
      </button>
    </th>
  );
}
