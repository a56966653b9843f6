import { Button } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useEffect, useMemo, useState } from 'react';
import '../../app/runs.css';
import '../../app/endpoints.css';
import { type AllLive, type EndpointSummary, endpoints } from '../../api/endpoints';
import { queries } from '../../api/queries';
import type { ModelSummary } from '../../api/types';
import { ReplayTag, Scroll } from '../../shared/bits';
import { ABSENT, count, exact, metric, percent } from '../../shared/format';
import { Status } from '../../shared/Status';
import { Asked, Command, Empty } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';
import { earlier, type Rate, rateOfAll, type Sample } from './rates';
import { Split } from './Split';
import { useHistory } from './useHistory';
import { found, lifeOf, nameParts, splitText } from './words';

const DeployDialog = lazy(() => import('./DeployDialog'));
const route = getRouteApi('/endpoints');

const WINDOW_MILLIS = 10_000;
const KEPT_MILLIS = 60_000;

/** Where models answer: which versions share the traffic, and how it goes. */
export function EndpointsPage() {
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const [deploying, setDeploying] = useState(false);
  const wanted = useDeferredValue(q);
  const all = useQuery(endpoints.all());
  const find = (text: string | undefined) => void navigate({ search: { q: text }, replace: true, resetScroll: false });
  useEffect(() => {
    document.title = 'Endpoints · Perennial';
  }, []);
  return (
    <>
      <div className="page-head">
        <div className="titles">
          <h1>Endpoints</h1>
        </div>
        <Button leftSection={<IconRocket size={16} stroke={2} aria-hidden />} onClick={() => setDeploying(true)}>
          Deploy a version
        </Button>
      </div>
      <div className="panel">
        <div className="runs-bar">
          <input
            className="field list-search"
            data-filter
            aria-label="Search endpoints"
            placeholder="Part of a name or version"
            value={q}
            onChange={(event) => find(event.currentTarget.value || undefined)}
          />
          {all.data ? <span className="small quiet">{told(found(all.data.items, wanted).length, all.data.items.length)}</span> : null}
        </div>
        <Asked query={all} what="The list of endpoints is" rows={6}>
          {({ items }) => {
            const shown = found(items, wanted);
            return shown.length > 0 ? (
              <List items={shown} />
            ) : items.length > 0 ? (
              <Empty title="No endpoint matches">
                <Button variant="default" onClick={() => find(undefined)}>
                  Show all
                </Button>
              </Empty>
            ) : (
              <First />
            );
          }}
        </Asked>
      </div>
      <Suspense fallback={null}>{deploying ? <DeployDialog close={() => setDeploying(false)} /> : null}</Suspense>
    </>
  );
}

const told = (shown: number, all: number) => (shown === all ? `${exact(all)} in all` : `${exact(shown)} of ${exact(all)}`);

function First() {
  return (
    <Empty title="Nothing is deployed yet" icon={<IconRocket size={28} stroke={1.75} aria-hidden />}>
      <p className="quiet">
        An endpoint is an address that answers with a model’s scores, whichever version serves them. Deploy a version:
      </p>
      <Command text="perennial deploy models:/churn/1 --endpoint churn" />
      <p className="quiet">or let a lifecycle file make the endpoint with its first champion:</p>
      <Command text="perennial apply lifecycle.yaml" />
    </Empty>
  );
}

const sampleOf = (live: AllLive, name: string): Sample => ({
  at: live.at,
  scorers: live.scorers,
  versions: live.items.find((one) => one.endpoint === name)?.versions ?? [],
});

/** The counts of all endpoints, kept as one history of looks. */
function useRates(names: string[]): Map<string, Rate | undefined> | undefined {
  const live = useQuery(endpoints.allLive());
  const packed = useMemo(
    () => (live.data ? { at: live.data.at, scorers: live.data.scorers, versions: [], whole: live.data } : undefined),
    [live.data],
  );
  const history = useHistory(packed, 'all', KEPT_MILLIS) as (Sample & { whole: AllLive })[];
  const now = history.at(-1);
  const before = earlier(history, WINDOW_MILLIS) as typeof now;
  return useMemo(
    () =>
      now && before
        ? new Map(names.map((name) => [name, rateOfAll(sampleOf(before.whole, name), sampleOf(now.whole, name))] as const))
        : undefined,
    [names, now, before],
  );
}

function List({ items }: { items: EndpointSummary[] }) {
  const keys = useListKeys();
  const names = useMemo(() => items.map((one) => one.name), [items]);
  const rates = useRates(names);
  const models = useQuery(queries.models());
  const lives = useMemo(() => new Map((models.data?.items ?? []).map((model) => [model.model, model])), [models.data]);
  return (
    <Scroll label="Endpoints">
      <table className="grid endpoints">
        <thead>
          <tr>
            <th>Endpoint</th>
            <th>State</th>
            <th>Versions</th>
            <th className="num">Rows / s</th>
            <th className="num">Failed</th>
            <th className="num">Mean, ms</th>
            <th className="num">In the log</th>
            <th>Made by</th>
          </tr>
        </thead>
        <tbody onKeyDown={keys}>
          {items.map((one) => (
            <Line key={one.name} endpoint={one} rate={rates?.get(one.name)} life={lives.get(lifeOf(one) ?? '')} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Line({ endpoint, rate, life }: { endpoint: EndpointSummary; rate: Rate | undefined; life: ModelSummary | undefined }) {
  const { name, scope } = nameParts(endpoint.name);
  const model = lifeOf(endpoint);
  return (
    <tr>
      <td className="title">
        <div className="row">
          <Link
            to="/endpoints/$endpoint"
            params={{ endpoint: endpoint.name }}
            className="strong wrap-anywhere"
            data-row
            title={endpoint.name}
          >
            {name}
          </Link>
          <ReplayTag scope={scope} />
          {endpoint.default ? (
            <span className="tag" title="It answers /invocations without a name">
              default
            </span>
          ) : null}
        </div>
        {endpoint.project && endpoint.project !== 'default' ? <div className="small quiet">{endpoint.project}</div> : null}
      </td>
      <td>
        <EndpointState endpoint={endpoint} life={life} />
      </td>
      <td className="endpoint-split">
        <Split endpoint={endpoint.name} variants={endpoint.variants} thin />
        <div className="small quiet cut" title={splitText(endpoint.name, endpoint.variants)}>
          {splitText(endpoint.name, endpoint.variants)}
        </div>
      </td>
      <td className="num">{rate ? metric(rate.rowsPerSecond, 3) : ABSENT}</td>
      <td className={`num${rate?.failureShare ? ' tone-fail status' : ''}`}>{percent(rate?.failureShare)}</td>
      <td className="num">{metric(rate?.meanMillis, 3)}</td>
      <td className="num" title={exact(endpoint.records)}>
        {count(endpoint.records)}
      </td>
      <td>
        {model === undefined ? (
          'people'
        ) : (
          <Link to="/models/$model" params={{ model }}>
            lifecycle
          </Link>
        )}
      </td>
    </tr>
  );
}

/** How an endpoint stands; a rollout is told by its model, or by its own. */
export function EndpointState({
  endpoint,
  life,
}: {
  endpoint: Pick<EndpointSummary, 'state' | 'url' | 'rollout' | 'variants'>;
  life?: ModelSummary | undefined;
}) {
  if (endpoint.url === null) {
    return <Status word="WAITING" label="No scorer" />;
  }
  if (endpoint.state === 'EMPTY' || endpoint.variants.length === 0) {
    return <Status word="EMPTY" />;
  }
  if (life && ['SHADOW', 'CANARY', 'PAUSED'].includes(life.state)) {
    return <Status word={life.state} />;
  }
  if (endpoint.rollout) {
    return <Status word="ROLLING_OUT" />;
  }
  return endpoint.state === 'WAITING' ? <Status word="WAITING" label="Not everywhere yet" /> : <Status word="SERVING" />;
}
