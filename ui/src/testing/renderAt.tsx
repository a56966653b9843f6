import { QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import { Providers } from '../app/Providers';
import { queryClient } from '../app/queryClient';
import { makeRouter } from '../app/router';

/** The real router, the real query client without its retries, at an address. */
export function renderAt(address: string) {
  queryClient.clear();
  queryClient.setDefaultOptions({ queries: { retry: false, networkMode: 'always' }, mutations: { retry: false, networkMode: 'always' } });
  const router = makeRouter(createMemoryHistory({ initialEntries: [address] }));
  render(
    <QueryClientProvider client={queryClient}>
      <Providers env="test">
        <RouterProvider router={router} />
      </Providers>
    </QueryClientProvider>,
  );
  return router;
}
