import './app/styles';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { pageOfMlflow } from './app/mlflowAddress';
import { Providers } from './app/Providers';
import { queryClient } from './app/queryClient';
import { makeRouter } from './app/router';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
// Read by the scroll lock under dialogs, which writes a style element.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;

const page = pageOfMlflow(location.hash);
if (page !== null) {
  history.replaceState(null, '', new URL(page, document.baseURI));
}

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Providers nonce={nonce}>
          <RouterProvider router={makeRouter()} />
        </Providers>
      </QueryClientProvider>
    </StrictMode>,
  );
}
