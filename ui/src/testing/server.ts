import { vi } from 'vitest';

export type Answer =
  | { status?: number; body: unknown }
  | ((request: { url: URL; method: string; body: unknown }) => { status?: number; body: unknown });

/** A server of answers by path; what nobody planned for is a 404 in the server's own shape. Keeps the requests that changed something. */
export function answers(routes: Record<string, Answer>) {
  const writes: { path: string; method: string; body: unknown; actor: string | null }[] = [];
  vi.stubGlobal('fetch', async (input: URL | string, init: RequestInit = {}) => {
    const url = new URL(input, 'http://127.0.0.1:7300/');
    const method = init.method ?? 'GET';
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    if (method !== 'GET' && !url.pathname.startsWith('/ajax-api')) {
      writes.push({ path: url.pathname, method, body, actor: new Headers(init.headers).get('X-Perennial-Actor') });
    }
    if (url.pathname === '/api/events' && url.searchParams.get('wait') !== '0') {
      return new Promise((_, stop) => init.signal?.addEventListener('abort', () => stop(new DOMException('stopped', 'AbortError'))));
    }
    const planned = routes[`${method} ${url.pathname}`] ?? routes[url.pathname];
    const found = typeof planned === 'function' ? planned({ url, method, body }) : planned;
    const { status = 200, body: answer } = found ?? {
      status: 404,
      body: { error: { code: 'ENDPOINT_NOT_FOUND', message: `no route ${url.pathname}`, field: null } },
    };
    return new Response(JSON.stringify(answer), { status, headers: { 'Content-Type': 'application/json' } });
  });
  return { writes };
}

export const problem = (status: number, code: string, message: string, field: string | null = null): Answer => ({
  status,
  body: { error: { code, message, field } },
});
