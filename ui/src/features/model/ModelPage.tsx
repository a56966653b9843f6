import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo } from 'react';
import { isMissingRoute } from '../../api/client';
import { modelPath, queries } from '../../api/queries';
import type { Alert, ModelDetail, Timeline } from '../../api/types';
import { MODEL_TABS, type ModelSearch, type ModelTab } from '../../app/search';
import { ReplayTag } from '../../shared/bits';
import { Status } from '../../shared/Status';
import { Asked, Bones } from '../../shared/states';
import { Actions } from './Actions';
import { CardTab } from './CardTab';
import { DecisionDrawer } from './DecisionDrawer';
import { DecisionsTab } from './DecisionsTab';
import { FileTab } from './FileTab';
import { Life } from './Life';
import { Now } from './Now';
import { PerformanceTab } from './PerformanceTab';
import { VersionDrawer } from './VersionDrawer';
import { VersionsTab } from './VersionsTab';
import { withAlerts } from './withAlerts';

const DriftTab = lazy(() => import('./DriftTab'));
const RolloutPanel = lazy(() => import('./RolloutPanel'));
const AlertDrawer = lazy(() => import('../alerts/AlertDrawer').then((found) => ({ default: found.AlertDrawer })));

const route = getRouteApi('/models/$model');

const TITLES: Record<ModelTab, string> = {
  decisions: 'Decisions',
  versions: 'Versions',
  card: 'Model card',
  performance: 'Performance',
  drift: 'Drift',
  file: 'Lifecycle file',
};

/** What happened to a model, and is it well. */
export function ModelPage() {
  const { model } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const detail = useQuery(queries.model(model));
  const set = useCallback(
    (change: Partial<ModelSearch>, replace = false) =>
      void navigate({ search: (old: ModelSearch) => ({ ...old, ...change }), replace, resetScroll: false }),
    [navigate],
  );
  useEffect(() => {
    document.title = `${model} · Perennial`;
  }, [model]);
  return (
    <Asked query={detail} what="The model is" rows={8}>
      {(found) => <Loaded key={model} model={found} search={search} set={set} />}
    </Asked>
  );
}

interface LoadedProps {
  model: ModelDetail;
  search: ModelSearch;
  set: (change: Partial<ModelSearch>, replace?: boolean) => void;
}

function Loaded({ model, search, set }: LoadedProps) {
  const tab = search.tab ?? 'decisions';
  const openVersion = (version: number) => set({ version, decision: undefined });
  const openDecision = (decision: string) => set({ decision, version: undefined });
  return (
    <>
      <div className="page-head">
        <div className="titles stack-tight">
          <div className="row">
            <h1>{model.name}</h1>
            <Status word={model.state} chip />
            <ReplayTag scope={model.scope} />
            {model.variants.length === 0 ? null : (
              <Link to="/endpoints/$endpoint" params={{ endpoint: model.model }}>
                Endpoint
              </Link>
            )}
          </div>
          <p className="quiet">{model.title}</p>
        </div>
        <Actions model={model} />
      </div>
      {model.review === null ? null : (
        <div className="banner tone-warn">
          <div>
            <Status word="REVIEW" label={`Version ${model.review} waits for a signature.`} />{' '}
            <button type="button" className="cell-link" onClick={() => openVersion(model.review ?? 0)}>
              Look at its evidence
            </button>{' '}
            before you sign it.
          </div>
        </div>
      )}
      <Now model={model} openVersion={openVersion} />
      <LifePanel model={model} search={search} set={set} />
      <Suspense fallback={null}>
        <RolloutPanel of={modelPath(model.model)} zone={model.timeZone} model={model.model} />
      </Suspense>
      <div className="panel">
        <Tabs value={tab} onChange={(next) => set({ tab: (next ?? 'decisions') as ModelTab }, true)} keepMounted={false}>
          <Tabs.List aria-label="Details">
            {MODEL_TABS.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {TITLES[one]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="decisions">
            <DecisionsTab
              model={model}
              kind={search.kind}
              choose={(kind) => set({ kind }, true)}
              open={openDecision}
              openVersion={openVersion}
            />
          </Tabs.Panel>
          <Tabs.Panel value="versions">
            <VersionsTab model={model} open={openVersion} />
          </Tabs.Panel>
          <Tabs.Panel value="card">
            <CardTab model={model} openVersion={openVersion} />
          </Tabs.Panel>
          <Tabs.Panel value="performance">
            <PerformanceTab model={model} />
          </Tabs.Panel>
          <Tabs.Panel value="drift">
            <Suspense fallback={<Bones />}>
              <DriftTab model={model} />
            </Suspense>
          </Tabs.Panel>
          <Tabs.Panel value="file">
            <FileTab model={model} />
          </Tabs.Panel>
        </Tabs>
      </div>
      <DecisionDrawer model={model} id={search.decision} close={() => set({ decision: undefined })} openVersion={openVersion} />
      <VersionDrawer model={model} number={search.version} close={() => set({ version: undefined })} />
      <Suspense fallback={null}>
        {search.alert === undefined ? null : (
          <AlertDrawer id={search.alert} close={() => set({ alert: undefined })} zone={model.timeZone} />
        )}
      </Suspense>
    </>
  );
}

function LifePanel({ model, search, set }: LoadedProps) {
  const timeline = useQuery(queries.timeline(model.model));
  const alerts = useQuery(queries.alerts());
  const range = useMemo(
    () => (search.from !== undefined && search.to !== undefined ? { from: search.from, to: search.to } : undefined),
    [search.from, search.to],
  );
  const chosen = useMemo(() => ({ decision: search.decision, alert: search.alert }), [search.decision, search.alert]);
  const onRange = useCallback((next: { from: number; to: number } | undefined) => set({ from: next?.from, to: next?.to }, true), [set]);
  const onOpen = useCallback(
    (what: { decision?: string | undefined; alert?: string | undefined }) =>
      set(
        what.alert
          ? { alert: what.alert, decision: undefined, version: undefined }
          : { decision: what.decision, alert: undefined, version: undefined },
      ),
    [set],
  );
  const lived = useMemo(
    () => (timeline.data ? complete(timeline.data, alerts.data, model.model) : undefined),
    [timeline.data, alerts.data, model.model],
  );
  if (!lived) {
    return (
      <div className="panel" style={{ marginBottom: 16 }}>
        {timeline.isError ? (
          <Asked query={timeline} what="The timeline is">
            {() => null}
          </Asked>
        ) : (
          <Bones rows={8} height={24} />
        )}
      </div>
    );
  }
  return (
    <Life
      timeline={lived}
      zone={model.timeZone}
      range={range}
      chosen={chosen}
      onRange={onRange}
      onOpen={onOpen}
      alertsNote={isMissingRoute(alerts.error) ? 'alerts are not available from this server' : undefined}
    />
  );
}

function complete(timeline: Timeline, alerts: Alert[] | undefined, model: string): Timeline {
  return withAlerts(
    timeline,
    alerts?.filter((alert) => alert.model === model),
  );
}
