import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import '../../app/runs.css';
import type { RunSearch, RunTab } from '../../app/search';
import { PipelineRuns } from './PipelineRuns';
import { TrackingRuns } from './TrackingRuns';

const route = getRouteApi('/runs');

/** Which runs are worth a look: what was logged, and what the loop's pipelines did. */
export function RunsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<RunSearch>, replace = false) =>
    void navigate({ search: (old: RunSearch) => ({ ...old, ...change }), replace, resetScroll: false });
  const tab = search.tab ?? (search.pipeline ? 'pipelines' : 'tracking');
  useEffect(() => {
    document.title = 'Runs · Perennial';
  }, []);
  return (
    <div className={tab === 'tracking' ? 'runs-page' : undefined}>
      <div className="page-head">
        <div className="titles">
          <h1>Runs</h1>
        </div>
      </div>
      <div className="panel runs-panel">
        <Tabs value={tab} onChange={(next) => set({ tab: (next ?? 'tracking') as RunTab }, true)} keepMounted={false}>
          <Tabs.List aria-label="Kinds of runs">
            <Tabs.Tab value="tracking">Tracking runs</Tabs.Tab>
            <Tabs.Tab value="pipelines">Pipeline runs</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="tracking">
            <TrackingRuns search={search} set={set} />
          </Tabs.Panel>
          <Tabs.Panel value="pipelines">
            <PipelineRuns opened={search.pipeline} open={(pipeline) => set({ pipeline })} />
          </Tabs.Panel>
        </Tabs>
      </div>
    </div>
  );
}
