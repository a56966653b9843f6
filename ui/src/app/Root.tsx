import { useRouterState } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useSignInWanted } from '../api/session';
import { Shell } from './Shell';

const SignInPage = lazy(() => import('../features/access/SignInPage'));
const SetUpPage = lazy(() => import('../features/access/SetUpPage'));

/** The shell, or in its place what comes before it. The address stays, so whoever signs in is where they wanted to be. */
export function Root() {
  const wanted = useSignInWanted();
  const place = useRouterState({ select: (state) => state.location.pathname });
  if (place === '/set-up') {
    return (
      <Suspense fallback={null}>
        <SetUpPage />
      </Suspense>
    );
  }
  return wanted ? (
    <Suspense fallback={null}>
      <SignInPage />
    </Suspense>
  ) : (
    <Shell />
  );
}
