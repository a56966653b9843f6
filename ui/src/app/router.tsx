import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Link,
  lazyRouteComponent,
  type RouterHistory,
} from '@tanstack/react-router';
import { OverviewPage } from '../features/overview/OverviewPage';
import { Empty, ErrorState } from '../shared/states';
import { Shell } from './Shell';
import { alertSearch, modelSearch, runSearch } from './search';

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Failed });

const overview = createRoute({ getParentRoute: () => rootRoute, path: '/', component: OverviewPage });
const model = createRoute({
  getParentRoute: () => rootRoute,
  path: '/models/$model',
  validateSearch: modelSearch,
  component: lazyRouteComponent(() => import('../features/model/ModelPage'), 'ModelPage'),
});
const alerts = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts',
  validateSearch: alertSearch,
  component: lazyRouteComponent(() => import('../features/alerts/AlertsPage'), 'AlertsPage'),
});
const runs = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs',
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import('../features/runs/RunsPage'), 'RunsPage'),
});

const routeTree = rootRoute.addChildren([overview, model, alerts, runs]);

export function makeRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    basepath: new URL(document.baseURI).pathname,
    defaultPreload: 'intent',
    defaultErrorComponent: Failed,
    pathParamsAllowedCharacters: ['@'],
    scrollRestoration: true,
    ...(history ? { history } : {}),
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

function Failed({ error, reset }: ErrorComponentProps) {
  return <ErrorState error={error} retry={reset} />;
}

function NotFound() {
  return (
    <Empty title="There is no page at this address">
      <p className="quiet">
        <Link to="/">Go to the overview</Link>
      </p>
    </Empty>
  );
}
