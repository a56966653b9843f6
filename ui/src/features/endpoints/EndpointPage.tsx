import { IconActivityHeartbeat } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import '../../app/runs.css';
import '../../app/run.css';
import '../../app/endpoints.css';
import { type EndpointDetail, type EndpointLive, endpointPath, endpoints } from '../../api/endpoints';
import { modelPath, queries } from '../../api/queries';
import { Fact, ReplayTag } from '../../shared/bits';
import { ABSENT, count, exact, metric, percent } from '../../shared/format';
import { Asked, Bones } from '../../shared/states';
import { Deployments, MissingEnvironments, Settings } from './About';
import { EndpointActions } from './EndpointActions';
import { EndpointState } from './EndpointsPage';
import { LivePanel, SHOWN_MILLIS, WINDOW_MILLIS } from './LivePanel';
import { earlier, quantile, rateOfAll, type Sample } from './rates';
import { useHistory } from './useHistory';
import { Variants } from './Variants';
import { addressesOf, lifeOf, nameParts } from './words';

const RolloutPanel = lazy(() => import('../model/RolloutPanel'));
const ScoreDifferences = lazy(() => import('./ScoreDifferences'));
const TryIt = lazy(() => import('./TryIt'));
const Tallied = lazy(() => import('./Tallied'));
const Entries = lazy(() => import('./Entries'));

const route = getRouteApi('/endpoints/$endpoint');

/** How one endpoint does, which versions answer, and a way to try it. */
export function EndpointPage() {
  const { endpoint } = route.useParams();
  const found = useQuery(endpoints.one(endpoint));
  useEffect(() => {
    document.title = `${endpoint} · Perennial`;
  }, [endpoint]);
  return (
    <Asked query={found} what="The endpoint is" rows={8} back={<Link to="/endpoints">Go to the endpoints</Link>}>
      {(one) => <Shown key={endpoint} endpoint={one} />}
    </Asked>
  );
}

function Shown({ endpoint }: { endpoint: EndpointDetail }) {
  const live = useQuery(endpoints.live(endpoint.name));
  const history = useHistory(live.data, endpoint.name, SHOWN_MILLIS);
  const model = lifeOf(endpoint);
  return (
    <>
      <Head endpoint={endpoint} model={model} />
      <Numbers endpoint={endpoint} history={history} turns={live.data?.turns} />
      <div className="stack endpoint-panels">
        <MissingEnvironments endpoint={endpoint} />
        <Variants endpoint={endpoint} history={history} />
        <LivePanel endpoint={endpoint.name} variants={endpoint.variants} history={history} />
        <Suspense fallback={null}>
          {model === undefined ? <RolloutPanel of={endpointPath(endpoint.name)} zone="UTC" /> : <OfLife model={model} />}
          <Tallied endpoint={endpoint.name} />
        </Suspense>
        <Suspense fallback={<Bones rows={4} />}>
          <TryIt endpoint={endpoint} now={Date.now()} />
        </Suspense>
        <Deployments endpoint={endpoint} />
        <Settings endpoint={endpoint} />
        <Suspense fallback={null}>
          <Entries stream={model === undefined ? `endpoint:${endpoint.name}` : `model:${model}`} />
        </Suspense>
      </div>
    </>
  );
}

function OfLife({ model }: { model: string }) {
  const detail = useQuery(queries.model(model));
  return detail.data ? (
    <>
      <RolloutPanel of={modelPath(model)} zone={detail.data.timeZone} model={model} />
      <ScoreDifferences model={model} />
    </>
  ) : null;
}

function Head({ endpoint, model }: { endpoint: EndpointDetail; model: string | undefined }) {
  const { name, scope } = nameParts(endpoint.name);
  const models = useQuery(queries.models());
  return (
    <>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/endpoints">Endpoints</Link>
      </nav>
      <div className="page-head">
        <div className="titles stack-tight">
          <div className="row">
            <h1 className="long-name">{name}</h1>
            <EndpointState endpoint={endpoint} life={models.data?.items.find((one) => one.model === model)} />
            <ReplayTag scope={scope} />
            {model === undefined ? null : (
              <Link to="/models/$model" params={{ model }} className="row-tight">
                <IconActivityHeartbeat size={16} stroke={2} aria-hidden /> Life of the model
              </Link>
            )}
          </div>
          <p className="quiet wrap-anywhere">
            {endpoint.url === null ? 'no scorer answers for it now' : addressesOf(endpoint).join(' · ')}
          </p>
        </div>
        <EndpointActions endpoint={endpoint} />
      </div>
    </>
  );
}

function loggedText({ settings: { log }, inputs, tensors }: EndpointDetail): string {
  if (inputs.length === 0 && tensors.length > 0) {
    return 'tensors are in no prediction log';
  }
  if (log.inputs === 'none') {
    return 'nothing is kept by its settings';
  }
  return log.share < 1 ? `${percent(log.share)} of the calls are kept` : 'every call is kept';
}

interface NumbersProps {
  endpoint: EndpointDetail;
  history: Sample[];
  turns: EndpointLive['turns'];
}

function Numbers({ endpoint, history, turns }: NumbersProps) {
  const now = history.at(-1);
  const before = earlier(history, WINDOW_MILLIS);
  const rate = before && now ? rateOfAll(before, now) : undefined;
  const [middle, high] = [0.5, 0.99].map((share) => (before && now ? quantile(before, now, share) : undefined));
  const serving = endpoint.scorers.filter((one) => one.alive);
  const behind = serving.filter((one) => !one.current).map((one) => one.id);
  return (
    <dl className="facts six">
      <Fact name="Traffic now">
        <span className="big">{rate ? metric(rate.rowsPerSecond, 3) : ABSENT}</span> <span className="quiet">rows a second</span>
        <div className="small quiet">{rate ? `${metric(rate.requestsPerSecond, 3)} requests a second` : 'asking the scorers twice'}</div>
      </Fact>
      <Fact name="Latency now">
        <span className="big">{middle ? metric(middle.millis, 3) : ABSENT}</span> <span className="quiet">ms, half of the requests</span>
        <div className="small quiet">
          {high ? `99 % within ${high.beyond ? 'more than ' : ''}${metric(high.millis, 3)} ms` : 'no request in the last seconds'}
        </div>
      </Fact>
      <Fact name="Failed now">
        <span className={`big${rate?.failureShare ? ' tone-fail status' : ''}`}>{percent(rate?.failureShare)}</span>
        <div className="small quiet">of the requests, refused ones included</div>
      </Fact>
      <Fact name="Answered by a fallback">
        <span className="big">{count(turns?.fallbacks)}</span> <span className="quiet">rows</span>
        <div className="small quiet">
          {turns ? `${count(turns.shed)} calls refused because too much waited; since the scorers began` : 'no scorer tells'}
        </div>
      </Fact>
      <Fact name="Predictions in the log">
        <span className="big" title={exact(endpoint.records)}>
          {count(endpoint.records)}
        </span>
        <div className="small quiet">{loggedText(endpoint)}</div>
      </Fact>
      <Fact name="Scorers">
        <span className="big">{serving.length}</span> <span className="quiet">alive</span>
        <div className="small quiet">
          {serving.length === 0
            ? 'nobody answers calls'
            : behind.length === 0
              ? 'all serve what is decided'
              : `${behind.join(', ')} ${behind.length === 1 ? 'does' : 'do'} not serve the newest yet`}
        </div>
      </Fact>
    </dl>
  );
}
