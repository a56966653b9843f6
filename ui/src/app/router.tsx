import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Link,
  lazyRouteComponent,
  type RouterHistory,
  redirect,
} from '@tanstack/react-router';
import { OverviewPage } from '../features/overview/OverviewPage';
import { Empty, ErrorState } from '../shared/states';
import { Root } from './Root';
import { alertSearch, compareSearch, listSearch, loggedModelSearch, modelSearch, oneRunSearch, runSearch, versionSearch } from './search';

const rootRoute = createRootRoute({ component: Root, notFoundComponent: NotFound, errorComponent: Failed });

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
  // Older links open a run by a parameter of the list.
  beforeLoad: ({ location }) => {
    const run = (location.search as { run?: unknown }).run;
    if (typeof run === 'string' && run !== '') {
      throw redirect({ to: '/runs/$run', params: { run } });
    }
  },
  component: lazyRouteComponent(() => import('../features/runs/RunsPage'), 'RunsPage'),
});

const run = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs/$run',
  validateSearch: oneRunSearch,
  component: lazyRouteComponent(() => import('../features/run/RunPage'), 'RunPage'),
});
const compare = createRoute({
  getParentRoute: () => rootRoute,
  path: '/compare',
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import('../features/compare/ComparePage'), 'ComparePage'),
});
const experiments = createRoute({
  getParentRoute: () => rootRoute,
  path: '/experiments',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../features/experiments/ExperimentsPage'), 'ExperimentsPage'),
});
const registry = createRoute({
  getParentRoute: () => rootRoute,
  path: '/registry',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../features/registry/RegistryPage'), 'RegistryPage'),
});
const registered = createRoute({
  getParentRoute: () => rootRoute,
  path: '/registry/$name',
  component: lazyRouteComponent(() => import('../features/registry/RegisteredModelPage'), 'RegisteredModelPage'),
});
const registeredVersion = createRoute({
  getParentRoute: () => rootRoute,
  path: '/registry/$name/$version',
  validateSearch: versionSearch,
  component: lazyRouteComponent(() => import('../features/registry/VersionPage'), 'VersionPage'),
});
const loggedModel = createRoute({
  getParentRoute: () => rootRoute,
  path: '/logged-models/$model',
  validateSearch: loggedModelSearch,
  component: lazyRouteComponent(() => import('../features/logged/LoggedModelPage'), 'LoggedModelPage'),
});
const scorings = createRoute({
  getParentRoute: () => rootRoute,
  path: '/scorings',
  component: lazyRouteComponent(() => import('../features/scorings/ScoringsPage'), 'ScoringsPage'),
});
const endpoints = createRoute({
  getParentRoute: () => rootRoute,
  path: '/endpoints',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../features/endpoints/EndpointsPage'), 'EndpointsPage'),
});
const endpoint = createRoute({
  getParentRoute: () => rootRoute,
  path: '/endpoints/$endpoint',
  component: lazyRouteComponent(() => import('../features/endpoints/EndpointPage'), 'EndpointPage'),
});
const users = createRoute({
  getParentRoute: () => rootRoute,
  path: '/users',
  component: lazyRouteComponent(() => import('../features/access/UsersPage'), 'UsersPage'),
});
const user = createRoute({
  getParentRoute: () => rootRoute,
  path: '/users/$user',
  component: lazyRouteComponent(() => import('../features/access/RightsPage'), 'RightsPage'),
});
const mine = createRoute({
  getParentRoute: () => rootRoute,
  path: '/me',
  component: lazyRouteComponent(() => import('../features/access/AccountPage'), 'AccountPage'),
});
const projects = createRoute({
  getParentRoute: () => rootRoute,
  path: '/projects',
  component: lazyRouteComponent(() => import('../features/access/ProjectsPage'), 'ProjectsPage'),
});
const project = createRoute({
  getParentRoute: () => rootRoute,
  path: '/projects/$project',
  component: lazyRouteComponent(() => import('../features/access/MembersPage'), 'MembersPage'),
});
const tokens = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tokens',
  component: lazyRouteComponent(() => import('../features/access/TokensPage'), 'TokensPage'),
});
const setUp = createRoute({ getParentRoute: () => rootRoute, path: '/set-up' });

const routeTree = rootRoute.addChildren([
  overview,
  model,
  alerts,
  runs,
  run,
  compare,
  experiments,
  registry,
  registered,
  registeredVersion,
  loggedModel,
  scorings,
  endpoints,
  endpoint,
  users,
  user,
  mine,
  projects,
  project,
  tokens,
  setUp,
]);

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
