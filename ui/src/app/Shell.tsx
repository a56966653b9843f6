import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import {
  IconActivity,
  IconBell,
  IconFlask2,
  IconFolders,
  IconKey,
  IconKeyboard,
  IconLayoutDashboard,
  IconLogout,
  IconMenu2,
  IconMoon,
  IconPackages,
  IconRocket,
  IconSearch,
  IconSun,
  IconTableRow,
  IconUser,
  IconUsers,
} from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { access, signOut } from '../api/access';
import { isStale, useLive } from '../api/live';
import { queries } from '../api/queries';
import { signInWanted } from '../api/session';
import { Ago } from '../shared/bits';
import { ToneIcon, tell } from '../shared/Status';
import { liveFeed, queryClient } from './queryClient';
import { useFeed } from './useFeed';

const Palette = lazy(() => import('./Palette'));
const Keys = lazy(() => import('./Keys'));

export function Shell() {
  const [menu, setMenu] = useState(false);
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  const place = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);

  useFeed();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes the menu
  useEffect(() => setMenu(false), [place]);
  useHotkeys(
    [
      ['mod+K', () => setPalette(true)],
      ['shift+?', () => setKeys(true), { usePhysicalKeys: false }],
      ['?', () => setKeys(true)],
      ['/', () => main.current?.querySelector<HTMLInputElement>('[data-filter]')?.focus()],
      ['Escape', () => setMenu(false)],
    ],
    ['INPUT', 'TEXTAREA', 'SELECT'],
  );

  return (
    <div className="shell">
      <a className="skip" href={`${place}#main`}>
        Skip to the content
      </a>
      <header className="shell-head">
        <ActionIcon
          className="menu-button"
          variant="subtle"
          color="gray"
          size={34}
          aria-label="Menu"
          aria-expanded={menu}
          onClick={() => setMenu((open) => !open)}
        >
          <IconMenu2 size={18} stroke={1.75} aria-hidden />
        </ActionIcon>
        <Link to="/" className="brand">
          <Mark /> Perennial
        </Link>
        <span className="grow" />
        <LiveSign />
        <ActionIcon
          variant="subtle"
          color="gray"
          size={34}
          aria-label="Search (Ctrl K)"
          title="Search (Ctrl K)"
          onClick={() => setPalette(true)}
        >
          <IconSearch size={18} stroke={1.75} aria-hidden />
        </ActionIcon>
        <ActionIcon
          className="only-wide"
          variant="subtle"
          color="gray"
          size={34}
          aria-label="Keyboard shortcuts (?)"
          title="Keyboard shortcuts (?)"
          onClick={() => setKeys(true)}
        >
          <IconKeyboard size={18} stroke={1.75} aria-hidden />
        </ActionIcon>
        <SchemeButton />
        <SignOut />
      </header>
      <nav className={`shell-menu${menu ? ' open' : ''}`} aria-label="Main">
        <Menu />
      </nav>
      <main className="shell-main" id="main" ref={main} tabIndex={-1}>
        <StaleBanner />
        <Suspense fallback={null}>
          <Outlet />
        </Suspense>
      </main>
      <Suspense fallback={null}>
        {palette ? <Palette close={() => setPalette(false)} /> : null}
        {keys ? <Keys close={() => setKeys(false)} /> : null}
      </Suspense>
    </div>
  );
}

function Menu() {
  const models = useQuery(queries.models());
  const alerts = useQuery(queries.alerts());
  const open = alerts.data?.filter((alert) => alert.state === 'OPEN').length ?? 0;
  return (
    <>
      <Item to="/" icon={<IconLayoutDashboard size={18} stroke={1.75} aria-hidden />} name="Overview" exact />
      <Item
        to="/alerts"
        icon={<IconBell size={18} stroke={1.75} aria-hidden />}
        name="Alerts"
        side={
          open > 0 ? (
            <span className="count tone-fail">
              {open}
              <span className="hidden-text"> open</span>
            </span>
          ) : null
        }
      />
      <Item to="/experiments" icon={<IconFlask2 size={18} stroke={1.75} aria-hidden />} name="Experiments" />
      <Item to="/runs" icon={<IconActivity size={18} stroke={1.75} aria-hidden />} name="Runs" />
      <Item to="/registry" icon={<IconPackages size={18} stroke={1.75} aria-hidden />} name="Registry" />
      <Item to="/endpoints" icon={<IconRocket size={18} stroke={1.75} aria-hidden />} name="Endpoints" />
      <Item to="/scorings" icon={<IconTableRow size={18} stroke={1.75} aria-hidden />} name="Scorings" />
      <Account />
      {models.data && models.data.items.length > 0 ? <h2 className="menu-head">Models</h2> : null}
      {models.data?.items.map((model) => {
        const [tone, label] = tell(model.state);
        return (
          <Link
            key={model.model}
            to="/models/$model"
            params={{ model: model.model }}
            className="menu-link"
            activeProps={{ className: 'active' }}
            title={`${model.model}: ${label}`}
          >
            <span className={`status tone-${tone}`}>
              <ToneIcon tone={tone} />
            </span>
            <span className="name">{model.model}</span>
          </Link>
        );
      })}
    </>
  );
}

/** Who I am, only where the server asks. */
function Account() {
  const { data: me } = useQuery(access.me());
  if (!me?.authenticated) {
    return null;
  }
  return (
    <>
      <h2 className="menu-head">Access</h2>
      <Item to="/me" icon={<IconUser size={18} stroke={1.75} aria-hidden />} name={me.user} />
      <Item to="/projects" icon={<IconFolders size={18} stroke={1.75} aria-hidden />} name="Projects" />
      <Item to="/tokens" icon={<IconKey size={18} stroke={1.75} aria-hidden />} name="Tokens" />
      {me.administrator ? <Item to="/users" icon={<IconUsers size={18} stroke={1.75} aria-hidden />} name="Users" /> : null}
    </>
  );
}

function SignOut() {
  const { data: me } = useQuery(access.me());
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      signInWanted.set(true);
      queryClient.clear();
    },
    onError: (error) => notifications.show({ title: 'Not signed out', message: error.message, color: 'red' }),
  });
  return me?.authenticated ? (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={34}
      aria-label={`Sign out ${me.user}`}
      title={`Sign out ${me.user}`}
      onClick={() => leave.mutate()}
    >
      <IconLogout size={18} stroke={1.75} aria-hidden />
    </ActionIcon>
  ) : null;
}

function Item({
  to,
  icon,
  name,
  side,
  exact = false,
}: {
  to: '/' | '/alerts' | '/experiments' | '/runs' | '/registry' | '/endpoints' | '/scorings' | '/users' | '/tokens' | '/projects' | '/me';
  icon: ReactNode;
  name: string;
  side?: ReactNode;
  exact?: boolean;
}) {
  return (
    <Link to={to} className="menu-link" activeProps={{ className: 'active' }} activeOptions={{ exact, includeSearch: false }}>
      {icon}
      <span className="name">{name}</span>
      {side}
    </Link>
  );
}

function LiveSign() {
  const live = useLive(liveFeed);
  const [tone, word] =
    live.failures > 0
      ? ['warn', 'Reconnecting']
      : live.heardAt > 0
        ? ['pass', 'Live']
        : ['unknown', live.unavailable ? 'Polling' : 'Connecting'];
  return (
    <span className={`row-tight small quiet tone-${tone}`} role="status">
      <span className="live-dot" /> {word}
    </span>
  );
}

function StaleBanner() {
  const live = useLive(liveFeed);
  if (!isStale(live)) {
    return null;
  }
  return (
    <div className="banner tone-warn" role="alert">
      <ToneIcon tone="warn" />
      <div>
        <strong>The server does not answer.</strong> What you see is
        {live.heardAt > 0 ? (
          <>
            {' '}
            from <Ago at={live.heardAt} />
          </>
        ) : (
          ' incomplete'
        )}
        . This page asks again by itself. Scorers go on answering without the server.
      </div>
    </div>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={34}
      aria-label={`Use ${other} colours`}
      title={`Use ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      {scheme === 'dark' ? <IconSun size={18} stroke={1.75} aria-hidden /> : <IconMoon size={18} stroke={1.75} aria-hidden />}
    </ActionIcon>
  );
}

/** A ring that never closes, and a leaf. */
export function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" fill="none" stroke="currentColor" aria-hidden="true">
      <circle cx="16" cy="16" r="12.5" strokeWidth="3" strokeDasharray="66 13" strokeLinecap="round" transform="rotate(-58 16 16)" />
      <path
        d="M16 23V14m0 3c0-4 2.5-6.500 7-6.500 0 4-2.500 6.500-7 6.500Zm0 3c0-3-2-5-5.500-5 0 3 2 5 5.500 5Z"
        fill="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </svg>
  );
}
