import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/client';
import { LiveFeed } from '../api/live';

/** What a person did wrong is not tried again; a server that is away is asked once more, and then by polling. */
function retry(failures: number, error: Error): boolean {
  return failures < 1 && !(error instanceof ApiError && error.status >= 400 && error.status < 500);
}

export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry, staleTime: 1000, networkMode: 'always' }, mutations: { retry: false, networkMode: 'always' } },
});

export const liveFeed = new LiveFeed(queryClient);
