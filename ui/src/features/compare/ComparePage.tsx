import { Tabs } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import '../../app/runs.css';
import '../../app/charts.css';
import '../../app/compare.css';
import { tracking } from '../../api/mlflow';
import type { CompareSearch, CompareView } from '../../app/search';
import { COLOURS } from '../../shared/chart/plot';
import { Bones, Empty, ErrorState } from '../../shared/states';
import { type RunRow, toRow } from '../runs/tracking';
import { Curves } from './Curves';
import { differingParams, idsOf, litRuns } from './differ';
import { Scatter } from './Scatter';
import { SideBySide } from './SideBySide';
import type { SetCompare } from './view';

const route = getRouteApi('/compare');
const LIVE_MILLIS = 3000;

/** What made the difference between 2 to 100 runs. All of the view stands in the address. */
export function ComparePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: SetCompare = (change, replace = false) =>
    void navigate({ search: (old: CompareSearch) => ({ ...old, ...change }), replace, resetScroll: false });
  const ids = useMemo(() => idsOf(search.runs), [search.runs]);
  const answers = useQueries({
    queries: ids.map((id) => ({
      ...tracking.run(id),
      staleTime: 10_000,
      refetchInterval: (query: { state: { data?: { info: { status: string } } | undefined } }) =>
        query.state.data?.info.status === 'RUNNING' ? LIVE_MILLIS : (false as const),
    })),
  });
  useEffect(() => {
    document.title = `Compare ${ids.length} runs · Perennial`;
  }, [ids.length]);
  const stamp = answers.map((answer) => answer.dataUpdatedAt).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp tells when an answer came
  const rows = useMemo(() => answers.flatMap((answer) => (answer.data ? [toRow(answer.data)] : [])), [stamp]);
  const missing = ids.filter((_, at) => answers[at]?.isError);
  const pending = answers.some((answer) => answer.isPending);
  const error = answers.find((answer) => answer.error)?.error;
  return (
    <>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/runs" search={{ picked: search.runs, ...sharedExperiment(rows) }}>
          Runs
        </Link>
      </nav>
      <div className="page-head">
        <div className="titles">
          <h1>Compare {rows.length === 0 ? '' : rows.length} runs</h1>
        </div>
      </div>
      {missing.length > 0 && !pending && rows.length > 0 ? (
        <div className="banner tone-warn" role="alert">
          {missing.length === 1 ? 'One run is' : `${missing.length} runs are`} not on this server:{' '}
          {missing.map((id) => id.slice(0, 8)).join(', ')}
        </div>
      ) : null}
      <div className="panel">
        {ids.length === 0 ? (
          <Empty title="No run was picked">
            <p className="quiet">
              Pick two or more in the <Link to="/runs">table of runs</Link>, then choose Compare.
            </p>
          </Empty>
        ) : pending ? (
          <Bones rows={8} />
        ) : rows.length === 0 ? (
          <ErrorState error={error} />
        ) : (
          <Views rows={rows} search={search} set={set} />
        )}
      </div>
    </>
  );
}

/** The one experiment of all runs, when it is one. */
function sharedExperiment(rows: RunRow[]): { experiment?: string } {
  const [first, ...others] = new Set(rows.map((row) => row.experiment));
  return first !== undefined && others.length === 0 ? { experiment: first } : {};
}

function Views({ rows, search, set }: { rows: RunRow[]; search: CompareSearch; set: SetCompare }) {
  const difference = useMemo(() => differingParams(rows), [rows]);
  const ids = rows.map((row) => row.id);
  const lit = litRuns(ids, search.lit, COLOURS);
  return (
    <Tabs value={search.view ?? 'table'} onChange={(view) => set({ view: view as CompareView }, true)} keepMounted={false}>
      <Tabs.List aria-label="Ways to compare">
        <Tabs.Tab value="table">Side by side</Tabs.Tab>
        <Tabs.Tab value="curves">Curves</Tabs.Tab>
        <Tabs.Tab value="scatter">Scatter</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="table">
        <SideBySide rows={rows} difference={difference} lit={lit} search={search} set={set} />
      </Tabs.Panel>
      <Tabs.Panel value="curves">
        <Curves rows={rows} difference={difference} lit={lit} search={search} set={set} />
      </Tabs.Panel>
      <Tabs.Panel value="scatter">
        <Scatter rows={rows} difference={difference} lit={lit} search={search} set={set} />
      </Tabs.Panel>
    </Tabs>
  );
}
