import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../../api/client';
import { type Experiment, type RunQuestion, tracking } from '../../api/mlflow';
import type { RunSearch } from '../../app/search';
import { Asked, Command, Empty, ErrorState } from '../../shared/states';
import { ColumnMenu } from './ColumnMenu';
import { type Column, columnsText, type Keys, parseColumns, seenKeys } from './columns';
import { FilterBox } from './FilterBox';
import { PickBar } from './PickBar';
import { RunGrid } from './RunGrid';
import type { RunRow } from './tracking';
import { useNewRuns } from './useRunPages';

const VALUES_MAX = 12;
const NO_KEYS: Keys = { metrics: [], params: [], tags: [] };

interface Props {
  search: RunSearch;
  set: (change: Partial<RunSearch>, replace?: boolean) => void;
}

/** Runs as the official client logged them, and as the loop logs its own trainings. */
export function TrackingRuns({ search, set }: Props) {
  const experiments = useQuery(tracking.experiments());
  return (
    <Asked query={experiments} what="Tracking is" rows={6}>
      {(found) => <Chosen experiments={found} search={search} set={set} />}
    </Asked>
  );
}

function Chosen({ experiments, search, set }: Props & { experiments: Experiment[] }) {
  const client = useQueryClient();
  const ids = experiments.map((one) => one.experiment_id).join(',');
  const question = useMemo<RunQuestion>(
    () => ({
      experiments: search.experiment ? [search.experiment] : ids === '' ? [] : ids.split(','),
      filter: search.filter ?? '',
      order: search.order ?? '',
      view: search.deleted ? 'DELETED_ONLY' : 'ACTIVE_ONLY',
    }),
    [search.experiment, search.filter, search.order, search.deleted, ids],
  );
  const first = useQuery(tracking.page(question, {}));
  const [settled, setSettled] = useState(question);
  const [epoch, setEpoch] = useState(0);
  const [keys, setKeys] = useState(NO_KEYS);
  const [shown, setShown] = useState<Column[]>([]);
  const loaded = useRef<RunRow[]>([]);
  const news = useNewRuns(settled);
  useEffect(() => {
    if (first.data) {
      setSettled(question);
    }
  }, [first.data, question]);
  const names = useMemo(() => new Map(experiments.map((one) => [one.experiment_id, one.name])), [experiments]);
  const picked = useMemo(() => new Set((search.picked ?? '').split(',').filter((id) => id !== '')), [search.picked]);
  const columns = useMemo(() => parseColumns(search.cols), [search.cols]);
  const pick = (row: RunRow) => {
    const next = new Set(picked);
    if (!next.delete(row.id)) {
      next.add(row.id);
    }
    set({ picked: next.size === 0 ? undefined : [...next].join(',') }, true);
  };
  const onLoaded = useCallback((rows: RunRow[], now: Column[]) => {
    loaded.current = rows;
    setKeys((before) => seenKeys(rows, before));
    setShown(now);
  }, []);
  const again = () => {
    news.show();
    void client.invalidateQueries({ queryKey: ['run-newest'] });
    setEpoch((one) => one + 1);
  };
  const known = useMemo(
    () => ({
      keys,
      values: (kind: 'params' | 'tags', key: string) =>
        [...new Set(loaded.current.flatMap((row) => row[kind][key] ?? []))].toSorted().slice(0, VALUES_MAX),
    }),
    [keys],
  );
  if (experiments.length === 0) {
    return <NoRuns />;
  }
  const wrong = first.error instanceof ApiError && first.error.status === 400 ? first.error : undefined;
  return (
    <>
      <div className="runs-bar">
        <ExperimentChoice experiments={experiments} search={search} set={set} />
        <FilterBox
          filter={search.filter ?? ''}
          error={wrong?.message}
          known={known}
          apply={(filter) => set({ filter: filter === '' ? undefined : filter })}
        />
        <div className="row">
          <select
            className="select"
            aria-label="Which runs"
            value={search.deleted ? 'deleted' : 'active'}
            onChange={(event) => set({ deleted: event.currentTarget.value === 'deleted' || undefined, picked: undefined })}
          >
            <option value="active">Active</option>
            <option value="deleted">Deleted</option>
          </select>
          <ColumnMenu shown={shown} keys={keys} choose={(next) => set({ cols: next ? columnsText(next) : undefined }, true)} />
        </div>
      </div>
      {picked.size > 0 ? (
        <PickBar picked={[...picked]} deleted={search.deleted === true} clear={() => set({ picked: undefined }, true)} changed={again} />
      ) : null}
      {news.count > 0 ? (
        <div className="runs-news">
          <Button variant="light" size="compact-sm" leftSection={<IconRefresh size={16} stroke={2} aria-hidden />} onClick={again}>
            {news.most ? `${news.count} or more new runs` : `${news.count} new ${news.count === 1 ? 'run' : 'runs'}`}
          </Button>
        </div>
      ) : null}
      {first.error && !wrong ? (
        <ErrorState error={first.error} retry={() => void first.refetch()} />
      ) : wrong && settled === question ? (
        <p className="panel-body quiet">No run is shown until the filter can be read.</p>
      ) : (
        <div className={`runs-body${settled === question || wrong ? '' : ' dimmed'}`}>
          {wrong ? <p className="runs-news small quiet">These are the runs of the filter before.</p> : null}
          <RunGrid
            key={`${epoch} ${JSON.stringify(settled)}`}
            question={settled}
            columns={columns}
            experiments={names}
            picked={picked}
            pick={pick}
            order={(order) => set({ order: order === '' ? undefined : order }, true)}
            onLoaded={onLoaded}
            empty={
              search.filter || search.experiment || search.deleted ? (
                <Empty title={noRun(search, names)}>
                  <Button variant="default" onClick={() => set({ filter: undefined, experiment: undefined, deleted: undefined })}>
                    Show all active runs
                  </Button>
                </Empty>
              ) : (
                <NoRuns />
              )
            }
          />
        </div>
      )}
    </>
  );
}

function noRun({ experiment, filter, deleted }: RunSearch, names: Map<string, string>): string {
  if (experiment !== undefined && !names.has(experiment)) {
    return `There is no experiment ${experiment}, or your rights do not reach it`;
  }
  if (deleted) {
    return 'No deleted run is here';
  }
  return filter ? 'No run matches' : 'This experiment has no run yet';
}

function ExperimentChoice({ experiments, search, set }: Props & { experiments: Experiment[] }) {
  const unknown = search.experiment !== undefined && !experiments.some((one) => one.experiment_id === search.experiment);
  return (
    <select
      className="select experiment-choice"
      aria-label="Experiment"
      value={search.experiment ?? ''}
      onChange={(event) => set({ experiment: event.currentTarget.value || undefined, picked: undefined })}
    >
      <option value="">All experiments</option>
      {unknown ? <option value={search.experiment}>Experiment {search.experiment}</option> : null}
      {experiments.map((one) => (
        <option key={one.experiment_id} value={one.experiment_id}>
          {one.name}
        </option>
      ))}
    </select>
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
